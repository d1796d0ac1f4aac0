// SPDX-License-Identifier: GPL-2.0-or-later
/* One SSTP control packet and its attributes, read as every type of message. */
#include "fuzz.h"
#include "sstp/sstp_pkt.h"

static void walk(const struct sstp_ctrl *m)
{
	struct rbuf attrs = m->attrs;
	struct sstp_attr a;

	while (sstp_attr_next(&attrs, &a) > 0)
		fuzz_read(a.value.p, a.value.len);
	fuzz_read((const uint8_t *)sstp_msg_name(m->type), 1);
}

/* What we answer must be a packet that we would take. */
static void refuse(const struct sstp_faults *faults)
{
	uint8_t room[SSTP_PKT_MAX];
	struct wbuf w = wbuf_of(room, sizeof(room));
	struct sstp_ctrl m;

	FUZZ_CHECK(faults->n > 0 && faults->n <= SSTP_FAULTS_MAX);
	sstp_put_nak(&w, faults);
	FUZZ_CHECK(!w.bad && sstp_ctrl_parse(&m, w.p, w.len));
	FUZZ_CHECK(sstp_attrs_well_formed(&m));
}

static void check(const struct sstp_ctrl *m)
{
	struct sstp_faults faults = { 0 };
	struct sstp_fault fault = { 0 };
	uint8_t nonce[SSTP_NONCE_LEN], mask, attr;
	uint32_t status;

	sstp_attrs_well_formed(m);
	if (sstp_request_check(m, &faults) == SSTP_NAK)
		refuse(&faults);
	sstp_ack_check(m, &mask, nonce, &fault);
	if (sstp_connected_check(m, &fault) == SSTP_OK)
		FUZZ_CHECK(m->len == SSTP_CONNECTED_LEN);
	sstp_empty_check(m, &fault);
	if (sstp_status_read(m, &attr, &status))
		FUZZ_CHECK(sstp_status_name(status));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sstp_ctrl m;
	uint8_t *pkt;

	if (size < SSTP_HDR_LEN || size > SSTP_PKT_MAX)
		return 0;
	pkt = fuzz_copy(data, size);
	if (sstp_ctrl_parse(&m, pkt, size)) {
		walk(&m);
		check(&m);
	}
	free(pkt);
	return 0;
}
