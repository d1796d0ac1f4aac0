/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 records made in userspace (RFC 8446 5.2), with the keys of ktls_default:
 * kTLS would not send what no TLS stack sends.
 */
#ifndef SELFTESTS_FORGE_H
#define SELFTESTS_FORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktls.h"
#include "wire.h"

#define FORGE_HDR	5	/* type, version, length */
#define FORGE_TAG	16

/**
 * struct forge - one direction of a connection
 * @seq: number of the next record
 */
struct forge {
	uint8_t key[KTLS_KEY_LEN];
	uint8_t iv[KTLS_IV_LEN];
	uint64_t seq;
};

void forge_init(struct forge *f, bool client);

/*
 * Append the record with @len bytes of @data, the content type @type (0 = none)
 * and @pad zeros. It may be longer than TLS allows.
 */
void forge_record(struct forge *f, uint8_t type, const void *data, size_t len,
		  size_t pad, struct wire_buf *out);

#endif /* SELFTESTS_FORGE_H */
