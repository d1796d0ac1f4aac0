// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer that means harm, against a session of the module: connection after
 * connection, each with its own seed. After what must not end a session it has to
 * answer, after what must it has to say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_sstp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forge.h"
#include "hostile.h"
#include "ktls.h"
#include "net.h"
#include "rnd.h"
#include "script.h"

#define BURST_PACKETS	60
#define BURSTS		10
#define REASONS		16	/* enum sstp_end_reason */
#define MARKER_LEN	12

/* How the bytes of a burst are cut, into records and, if forged, into writes. */
enum cut { CUT_FULL, CUT_ANY, CUT_SHORT, CUT_DRIP, CUTS };

/**
 * struct attack - one connection
 * @victim: the session, and its owner
 * @peer: who attacks
 * @forged: records are made here, not by kTLS
 * @mute: what the session sends is not read
 * @asleep: the owner of the session does not read either
 * @fatal: something was sent that must end the session
 * @gone: the connection does not take more
 * @marker: the control packet that is sent last, to see whether it arrives
 * @answered: it has
 * @reason: why the session ended, once its owner has read it
 */
struct attack {
	struct script *script;
	struct end *victim;
	struct end *peer;
	uint64_t random;
	struct hostile hostile;
	struct forge forge;
	bool forged;
	bool mute;
	bool asleep;
	bool fatal;
	bool gone;
	uint8_t marker[MARKER_LEN];
	bool answered;
	unsigned int reason;
	uint64_t bytes;
};

static uint32_t draw(struct attack *a, uint32_t below)
{
	return rnd(&a->random, below);
}

/* ---- the owner of the session ---- */

/*
 * Read what there is, or, with @timeout_ms, until the end or until the marker.
 * Return: whether one of these came.
 */
static bool owner_reads(struct attack *a, int timeout_ms)
{
	int64_t deadline = net_now_ms() + timeout_ms;
	union {
		struct sstp_fd_hdr hdr;
		uint8_t bytes[SSTP_FD_MSG_MAX];
	} msg;
	int64_t left;
	ssize_t n;

	while (!a->reason && !a->answered && !a->asleep) {
		left = deadline - net_now_ms();
		if (net_wait(a->victim->session, POLLIN, left > 0 ? left : 0) <= 0) {
			if (left <= 0)
				break;
			continue;
		}
		n = read(a->victim->session, msg.bytes, sizeof(msg));
		if (n < (ssize_t)sizeof(msg.hdr))
			break;
		if (msg.hdr.type == SSTP_FD_TYPE_END)
			a->reason = msg.hdr.reason;
		else if (n == sizeof(msg.hdr) + MARKER_LEN &&
			 !memcmp(msg.bytes + sizeof(msg.hdr), a->marker, MARKER_LEN))
			a->answered = true;
	}
	return a->reason || a->answered;
}

/* ---- what the peer sends ---- */

/* Bytes on the socket; all of them, or the connection is over. */
static int push(struct attack *a, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len && !a->gone) {
		n = send(a->peer->sock, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return script_fail(a->script, "the session stopped reading");
		if (n < 0) {
			a->gone = true;
			break;
		}
		a->bytes += n;
		data += n;
		len -= n;
		/* the owner keeps up, or the session ends for that */
		owner_reads(a, 0);
	}
	return 0;
}

static size_t cut(struct attack *a, enum cut how, size_t left, size_t most)
{
	size_t n = how == CUT_FULL ? most : how == CUT_ANY ? 1 + draw(a, most) :
		   how == CUT_SHORT ? 1 + draw(a, 1500) : 1 + draw(a, 20);

	return n < left ? n : left;
}

/* One record with kTLS, or by hand with padding of any length. */
static int send_record(struct attack *a, uint8_t type, const uint8_t *data, size_t len,
		       struct wire_buf *forged)
{
	ssize_t n;

	if (a->forged) {
		size_t room = KTLS_RECORD_MAX - len;

		forge_record(&a->forge, type, data, len, draw(a, 4) ? 0 : draw(a, room + 1),
			     forged);
		return 0;
	}
	n = a->gone || !len ? 0 : ktls_send(a->peer->sock, type, data, len);
	if (n == -EAGAIN)
		return script_fail(a->script, "the session stopped reading");
	if (n < 0)
		a->gone = true;
	else
		a->bytes += n;
	owner_reads(a, 0);
	return 0;
}

