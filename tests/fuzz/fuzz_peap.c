// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server says inside of PEAP: first byte odd = a Crypto-Binding has to be, then
 * steps, each what came out of TLS. There is no TLS here, so no keys: no login is good.
 */
#include <openssl/ssl.h>

#include "eapd/peap.h"
#include "fuzz.h"

static SSL_CTX *context;

/* As authd would; the server knows it if it says the same. */
static void prove(struct peap *p)
{
	struct peap_proof proof = { .ok = true };
	uint8_t auth[MSCHAP_CHALLENGE_LEN], peer[MSCHAP_CHALLENGE_LEN];
	uint8_t packet[AUTH_PACKET_MAX];
	struct wbuf out = wbuf_of(packet, sizeof(packet));

	memcpy(proof.auth_response, "S=0000000000000000000000000000000000000000",
	       sizeof(proof.auth_response));
	peap_challenges(p, auth, peer);
	FUZZ_CHECK(peap_proof(p, &proof, &out) != EAP_TLS_DONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	bool need_binding = buf_get_u8(&in) & 1;
	uint8_t answer[EAP_TLS_INSIDE_MAX];
	enum eap_tls_state state;
	struct fuzz_step step;
	struct eap_tls *t;
	struct peap *p;
	struct wbuf out;

	if (!context)
		context = SSL_CTX_new(TLS_client_method());
	t = eap_tls_new(context, "srv.test");
	p = t ? peap_new(t, "alice", need_binding) : NULL;
	FUZZ_CHECK(p);
	while (fuzz_step(&in, &step)) {
		out = wbuf_of(answer, sizeof(answer));
		state = peap_input(p, rbuf_of(step.data, step.len), &out);
		FUZZ_CHECK(state != EAP_TLS_DONE && !out.bad);
		FUZZ_CHECK(state != EAP_TLS_WAITS || !out.len);
		FUZZ_CHECK(state != EAP_TLS_FAILED || *eap_tls_why(t));
		fuzz_read(answer, out.len);
		if (state == EAP_TLS_WAITS)
			prove(p);
		fuzz_step_end(&step);
	}
	peap_free(p);
	eap_tls_free(t);
	return 0;
}
