/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel TLS with fixed test keys and no handshake.
 *
 * Both ends derive the same two keys from the direction alone, so two
 * processes that agree on the suite and on who is the client can talk.
 * Nothing here is secret: for tests only.
 */
#ifndef SELFTESTS_KTLS_H
#define SELFTESTS_KTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* TLS content types (RFC 8446 5.1). */
enum {
	KTLS_ALERT = 21,
	KTLS_HANDSHAKE = 22,
	KTLS_DATA = 23,
};

#define KTLS_RECORD_MAX 16384

enum ktls_dir {
	KTLS_NONE = 0,
	KTLS_TX = 1,
	KTLS_RX = 2,
	KTLS_BOTH = 3,
};

/**
 * struct ktls_suite - what to put into struct tls_crypto_info
 * @version: TLS_1_2_VERSION or TLS_1_3_VERSION
 * @cipher: TLS_CIPHER_*
 */
struct ktls_suite {
	uint16_t version;
	uint16_t cipher;
};

/*
 * @version: "1.2" or "1.3". @cipher: "aes-128-gcm", "aes-256-gcm" or
 * "chacha20-poly1305". NULL leaves the field alone. 0 or -EINVAL.
 */
int ktls_suite_parse(struct ktls_suite *suite, const char *version,
		     const char *cipher);

/* TLS 1.3 with AES-128-GCM. */
extern const struct ktls_suite ktls_default;

/* Install the ULP and the keys of the directions in @dirs. 0 or -errno. */
int ktls_enable(int fd, const struct ktls_suite *suite, bool client,
		unsigned int dirs);

#define KTLS_KEY_LEN	16
#define KTLS_IV_LEN	12

/* What ktls_enable() installs for ktls_default: to make records by hand. */
void ktls_default_key(bool client_to_server, uint8_t key[KTLS_KEY_LEN],
		      uint8_t iv[KTLS_IV_LEN]);

/* Send @len bytes (1..KTLS_RECORD_MAX) as one record. Bytes or -errno. */
ssize_t ktls_send(int fd, uint8_t type, const void *buf, size_t len);

/*
 * Receive plaintext of records of one type, which is stored in @type.
 * Bytes, 0 at the end of the stream, or -errno.
 */
ssize_t ktls_recv(int fd, uint8_t *type, void *buf, size_t size);

#endif /* SELFTESTS_KTLS_H */
