// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client that has little memory for TLS records: preloaded (LD_PRELOAD) into sstpd,
 * it asks the server for no more than 512 bytes in each (RFC 6066 4).
 */
#include <dlfcn.h>

#include <openssl/ssl.h>

SSL *SSL_new(SSL_CTX *ctx)
{
	SSL *(*real)(SSL_CTX *ctx) = (SSL *(*)(SSL_CTX *))dlsym(RTLD_NEXT, "SSL_new");
	SSL *ssl = real(ctx);

	if (ssl)
		SSL_set_tlsext_max_fragment_length(ssl, TLSEXT_max_fragment_length_512);
	return ssl;
}