/* Records that a session has to live with, but for the last few. */
static int foreign_record(struct attack *a, struct wire_buf *forged)
{
	static const struct {
		uint8_t type;
		uint8_t len;
		uint8_t data[18];
		bool fatal;
	} records[] = {
		/* the shortest ticket there is */
		{ KTLS_HANDSHAKE, 18, { 4, 0, 0, 14, [14] = 1, 0xde }, false },
		{ KTLS_ALERT, 2, { 1, 90 }, false },
		{ KTLS_ALERT, 2, { 2, 40 }, true },
		{ KTLS_HANDSHAKE, 5, { 24, 0, 0, 1, 1 }, true },
		/* and less than that */
		{ KTLS_HANDSHAKE, 6, { 4, 0, 0, 2, 1, 2 }, true },
		{ 99, 3, { 1, 2, 3 }, true },
	};
	uint32_t i = draw(a, 20) ? draw(a, 2) : 2 + draw(a, 4);

	a->fatal |= records[i].fatal;
	return send_record(a, records[i].type, records[i].data, records[i].len, forged);
}

/* What no TLS stack sends: kTLS has to see it, and then there is no more stream. */
static void spoil(struct attack *a, struct wire_buf *forged)
{
	static const uint8_t zeros[KTLS_RECORD_MAX + 1024];
	size_t at = forged->len;

	forge_record(&a->forge, KTLS_DATA, zeros, draw(a, 200), 0, forged);
	switch (draw(a, 6)) {
	case 0: /* damaged on the way */
		forged->data[at + FORGE_HDR + draw(a, forged->len - at - FORGE_HDR)] ^= 1;
		break;
	case 1: /* another version */
		forged->data[at + 2] = draw(a, 3);
		break;
	case 2: /* shorter than a tag, or longer than may be */
		forged->data[at + 3] = draw(a, 2) ? 0 : 0xff;
		forged->data[at + 4] = draw(a, 16);
		break;
	case 3: /* no content type at all */
		forged->len = at;
		a->forge.seq--;
		forge_record(&a->forge, 0, zeros, draw(a, 2000), 0, forged);
		break;
	case 4: /* too much in one record */
		forged->len = at;
		a->forge.seq--;
		forge_record(&a->forge, KTLS_DATA, zeros, sizeof(zeros), 0, forged);
		break;
	case 5: /* a number that was used already */
		a->forge.seq--;
		forge_record(&a->forge, KTLS_DATA, zeros, 100, 0, forged);
		break;
	}
	a->fatal = true;
}

/* @stream in records, some of other types between them. */
static int send_stream(struct attack *a, const struct wire_buf *stream)
{
	enum cut how = draw(a, CUTS);
	struct wire_buf forged = { 0 };
	size_t at = 0, n;
	int rc = 0;

	while (!rc && at < stream->len && !a->reason) {
		n = cut(a, at < 500 || how != CUT_DRIP ? how : CUT_ANY, stream->len - at,
			KTLS_RECORD_MAX);
		rc = send_record(a, KTLS_DATA, stream->data + at, n, &forged);
		at += n;
		/* empty records too, which kTLS itself does not send */
		if (!rc && a->forged && !draw(a, 30))
			rc = send_record(a, KTLS_DATA, NULL, 0, &forged);
		if (!rc && !draw(a, 60))
			rc = foreign_record(a, &forged);
	}
	if (a->forged && !draw(a, 20))
		spoil(a, &forged);
	how = draw(a, CUTS);
	for (at = 0; !rc && at < forged.len; at += n) {
		n = cut(a, at < 500 || how != CUT_DRIP ? how : CUT_ANY, forged.len - at,
			65536);
		rc = push(a, forged.data + at, n);
	}
	wire_free(&forged);
	return rc;
}

