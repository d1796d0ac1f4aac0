// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * EAP-TLS, both roles: first byte odd = server, then steps, each one EAP packet of the
 * peer. Nobody has a certificate that the other one trusts: no handshake may succeed.
 */
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "eapd/eap_tls.h"
#include "fuzz.h"
#include "ppp/auth.h"
#include "ppp/eap.h"

static SSL_CTX *contexts[2];

static void self_sign(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	FUZZ_CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
	FUZZ_CHECK(SSL_CTX_use_certificate(ctx, cert) == 1 &&
		   SSL_CTX_use_PrivateKey(ctx, key) == 1);
	EVP_PKEY_free(key);
	X509_free(cert);
}

static void set_up(void)
{
	for (int i = 0; i < 2; i++) {
		contexts[i] = SSL_CTX_new(i ? TLS_server_method() : TLS_client_method());
		self_sign(contexts[i]);
		SSL_CTX_set_verify(contexts[i], SSL_VERIFY_PEER |
				   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rbuf_of(data, size);
	bool server = buf_get_u8(&in) & 1;
	uint8_t packet[AUTH_PACKET_MAX];
	struct fuzz_step step;
	struct eap_tls *t;
	struct wbuf out;

	if (!contexts[0])
		set_up();
	t = eap_tls_new(contexts[server], server ? NULL : "srv.test");
	FUZZ_CHECK(t);
	while (fuzz_step(&in, &step)) {
		out = wbuf_of(packet, sizeof(packet));
		FUZZ_CHECK(eap_tls_input(t, rbuf_of(step.data, step.len), &out) != EAP_TLS_DONE);
		FUZZ_CHECK(!out.bad && out.len <= EAP_TLS_FRAGMENT + 10);
		FUZZ_CHECK(!out.len || packet[0] == (server ? EAP_REQUEST : EAP_RESPONSE));
		fuzz_step_end(&step);
	}
	eap_tls_free(t);
	return 0;
}
