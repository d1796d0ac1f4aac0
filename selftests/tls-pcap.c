// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Judges a capture of one TCP connection that should carry TLS and nothing else:
 *
 *	tls-pcap FILE PORT [PATTERN]
 *
 * Puts both directions together again, walks them as TLS records and looks for
 * PATTERN in the raw bytes. Prints one line per direction; exit status 1 if
 * data is missing from the capture, a byte is no part of an application data
 * record, or the pattern occurs.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCAP_MAGIC_US	0xa1b2c3d4
#define PCAP_MAGIC_NS	0xa1b23c4d
#define LINK_ETHERNET	1
#define ETHER_HDR	14
#define TLS_HDR		5
#define TLS_DATA	23
/* RFC 8446 5.2: ciphertext may be this much longer than 2^14. */
#define TLS_MAX		(16384 + 256)

struct segment {
	uint32_t seq;
	const uint8_t *data;
	size_t len;
};

struct stream {
	const char *name;
	struct segment *segs;
	size_t n;
	size_t cap;
	uint32_t start;
	bool started;
	uint8_t *bytes;
	size_t len;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "tls-pcap: %s\n", what);
	exit(1);
}

static uint8_t *load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t cap = 0, n;

	if (!f)
		die("cannot open the capture");
	*len = 0;
	do {
		cap += 1 << 22;
		data = realloc(data, cap);
		if (!data)
			die("out of memory");
		n = fread(data + *len, 1, cap - *len, f);
		*len += n;
	} while (*len == cap);
	fclose(f);
	return data;
}

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void stream_add(struct stream *st, uint32_t seq, const uint8_t *data, size_t len)
{
	if (!st->started) {
		st->start = seq;
		st->started = true;
	}
	if (st->n == st->cap) {
		st->cap = 2 * st->cap + 64;
		st->segs = realloc(st->segs, st->cap * sizeof(*st->segs));
		if (!st->segs)
			die("out of memory");
	}
	st->segs[st->n++] = (struct segment){ seq, data, len };
}

/* One Ethernet frame, IPv4 without fragments. */
static void add_frame(struct stream *up, struct stream *down, uint16_t port,
		      const uint8_t *p, size_t len)
{
	size_t ip, tcp, total;
	struct stream *st;
	uint32_t seq;

	if (len < ETHER_HDR + 40 || get16(p + 12) != 0x0800 || p[ETHER_HDR + 9] != IPPROTO_TCP)
		return;
	p += ETHER_HDR;
	ip = (p[0] & 0xf) * 4;
	total = get16(p + 2);
	/* A super-packet of 64 KiB and more has no length of its own. */
	if (!total)
		total = len - ETHER_HDR;
	tcp = (p[ip + 12] >> 4) * 4;
	if (total > len - ETHER_HDR)
		die("the capture cut packets short");
	if (get16(p + ip + 2) == port)
		st = up;
	else if (get16(p + ip) == port)
		st = down;
	else
		return;
	seq = get32(p + ip + 4);
	if (p[ip + 13] & 0x02) {
		st->start = seq + 1;
		st->started = true;
	} else if (total > ip + tcp) {
		stream_add(st, seq, p + ip + tcp, total - ip - tcp);
	}
}

static void read_capture(const uint8_t *data, size_t len, uint16_t port,
			 struct stream *up, struct stream *down)
{
	uint32_t magic, incl;
	size_t at = 24;

	if (len < 24)
		die("no capture");
	memcpy(&magic, data, 4);
	if (magic != PCAP_MAGIC_US && magic != PCAP_MAGIC_NS)
		die("not a pcap file of this machine's byte order");
	memcpy(&incl, data + 20, 4);
	if (incl != LINK_ETHERNET)
		die("not an Ethernet capture");
	while (at + 16 <= len) {
		memcpy(&incl, data + at + 8, 4);
		if (at + 16 + incl > len)
			break;
		add_frame(up, down, port, data + at + 16, incl);
		at += 16 + incl;
	}
}

static uint32_t sort_base;

static int by_seq(const void *a, const void *b)
{
	uint32_t x = ((const struct segment *)a)->seq - sort_base;
	uint32_t y = ((const struct segment *)b)->seq - sort_base;

	return x < y ? -1 : x > y;
}

static void assemble(struct stream *st)
{
	size_t total = 0;

	sort_base = st->start;
	if (st->n)
		qsort(st->segs, st->n, sizeof(*st->segs), by_seq);
	for (size_t i = 0; i < st->n; i++)
		total += st->segs[i].len;
	st->bytes = malloc(total + 1);
	if (!st->bytes)
		die("out of memory");
	for (size_t i = 0; i < st->n; i++) {
		size_t off = st->segs[i].seq - st->start, skip;

		if (off > st->len) {
			fprintf(stderr, "tls-pcap: %s: bytes %zu to %zu were not captured\n",
				st->name, st->len, off);
			exit(1);
		}
		skip = st->len - off;
		if (skip >= st->segs[i].len)
			continue;
		memcpy(st->bytes + st->len, st->segs[i].data + skip,
		       st->segs[i].len - skip);
		st->len += st->segs[i].len - skip;
	}
}

static int walk_records(const struct stream *st)
{
	size_t at = 0, records = 0, others = 0, largest = 0, len;

	while (at + TLS_HDR <= st->len) {
		len = get16(st->bytes + at + 3);
		if (st->bytes[at] < 20 || st->bytes[at] > 23 ||
		    get16(st->bytes + at + 1) != 0x0303 || len > TLS_MAX) {
			printf("%s bytes=%zu: no TLS record at byte %zu\n", st->name,
			       st->len, at);
			return 1;
		}
		if (at + TLS_HDR + len > st->len)
			break;
		records++;
		others += st->bytes[at] != TLS_DATA;
		if (len > largest)
			largest = len;
		at += TLS_HDR + len;
	}
	printf("%s bytes=%zu records=%zu largest=%zu other_types=%zu tail=%zu\n",
	       st->name, st->len, records, largest, others, st->len - at);
	return 0;
}

int main(int argc, char **argv)
{
	struct stream streams[2] = { { .name = "to-server" }, { .name = "to-client" } };
	const char *pattern = argc > 3 ? argv[3] : NULL;
	uint8_t *data;
	size_t len;
	int rc = 0;

	if (argc < 3)
		die("usage: tls-pcap FILE PORT [PATTERN]");
	data = load(argv[1], &len);
	read_capture(data, len, atoi(argv[2]), &streams[0], &streams[1]);
	for (int i = 0; i < 2; i++) {
		assemble(&streams[i]);
		rc |= walk_records(&streams[i]);
		if (pattern && memmem(streams[i].bytes, streams[i].len, pattern,
				      strlen(pattern))) {
			printf("%s: the pattern \"%s\" occurs in the clear\n",
			       streams[i].name, pattern);
			rc = 1;
		}
		free(streams[i].bytes);
		free(streams[i].segs);
	}
	free(data);
	return rc;
}