static int burst(struct attack *a)
{
	uint32_t packets = 1 + draw(a, BURST_PACKETS);
	struct wire_buf stream = { 0 };
	uint8_t sink[16384];
	int rc;

	while (packets--)
		hostile_packet(&a->hostile, &stream);
	if (!draw(a, 20)) {
		hostile_poison(&a->hostile, &stream);
		a->fatal = true;
	}
	rc = send_stream(a, &stream);
	wire_free(&stream);
	while (!a->mute && recv(a->peer->sock, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	return rc;
}

/* ---- what has to come of it ---- */

/* Bytes of the stream that the session has taken. */
static uint64_t stream_bytes(const struct attack *a)
{
	struct snl_session reply = { 0 };
	struct snl_request req = { 0 };
	struct snl_result res;

	snl_set(&req, SSTP_A_SESSION_ID, a->victim->id);
	snl_call(SSTP_CMD_SESSION_GET, &req, false, &reply, 1, &res);
	return reply.stats[SSTP_A_STATS_RX_STREAM_BYTES];
}

/* On a busy machine what was sent takes its time, but it must get on. */
static bool marker_comes(struct attack *a)
{
	uint64_t before, now = 0;

	do {
		before = now;
		if (owner_reads(a, a->script->timeout_ms))
			return true;
		now = stream_bytes(a);
	} while (now != before);
	return false;
}

/* A session that has to live passes on what its peer says. */
static int must_live(struct attack *a, uint64_t seed)
{
	struct wire_buf forged = { 0 };
	int rc;

	rc = send_record(a, KTLS_DATA, a->marker, MARKER_LEN, &forged) ||
	     push(a, forged.data, forged.len) ? -1 : 0;
	wire_free(&forged);
	if (rc)
		return -1;
	if (!marker_comes(a))
		return script_fail(a->script, "seed %llu: the session is silent after %llu bytes",
				   (unsigned long long)seed,
				   (unsigned long long)stream_bytes(a));
	a->answered = false;
	if (a->reason && a->reason != SSTP_END_REASON_CONTROL_OVERFLOW)
		return script_fail(a->script, "seed %llu: nothing was wrong, but it ended: %s",
				   (unsigned long long)seed, snl_reason_name(a->reason));
	return 0;
}

static int must_end(struct attack *a, uint64_t seed)
{
	owner_reads(a, a->script->timeout_ms);
	if (a->reason)
		return 0;
	return script_fail(a->script, "seed %llu: the session goes on",
			   (unsigned long long)seed);
}

/* The peer goes away in one of the ways there are. */
static int leave(struct attack *a)
{
	static const char *const ways[] = { "fin", "rst", "hangup", "send type=21 0100",
					    "fin" };
	uint32_t way = draw(a, a->forged ? 3 : 5);

	if (a->gone || a->reason)
		return 0;
	if (way == 4) /* inside of a packet */
		script_do(a->script, "%s send if=open 1000 0100 ff", a->peer->name);
	return script_do(a->script, "%s %s", a->peer->name, ways[way]);
}

static int run_attack(struct attack *a, const char *device, uint64_t seed)
{
	struct timeval patience = { .tv_sec = a->script->timeout_ms / 1000 };
	const char *victim = a->victim->name, *peer = a->peer->name;
	int bursts = 1 + draw(a, BURSTS);

	if (script_do(a->script, "connect %s %s port=4431 %s=%s", victim, peer, peer,
		      a->forged ? "rx" : "both") ||
	    script_do(a->script, "%s attach %s tls-client=1", victim, device))
		return -1;
	setsockopt(a->peer->sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	while (bursts-- && !a->fatal && !a->gone && !a->reason) {
		if (burst(a))
			return -1;
	}
	a->asleep = false;
	if (a->fatal ? must_end(a, seed) : must_live(a, seed))
		return -1;
	if (leave(a) || must_end(a, seed))
		return -1;
	return script_do(a->script, "%s close", victim);
}

/* In how many ways sessions have ended. */
static unsigned int count_ways(const uint64_t *ends)
{
	unsigned int n = 0;

	for (int i = 1; i < REASONS; i++)
		n += ends[i] != 0;
	return n;
}

/* For so many seconds, or rounds; with both at least that, and until so many ways. */
static int cmd_hostile(struct script *s, struct end *end, int argc, char **argv)
{
	uint32_t seconds = 0, rounds = 0, ways = 0, seed = 1, n;
	uint64_t ends[REASONS] = { 0 }, bytes = 0;
	int64_t stop;

	if (argc < 2 || !script_end(s, argv[0]) ||
	    script_option_uint(s, argc, argv, "seconds", &seconds) ||
	    script_option_uint(s, argc, argv, "rounds", &rounds) ||
	    script_option_uint(s, argc, argv, "ways", &ways) ||
	    script_option_uint(s, argc, argv, "seed", &seed) || (!seconds && !rounds))
		return script_fail(s, "hostile: an end, a device and seconds= or rounds=");
	stop = net_now_ms() + 1000LL * seconds;
	for (n = 0; n < rounds || net_now_ms() < stop || count_ways(ends) < ways;
	     n++, seed++) {
		struct attack a = {
			.script = s, .victim = script_end(s, argv[0]), .peer = end,
			.random = seed,
			/* no other packet has this type and these bytes */
			.marker = { 0x10, 1, 0, MARKER_LEN, 0x7f, 0xff },
		};

		memcpy(a.marker + 6, &seed, sizeof(seed));
		a.forged = draw(&a, 2);
		a.mute = draw(&a, 2);
		a.asleep = !draw(&a, 10);
		hostile_init(&a.hostile, seed);
		forge_init(&a.forge, true);
		if (run_attack(&a, argv[1], seed))
			return -1;
		ends[a.reason % REASONS]++;
		bytes += a.bytes;
	}
	printf("hostile rounds=%u bytes=%llu", n, (unsigned long long)bytes);
	for (int i = 1; i < REASONS; i++) {
		if (ends[i])
			printf(" %s=%llu", snl_reason_name(i), (unsigned long long)ends[i]);
	}
	printf("\n");
	fflush(stdout);
	return 0;
}

const struct command cmd_hostile_table[] = {
	{ "hostile", true, cmd_hostile, "VICTIM DEV [seconds=N] [rounds=N] [ways=N] [seed=N]" },
	{ 0 },
};
