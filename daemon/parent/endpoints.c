// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/endpoints.h"

#include <openssl/rand.h>

#include "data/settings.h"

static struct endpoint endpoints[CONF_CLIENTS_MAX];

/* Without randomness there is none, and no server knows it again. */
const struct endpoint *endpoints_of(uint32_t client)
{
	struct endpoint *endpoint = &endpoints[client];

	if (!endpoint_is_set(endpoint) && RAND_bytes(endpoint->id, ENDPOINT_LEN) != 1)
		memset(endpoint, 0, sizeof(*endpoint));
	return endpoint;
}

void endpoints_resume(uint32_t client, const struct endpoint *endpoint)
{
	if (endpoint_is_set(endpoint))
		endpoints[client] = *endpoint;
}
