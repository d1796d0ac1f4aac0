// SPDX-License-Identifier: GPL-2.0-or-later
/* A Router Advertisement of a server. */
#include "fuzz.h"
#include "parent/ra.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_copy(data, size);
	struct rbuf r = rbuf_of(copy, size);
	struct ra_offer offer;

	if (ra_get(&r, &offer))
		FUZZ_CHECK(!r.bad && !r.len);
	FUZZ_CHECK(offer.n <= RA_PREFIXES_MAX);
	FUZZ_CHECK(offer.n_dns <= RA_DNS_MAX && (!offer.n_dns || offer.dns_s));
	for (unsigned int i = 0; i < offer.n; i++)
		FUZZ_CHECK(offer.prefixes[i].preferred_s <= offer.prefixes[i].valid_s);
	free(copy);
	return 0;
}
