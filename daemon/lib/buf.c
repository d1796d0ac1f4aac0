// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/buf.h"

#include <string.h>

const uint8_t *buf_get(struct rbuf *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || n > r->len) {
		r->bad = true;
		return NULL;
	}
	/* Adding 0 to a null pointer is undefined; an empty reader may hold one. */
	if (n) {
		r->p += n;
		r->len -= n;
	}
	return p;
}

uint8_t buf_get_u8(struct rbuf *r)
{
	const uint8_t *p = buf_get(r, 1);

	return p ? p[0] : 0;
}

uint16_t buf_get_u16(struct rbuf *r)
{
	const uint8_t *p = buf_get(r, 2);

	return p ? p[0] << 8 | p[1] : 0;
}

uint32_t buf_get_u32(struct rbuf *r)
{
	const uint8_t *p = buf_get(r, 4);

	if (!p)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool buf_copy(struct rbuf *r, void *dst, size_t n)
{
	const uint8_t *p = buf_get(r, n);

	if (!n)
		return !r->bad;
	if (!p) {
		memset(dst, 0, n);
		return false;
	}
	memcpy(dst, p, n);
	return true;
}

struct rbuf buf_split(struct rbuf *r, size_t n)
{
	const uint8_t *p = buf_get(r, n);

	if (r->bad)
		return (struct rbuf){ .bad = true };
	return rbuf_of(p, n);
}

/* Room for @n more bytes, or NULL. */
static uint8_t *wbuf_room(struct wbuf *w, size_t n)
{
	uint8_t *p;

	if (w->bad || n > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	p = w->p + w->len;
	w->len += n;
	return p;
}

void buf_put(struct wbuf *w, const void *src, size_t n)
{
	uint8_t *p;

	if (!n)
		return;
	p = wbuf_room(w, n);
	if (p)
		memcpy(p, src, n);
}

void buf_put_u8(struct wbuf *w, uint8_t v)
{
	buf_put(w, &v, 1);
}

void buf_put_u16(struct wbuf *w, uint16_t v)
{
	const uint8_t b[] = { v >> 8, v };

	buf_put(w, b, sizeof(b));
}

void buf_put_u32(struct wbuf *w, uint32_t v)
{
	const uint8_t b[] = { v >> 24, v >> 16, v >> 8, v };

	buf_put(w, b, sizeof(b));
}

void buf_put_zero(struct wbuf *w, size_t n)
{
	uint8_t *p;

	if (!n)
		return;
	p = wbuf_room(w, n);
	if (p)
		memset(p, 0, n);
}

void buf_put_str(struct wbuf *w, const char *s)
{
	buf_put(w, s, strlen(s));
}

void buf_set_u16(struct wbuf *w, size_t off, uint16_t v)
{
	if (w->bad || off > w->len || w->len - off < 2) {
		w->bad = true;
		return;
	}
	w->p[off] = v >> 8;
	w->p[off + 1] = v & 0xff;
}
