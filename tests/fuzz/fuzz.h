/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. Each fuzz_NAME.c has one libFuzzer entry point;
 * its input is the bytes a peer sends, or a sequence of steps
 *
 *	what (1 byte), length (2 bytes, big-endian), that many bytes
 *
 * the last of which may be cut short. ASan and UBSan watch memory; what a parser
 * promises beyond that is stated with FUZZ_CHECK.
 */
#ifndef SSTPD_FUZZ_H
#define SSTPD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(promise) \
	((promise) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #promise))

static inline void fuzz_broken(const char *file, int line, const char *promise)
{
	fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
	abort();
}

/* A copy in an allocation of exactly that size: ASan sees one byte too many. */
static inline uint8_t *fuzz_copy(const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, p, len);
	return copy;
}

struct fuzz_step {
	uint8_t what;
	uint8_t *data;		/* owned, see fuzz_step_end() */
	size_t len;
};

static inline bool fuzz_step(struct rbuf *in, struct fuzz_step *step)
{
	size_t len;

	if (in->len < 3)
		return false;
	step->what = buf_get_u8(in);
	len = buf_get_u16(in);
	if (len > in->len)
		len = in->len;
	step->data = fuzz_copy(in->p, len);
	step->len = len;
	buf_get(in, len);
	return true;
}

static inline void fuzz_step_end(struct fuzz_step *step)
{
	free(step->data);
}

/* The same "random" bytes every time: 0, 1, 2, ... */
static inline int fuzz_random(void *ctx, uint8_t *p, size_t len)
{
	(void)ctx;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)i;
	return 0;
}

/* Reads all of it: ASan sees a packet that is not there. */
static inline void fuzz_read(const uint8_t *p, size_t len)
{
	static volatile uint8_t sink;

	for (size_t i = 0; i < len; i++)
		sink = p[i];
	(void)sink;
}

#endif /* SSTPD_FUZZ_H */
