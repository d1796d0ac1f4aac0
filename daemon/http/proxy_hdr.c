// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/proxy_hdr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/addr.h"

#define V1_SIGNATURE	"PROXY "
#define V1_MAX		107	/* with CRLF */

#define V2_SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define V2_SIGNATURE_LEN	12
#define V2_HEAD_LEN	16	/* signature, version and command, family, length */
#define V2_LOCAL	0x20
#define V2_PROXY	0x21
#define V2_UNSPEC	0x00
#define V2_TCP4		0x11
#define V2_TCP6		0x21

void proxy_hdr_init(struct proxy_hdr *h)
{
	memset(h, 0, sizeof(*h));
}

static void proxy_hdr_set_source(struct proxy_hdr *h, int family,
				 const void *addr, uint16_t port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&h->source;
	struct sockaddr_in *sin = (struct sockaddr_in *)&h->source;

	h->source.ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		memcpy(&sin->sin_addr, addr, sizeof(sin->sin_addr));
		sin->sin_port = htons(port);
	} else {
		memcpy(&sin6->sin6_addr, addr, sizeof(sin6->sin6_addr));
		sin6->sin6_port = htons(port);
	}
	addr_unmap(&h->source);
	h->has_source = true;
}

/* ---- version 1: "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n" ---------------- */

/* The next word of a line, which ends at a blank or at the end of the line. */
static bool proxy_hdr_word(struct rbuf *line, char *word, size_t size)
{
	const uint8_t *blank = line->len ? memchr(line->p, ' ', line->len) :
					   NULL;
	size_t len = blank ? (size_t)(blank - line->p) : line->len;

	if (!len || len >= size || !buf_copy(line, word, len))
		return false;
	word[len] = '\0';
	/* A blank separates two words: there is one behind it. */
	if (blank && (!buf_get(line, 1) || !line->len))
		return false;
	return !memchr(word, '\0', len);
}

