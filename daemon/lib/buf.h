/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounds-checked reader and writer. Every parser and builder of the daemon
 * goes through these two; none of them does pointer arithmetic of its own.
 *
 * Both have a sticky error flag: the first access past the end sets @bad, and
 * from then on every get returns 0 / NULL and every put writes nothing. A
 * parser may therefore read a whole structure and check @bad once at its end.
 * Multi-byte integers are big-endian on the wire, host order in arguments.
 */
#ifndef SSTPD_BUF_H
#define SSTPD_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct rbuf - reader over borrowed bytes
 * @p: next byte to read
 * @len: bytes left from @p on
 * @bad: a read went past the end
 */
struct rbuf {
	const uint8_t *p;
	size_t len;
	bool bad;
};

/**
 * struct wbuf - writer into borrowed, fixed-size storage
 * @p: start of the storage
 * @len: bytes written so far
 * @cap: size of the storage
 * @bad: a write did not fit; nothing of it was written
 */
struct wbuf {
	uint8_t *p;
	size_t len;
	size_t cap;
	bool bad;
};

static inline struct rbuf rbuf_of(const void *p, size_t len)
{
	return (struct rbuf){ .p = p, .len = len };
}

static inline struct wbuf wbuf_of(void *p, size_t cap)
{
	return (struct wbuf){ .p = p, .cap = cap };
}

/* The next @n bytes (valid as long as the underlying storage), or NULL. */
const uint8_t *buf_get(struct rbuf *r, size_t n);
uint8_t buf_get_u8(struct rbuf *r);
uint16_t buf_get_u16(struct rbuf *r);
uint32_t buf_get_u32(struct rbuf *r);
/* Copies @n bytes out; @dst is zeroed when they are not there. */
bool buf_copy(struct rbuf *r, void *dst, size_t n);
/* Splits the next @n bytes off as a reader of their own (bad if too short). */
struct rbuf buf_split(struct rbuf *r, size_t n);

void buf_put(struct wbuf *w, const void *src, size_t n);
void buf_put_u8(struct wbuf *w, uint8_t v);
void buf_put_u16(struct wbuf *w, uint16_t v);
void buf_put_u32(struct wbuf *w, uint32_t v);
void buf_put_zero(struct wbuf *w, size_t n);
void buf_put_str(struct wbuf *w, const char *s);
/* Overwrites two bytes already written, for length fields known late. */
void buf_set_u16(struct wbuf *w, size_t off, uint16_t v);

#endif /* SSTPD_BUF_H */
