// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A man in the middle whose TLS is not OpenSSL's: towards the client he is a TLS server,
 * towards the server a TLS client, and passes on what they say in between.
 *
 *	tls-relay ENGINE PORT ADDRESS:PORT CERT KEY CA HOST [WORD...]
 *
 * Takes one connection at PORT of ADDRESS; the server listens at ADDRESS:PORT, and shows
 * a certificate for HOST. ENGINE is gnutls, wolfssl or mbedtls; WORD is tls=1.2 (1.3),
 * or, to be asked of the server, fragment=BYTES (max_fragment_length) or limit=BYTES
 * (record_size_limit); every=N has him change the keys in both directions after each N
 * records of his, four times a second at most: GnuTLS takes no more than eight.
 *
 * SIGHUP has him send the client tickets (NewSessionTicket), SIGUSR1 change the keys
 * towards the server (KeyUpdate), SIGUSR2 towards the client, SIGTERM end TLS in both
 * directions. It ends when both have, and prints for each the largest record that came
 * from there, header not counted, and how it ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tls-engines/engine.h"

#define CHUNK	16384

/* One of both connections, and what came from there and has not gone on. */
struct side {
	struct wire wire;
	void *conn;
	bool ended;	/* it says no more, or is broken */
	bool broken;
	bool said_end;
	bool update;	/* new keys towards it are due */
	bool blocked;	/* the engine has taken something that it could not send yet */
	unsigned int records;
	struct timespec updated;
	size_t len;
	size_t sent;
	unsigned char buf[CHUNK];
};

enum { CLIENT, SERVER };

static struct side sides[2] = {
	[CLIENT] = { .wire.name = "client" },
	[SERVER] = { .wire.name = "server" },
};

static const struct tls_engine *const engines[] = {
	&gnutls_engine, &mbedtls_engine, &wolfssl_engine,
};

static const struct tls_engine *engine;
static volatile sig_atomic_t update[2], tickets, stop;
static unsigned int every;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "tls-relay: %s\n", what);
	exit(1);
}

/* ---- the socket below -------------------------------------------------------- */

static void look_at(struct wire *w, const unsigned char *p, size_t len)
{
	while (len) {
		size_t n = w->left < len ? w->left : len;

		p += n;
		len -= n;
		w->left -= n;
		if (w->left || !len)
			continue;
		w->header[w->header_len++] = *p++;
		len--;
		if (w->header_len < TLS_RECORD_HEADER)
			continue;
		w->header_len = 0;
		w->left = w->header[3] << 8 | w->header[4];
		if (w->left > w->largest)
			w->largest = w->left;
	}
}

ssize_t wire_recv(struct wire *w, void *buf, size_t len)
{
	ssize_t n = recv(w->fd, buf, len, 0);

	if (n > 0)
		look_at(w, buf, n);
	return n;
}

int wire_broken(const struct wire *w, const char *what, const char *why)
{
	printf("%s: %s: %s\n", w->name, what, why);
	return TLS_BROKEN;
}

static int listen_and_accept(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, conn;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)at, sizeof(*at)) < 0 || listen(fd, 1) < 0)
		die("cannot listen");
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		die("cannot accept");
	close(fd);
	return conn;
}

static int dial(struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)to, sizeof(*to)) < 0)
		die("cannot connect to the server");
	return fd;
}

/* ---- two connections ---------------------------------------------------------- */

static void begin(struct side *s, const struct tls_setup *setup)
{
	int rc;

	s->conn = engine->open(setup, &s->wire);
	if (!s->conn)
		die("the engine does not have what was asked for");
	do {
		rc = engine->handshake(s->conn);
	} while (rc == TLS_AGAIN);
	if (rc != 1)
		exit(1);
	fcntl(s->wire.fd, F_SETFL, O_NONBLOCK);
	printf("%s: TLS 1.%d %s\n", s->wire.name, setup->version - 10, engine->cipher(s->conn));
	fflush(stdout);
}

static void say_end(struct side *s)
{
	if (s->said_end || s->broken)
		return;
	s->said_end = true;
	engine->end(s->conn);
}

static void has_ended(struct side *s, ssize_t how)
{
	s->ended = true;
	s->broken = how == TLS_BROKEN;
	if (how == TLS_ENDED)
		printf("%s: close_notify\n", s->wire.name);
	say_end(s);
}

static void count_record(struct side *to)
{
	struct timespec now;
	long long ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (now.tv_sec - to->updated.tv_sec) * 1000000000LL + now.tv_nsec - to->updated.tv_nsec;
	if (++to->records < every || ns < 250000000)
		return;
	to->records = 0;
	to->updated = now;
	to->update = true;
}