static bool proxy_hdr_port(struct rbuf *line, uint16_t *port)
{
	unsigned int value = 0;
	char word[6];

	if (!proxy_hdr_word(line, word, sizeof(word)))
		return false;
	for (const char *p = word; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		value = value * 10 + (unsigned int)(*p - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX && (word[0] != '0' || !word[1]);
}

static bool proxy_hdr_v1(struct proxy_hdr *h)
{
	struct rbuf line = rbuf_of(h->buf, h->len - 2);	/* without CRLF */
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	uint16_t port, to_port;
	uint8_t addr[16], to_addr[16];
	char word[8];
	int family;

	buf_get(&line, strlen(V1_SIGNATURE));
	if (!proxy_hdr_word(&line, word, sizeof(word)))
		return false;
	/* Whatever follows is to be ignored. */
	if (!strcmp(word, "UNKNOWN"))
		return true;
	if (strcmp(word, "TCP4") && strcmp(word, "TCP6"))
		return false;
	family = word[3] == '4' ? AF_INET : AF_INET6;
	if (!proxy_hdr_word(&line, from, sizeof(from)) ||
	    !proxy_hdr_word(&line, to, sizeof(to)) ||
	    !proxy_hdr_port(&line, &port) ||
	    !proxy_hdr_port(&line, &to_port) || line.len ||
	    inet_pton(family, from, addr) != 1 ||
	    inet_pton(family, to, to_addr) != 1)
		return false;
	proxy_hdr_set_source(h, family, addr, port);
	return true;
}

/* ---- version 2 ------------------------------------------------------------------ */

static bool proxy_hdr_v2(struct proxy_hdr *h)
{
	struct rbuf in = rbuf_of(h->buf, h->len);
	uint8_t command, family;
	const uint8_t *addr;
	size_t len;

	buf_get(&in, V2_SIGNATURE_LEN);
	command = buf_get_u8(&in);
	family = buf_get_u8(&in);
	buf_get_u16(&in);
	if (command == V2_LOCAL || (command == V2_PROXY && family == V2_UNSPEC))
		return true;
	if (command != V2_PROXY || (family != V2_TCP4 && family != V2_TCP6))
		return false;
	len = family == V2_TCP4 ? 4 : 16;
	addr = buf_get(&in, len);
	buf_get(&in, len);
	if (!addr || in.len < 4)
		return false;
	proxy_hdr_set_source(h, len == 4 ? AF_INET : AF_INET6, addr,
			     buf_get_u16(&in));
	return true;
}

/* ---- the stream ----------------------------------------------------------------- */

/* Is what came so far the beginning of a signature? */
static bool proxy_hdr_plausible(const struct proxy_hdr *h)
{
	size_t v1 = strlen(V1_SIGNATURE);
	size_t v2 = V2_SIGNATURE_LEN;

	if (h->len < v1)
		v1 = h->len;
	if (h->len < v2)
		v2 = h->len;
	return !memcmp(h->buf, V1_SIGNATURE, v1) ||
	       !memcmp(h->buf, V2_SIGNATURE, v2);
}

static enum proxy_hdr_state proxy_hdr_judge(struct proxy_hdr *h)
{
	size_t whole = V2_HEAD_LEN;

	if (!proxy_hdr_plausible(h))
		return PROXY_HDR_BAD;
	if (h->buf[0] == V1_SIGNATURE[0]) {
		if (h->buf[h->len - 1] == '\n')
			return h->len > 2 && h->buf[h->len - 2] == '\r' &&
			       proxy_hdr_v1(h) ? PROXY_HDR_DONE : PROXY_HDR_BAD;
		return h->len < V1_MAX ? PROXY_HDR_READING : PROXY_HDR_BAD;
	}
	if (h->len < V2_HEAD_LEN)
		return PROXY_HDR_READING;
	whole += (size_t)h->buf[14] << 8 | h->buf[15];
	if (whole > sizeof(h->buf))
		return PROXY_HDR_BAD;
	if (h->len < whole)
		return PROXY_HDR_READING;
	return proxy_hdr_v2(h) ? PROXY_HDR_DONE : PROXY_HDR_BAD;
}

enum proxy_hdr_state proxy_hdr_input(struct proxy_hdr *h, struct rbuf *in)
{
	while (h->state == PROXY_HDR_READING && in->len) {
		h->buf[h->len++] = buf_get_u8(in);
		h->state = proxy_hdr_judge(h);
	}
	return h->state;
}

/* ---- our own: version 2 ----------------------------------------------------------- */

static bool proxy_hdr_is_ip(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET || ss->ss_family == AF_INET6;
}

static uint16_t proxy_hdr_port_of(const struct sockaddr_storage *ss)
{
	return ntohs(ss->ss_family == AF_INET ?
		     ((const struct sockaddr_in *)ss)->sin_port :
		     ((const struct sockaddr_in6 *)ss)->sin6_port);
}

static void proxy_hdr_put_addr(struct wbuf *w, const struct sockaddr_storage *ss, bool four)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;

	if (ss->ss_family == AF_INET6) {
		buf_put(w, &sin6->sin6_addr, sizeof(sin6->sin6_addr));
		return;
	}
	if (!four) {
		buf_put_zero(w, 10);
		buf_put_u16(w, 0xffff);
	}
	buf_put(w, &sin->sin_addr, sizeof(sin->sin_addr));
}

void proxy_hdr_put(struct wbuf *w, const struct sockaddr_storage *source,
		   const struct sockaddr_storage *dest)
{
	bool known = proxy_hdr_is_ip(source) && proxy_hdr_is_ip(dest);
	bool four = source->ss_family == AF_INET && dest->ss_family == AF_INET;

	buf_put(w, V2_SIGNATURE, V2_SIGNATURE_LEN);
	buf_put_u8(w, V2_PROXY);
	if (!known) {
		buf_put_u8(w, V2_UNSPEC);
		buf_put_u16(w, 0);
		return;
	}
	buf_put_u8(w, four ? V2_TCP4 : V2_TCP6);
	buf_put_u16(w, four ? 12 : 36);
	proxy_hdr_put_addr(w, source, four);
	proxy_hdr_put_addr(w, dest, four);
	buf_put_u16(w, proxy_hdr_port_of(source));
	buf_put_u16(w, proxy_hdr_port_of(dest));
}
