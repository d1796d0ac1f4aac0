// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stranger who begins to log in and hangs up before anybody has answered.
 *
 *	break-off ADDRESS METHOD NUMBER		so many times
 *
 * METHOD is pap, chap, mschapv2, eap (after the name), or eap-mschapv2.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define LCP	0xc021
#define PAP	0xc023
#define CHAP	0xc223
#define EAP	0xc227

static const char request[] =
	"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"
	"Host: vpn.test\r\nContent-Length: 18446744073709551615\r\n\r\n";
/* CALL_CONNECT_REQUEST */
static const uint8_t begin[] = { 0x10, 1, 0, 14, 0, 1, 0, 1, 0, 1, 0, 6, 0, 1 };

struct link {
	SSL *ssl;
	uint8_t in[8192];
	size_t len;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "break-off: %s\n", what);
	exit(1);
}

static void link_more(struct link *l)
{
	int n = SSL_read(l->ssl, l->in + l->len, (int)(sizeof(l->in) - l->len));

	if (n <= 0)
		die("the server has hung up");
	l->len += (size_t)n;
}

static void link_drop(struct link *l, size_t n)
{
	l->len -= n;
	memmove(l->in, l->in + n, l->len);
}

/* The next PPP packet, behind its protocol; @len is that of code, id, length, data. */
static uint16_t link_receive(struct link *l, uint8_t *pkt, size_t *len)
{
	bool control;
	size_t n;

	do {
		while (l->len < 4 || l->len < (n = (l->in[2] & 15) << 8 | l->in[3]))
			link_more(l);
		control = l->in[1] & 1;
		*len = n < 8 ? 0 : n - 8;
		memcpy(pkt, l->in + 4, n - 4);
		link_drop(l, n);
	} while (control || !*len);
	n = pkt[2] << 8 | pkt[3];
	memmove(pkt, pkt + 4, *len);
	return (uint16_t)n;
}

static void link_send(struct link *l, uint16_t proto, uint8_t code, uint8_t id,
		      const void *data, size_t len)
{
	const size_t n = 4 + 4 + 4 + len;
	uint8_t pkt[1024] = {
		0x10, 0, (uint8_t)(n >> 8), (uint8_t)n, 0xff, 3,
		(uint8_t)(proto >> 8), (uint8_t)proto, code, id,
		(uint8_t)((len + 4) >> 8), (uint8_t)(len + 4),
	};

	memcpy(pkt + 12, data, len);
	SSL_write(l->ssl, pkt, (int)n);
}

static void link_dial(struct link *l, SSL_CTX *ctx, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(443) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char *end;

	l->ssl = SSL_new(ctx);
	l->len = 0;
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("cannot connect");
	SSL_set_fd(l->ssl, fd);
	if (SSL_connect(l->ssl) != 1)
		die("no handshake");
	SSL_write(l->ssl, request, sizeof(request) - 1);
	do {
		link_more(l);
		l->in[l->len] = 0;
		end = strstr((char *)l->in, "\r\n\r\n");
	} while (!end);
	if (!strstr((char *)l->in, " 200 "))
		die("the server does not want to talk SSTP");
	link_drop(l, (size_t)(end + 4 - (char *)l->in));
	SSL_write(l->ssl, begin, sizeof(begin));
	link_send(l, LCP, 1, 1, "", 0);
}

static void say_name(struct link *l, const char *method, uint8_t code, uint8_t id)
{
	static const uint8_t name[] = "\x04" "eve1";
	uint8_t value[1 + 49 + 4] = { 16 };

	if (!strcmp(method, "pap")) {
		link_send(l, PAP, 1, 1, "\x04" "eve1" "\x05" "wrong", 11);
	} else if (!strcmp(method, "eap")) {
		link_send(l, EAP, code, id, "\x01" "eve1", 5);
	} else if (!strcmp(method, "chap")) {
		memcpy(value + 17, name + 1, 4);
		link_send(l, CHAP, 2, id, value, 21);
	} else {
		value[0] = 49;
		memcpy(value + 50, name + 1, 4);
		link_send(l, CHAP, 2, id, value, sizeof(value));
	}
}

/* Type 26, Response, the same identifier, length, value */
static void say_eap_mschapv2(struct link *l, const uint8_t *asked)
{
	uint8_t data[1 + 4 + 1 + 49 + 4] = { 26, 2, asked[6], 0, 58, 49 };

	memcpy(data + 55, "eve1", 4);
	link_send(l, EAP, 2, asked[1], data, sizeof(data));
}

/* Return: the question that ends it was sent. */
static bool answer(struct link *l, const char *method, uint16_t proto, const uint8_t *pkt,
		   size_t len)
{
	if (proto == LCP && pkt[0] == 1) {
		link_send(l, LCP, 2, pkt[1], pkt + 4, len - 4);
	} else if (proto == CHAP && pkt[0] == 1) {
		say_name(l, method, 0, pkt[1]);
		return true;
	} else if (proto == EAP && pkt[0] == 1 && pkt[4] == 1) {
		say_name(l, "eap", 2, pkt[1]);
		return !strcmp(method, "eap");
	} else if (proto == EAP && pkt[0] == 1 && pkt[4] == 26) {
		say_eap_mschapv2(l, pkt);
		return true;
	}
	return false;
}

static void break_off(SSL_CTX *ctx, const char *address, const char *method)
{
	bool asked = false, acked = false, over = false;
	uint8_t pkt[4096];
	uint16_t proto;
	struct link l;
	size_t len;

	link_dial(&l, ctx, address);
	while (!over) {
		proto = link_receive(&l, pkt, &len);
		over = answer(&l, method, proto, pkt, len);
		asked |= proto == LCP && pkt[0] == 1;
		acked |= proto == LCP && pkt[0] == 2;
		if (asked && acked && !strcmp(method, "pap")) {
			say_name(&l, method, 0, 0);
			over = true;
		}
	}
	close(SSL_get_fd(l.ssl));
	SSL_free(l.ssl);
}

int main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (argc != 4)
		die("ADDRESS METHOD NUMBER");
	for (int i = 0; i < atoi(argv[3]); i++)
		break_off(ctx, argv[1], argv[2]);
	SSL_CTX_free(ctx);
	return 0;
}