/* From one to the other; true if anything has moved. */
static bool pass_on(struct side *from, struct side *to)
{
	bool moved = false;
	ssize_t n;

	if (!from->len && !from->ended) {
		n = engine->read(from->conn, from->buf, sizeof(from->buf));
		moved = n != TLS_AGAIN;
		if (n > 0)
			from->len = n;
		else if (moved)
			has_ended(from, n);
	}
	if (from->len > from->sent && !to->broken && !to->said_end) {
		n = engine->write(to->conn, from->buf + from->sent, from->len - from->sent);
		if (n == TLS_BROKEN)
			has_ended(to, n);
		if (n > 0)
			from->sent += n;
		to->blocked = n == TLS_AGAIN;
		moved |= !to->blocked;
		if (every && !to->blocked)
			count_record(to);
	}
	if (from->sent == from->len || to->broken || to->said_end)
		from->len = from->sent = 0;
	if (from->ended && !from->len)
		say_end(to);
	return moved;
}

/* The same of new keys. Not amid a record. */
static bool renew_keys(struct side *to)
{
	if (!to->update || to->blocked || to->broken || to->said_end)
		return false;
	to->update = engine->update_keys && engine->update_keys(to->conn) == TLS_AGAIN;
	return !to->update;
}

static void wait_for_any(const sigset_t *unblocked)
{
	struct pollfd fds[2];

	for (int i = 0; i < 2; i++) {
		const struct side *s = &sides[i], *other = &sides[!i];

		/* poll() skips what is negative. */
		fds[i].fd = s->ended && !other->len ? -1 : s->wire.fd;
		fds[i].events = (s->len || s->ended ? 0 : POLLIN) | (other->len || s->update ? POLLOUT : 0);
	}
	ppoll(fds, 2, NULL, unblocked);
}

static void obey(const sigset_t *unblocked)
{
	static const struct timespec now;

	ppoll(NULL, 0, &now, unblocked);
	for (int i = 0; i < 2; i++) {
		sides[i].update |= update[i];
		update[i] = 0;
	}
	if (tickets && engine->send_tickets && engine->send_tickets(sides[CLIENT].conn) == 1)
		printf("client: has got tickets\n");
	tickets = 0;
	if (!stop)
		return;
	stop = 0;
	say_end(&sides[CLIENT]);
	say_end(&sides[SERVER]);
}

static void relay(const sigset_t *unblocked)
{
	while (!sides[CLIENT].ended || !sides[SERVER].ended) {
		bool moved;

		obey(unblocked);
		moved = renew_keys(&sides[CLIENT]) | renew_keys(&sides[SERVER]);
		moved |= pass_on(&sides[CLIENT], &sides[SERVER]);
		moved |= pass_on(&sides[SERVER], &sides[CLIENT]);
		if (!moved)
			wait_for_any(unblocked);
	}
}

/* ---- arguments ----------------------------------------------------------------- */

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		stop = 1;
	else if (sig == SIGHUP)
		tickets = 1;
	else
		update[sig == SIGUSR1 ? SERVER : CLIENT] = 1;
}

/* They are heard of by ppoll() alone. */
static void signals(sigset_t *unblocked)
{
	static const int known[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGTERM };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		sigaction(known[i], &action, NULL);
		sigaddset(&blocked, known[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	signal(SIGPIPE, SIG_IGN);
}

static void read_word(struct tls_setup *setup, const char *word)
{
	if (!strcmp(word, "tls=1.2"))
		setup->version = 12;
	else if (!strncmp(word, "fragment=", 9))
		setup->fragment = atoi(word + 9);
	else if (!strncmp(word, "limit=", 6))
		setup->limit = atoi(word + 6);
	else if (!strncmp(word, "every=", 6))
		every = atoi(word + 6);
	else if (strcmp(word, "tls=1.3"))
		die("unknown word");
}

static void read_address(struct sockaddr_in *to, char *text)
{
	char *port = strchr(text, ':');

	to->sin_family = AF_INET;
	if (port) {
		*port++ = 0;
		to->sin_port = htons(atoi(port));
	}
	if (!port || inet_pton(AF_INET, text, &to->sin_addr) != 1)
		die("no address");
}

int main(int argc, char **argv)
{
	struct tls_setup setup = { .server = true, .version = 13 };
	struct sockaddr_in at, to = { 0 };
	sigset_t unblocked;

	if (argc < 8)
		die("usage: tls-relay ENGINE PORT ADDRESS:PORT CERT KEY CA HOST [WORD...]");
	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++)
		if (!strcmp(engines[i]->name, argv[1]))
			engine = engines[i];
	if (!engine)
		die("unknown engine");
	read_address(&to, argv[3]);
	at = to;
	at.sin_port = htons(atoi(argv[2]));
	setup.cert = argv[4];
	setup.key = argv[5];
	setup.ca = argv[6];
	setup.host = argv[7];
	for (int i = 8; i < argc; i++)
		read_word(&setup, argv[i]);

	setlinebuf(stdout);
	signals(&unblocked);
	sides[CLIENT].wire.fd = listen_and_accept(&at);
	sides[SERVER].wire.fd = dial(&to);
	begin(&sides[CLIENT], &setup);
	setup.server = false;
	begin(&sides[SERVER], &setup);
	relay(&unblocked);
	for (int i = 0; i < 2; i++)
		printf("%s: largest record %u\n", sides[i].wire.name, sides[i].wire.largest);
	return 0;
}
