// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records that are no data, in every order: messages by chance, cut into records by
 * chance. What is expected is said by rules of where each message lies, without the
 * module's state (RFC 9846 4.7, 5.1, 6; RFC 5246 7.2, 7.4.1.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define min(a, b)	((a) < (b) ? (a) : (b))
#include "tls.c"

#define ROUNDS		200000
#define MESSAGES_MAX	6
#define STREAM_MAX	1000
#define TICKET_MIN	14

/** struct message - of a handshake, at @at of the stream */
struct message {
	uint8_t type;
	unsigned int size;
	unsigned int at;
};

/** struct stream - what the peer says, and who it is */
struct stream {
	bool v13;
	bool client;
	uint8_t bytes[STREAM_MAX];
	unsigned int len;
	struct message messages[MESSAGES_MAX];
	unsigned int n;
};

static unsigned int chance(unsigned int of)
{
	return (unsigned int)random() % of;
}

static void add(struct stream *s, uint8_t type, unsigned int size, uint8_t first)
{
	uint8_t *p = s->bytes + s->len;

	s->messages[s->n++] = (struct message){ type, size, s->len };
	p[0] = type;
	p[1] = 0;
	p[2] = (uint8_t)(size >> 8);
	p[3] = (uint8_t)size;
	memset(p + 4, 0x5a, size);
	if (size)
		p[4] = first;
	s->len += 4 + size;
}

static void add_any(struct stream *s)
{
	static const uint8_t strange[] = { 1, 2, 13, 20, 254 };

	switch (chance(10)) {
	case 0:
		add(s, SSTP_TLS_KEY_UPDATE, 1, (uint8_t)chance(3));
		break;
	case 1:
		add(s, SSTP_TLS_KEY_UPDATE, chance(3), 0);
		break;
	case 2:
		add(s, strange[chance(sizeof(strange))], chance(20), 0);
		break;
	case 3:
		add(s, SSTP_TLS_NEW_SESSION_TICKET, TICKET_MIN - 2 + chance(4), 0);
		break;
	case 4:
	case 5:
	case 6:
		add(s, SSTP_TLS_HELLO_REQUEST, chance(8) ? 0 : 3, 0);
		break;
	default:
		add(s, SSTP_TLS_NEW_SESSION_TICKET, TICKET_MIN + chance(100), 0);
	}
}

/* What a message means whose header has ended in the record that ends at @end. */
static enum sstp_tls_verdict meaning(const struct stream *s, const struct message *m,
				     unsigned int end)
{
	unsigned int behind = end - (m->at + 4);

	switch (m->type) {
	case SSTP_TLS_NEW_SESSION_TICKET:
		return s->v13 && s->client && m->size >= TICKET_MIN ? SSTP_TLS_GO_ON :
								       SSTP_TLS_UNEXPECTED;
	case SSTP_TLS_HELLO_REQUEST:
		return !s->v13 && s->client && !m->size ? SSTP_TLS_GO_ON : SSTP_TLS_UNEXPECTED;
	case SSTP_TLS_KEY_UPDATE:
		/* Under the old key nothing may come behind it; what is to come may be wrong. */
		if (!s->v13 || m->size != 1 || behind > 1 ||
		    (behind && s->bytes[m->at + 4] > 1))
			return SSTP_TLS_UNEXPECTED;
		return SSTP_TLS_REKEYED;
	default:
		return SSTP_TLS_UNEXPECTED;
	}
}

/* Of the record from @start to @end. */
static enum sstp_tls_verdict expected(const struct stream *s, unsigned int start,
				      unsigned int end)
{
	enum sstp_tls_verdict verdict;

	for (unsigned int i = 0; i < s->n; i++) {
		const struct message *m = &s->messages[i];

		if (m->at + 4 <= start || m->at + 4 > end)
			continue;
		verdict = meaning(s, m, end);
		if (verdict != SSTP_TLS_GO_ON)
			return verdict;
	}
	return SSTP_TLS_GO_ON;
}

/* Whether a message has begun before @at, and has not ended there. */
static bool amid(const struct stream *s, unsigned int at)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (s->messages[i].at < at && at < s->messages[i].at + 4 + s->messages[i].size)
			return true;
	return false;
}

static void one_stream(const struct stream *s)
{
	static const uint8_t close[] = { SSTP_TLS_ALERT_WARNING, SSTP_TLS_CLOSE_NOTIFY };
	struct sstp_tls tls = { .v13 = s->v13, .client = s->client }, copy;
	enum sstp_tls_verdict verdict = SSTP_TLS_GO_ON;
	unsigned int at = 0, n;

	while (at < s->len && verdict == SSTP_TLS_GO_ON) {
		n = 1 + (chance(2) ? chance(8) : chance(200));
		n = min(n, s->len - at);
		verdict = sstp_tls_handshake(&tls, s->bytes + at, n);
		assert_int_equal(verdict, expected(s, at, at + n));
		at += n;
		if (verdict != SSTP_TLS_GO_ON)
			break;
		assert_int_equal(sstp_tls_is_amid(&tls), amid(s, at));
		copy = tls;
		assert_int_equal(sstp_tls_alert(&copy, close, sizeof(close)),
				 amid(s, at) ? SSTP_TLS_UNEXPECTED : SSTP_TLS_CLOSED);
		assert_int_equal(sstp_tls_handshake(&copy, NULL, 0), SSTP_TLS_UNEXPECTED);
	}
}

static void every_order(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct stream s = { .v13 = chance(2), .client = chance(4) };

		for (unsigned int i = 1 + chance(MESSAGES_MAX); i; i--)
			add_any(&s);
		one_stream(&s);
	}
}

static void alerts(void **state)
{
	static const struct {
		const char *bytes;
		unsigned int len;
		enum sstp_tls_verdict v12;
		enum sstp_tls_verdict v13;
	} cases[] = {
		{ "", 0, SSTP_TLS_UNEXPECTED, SSTP_TLS_UNEXPECTED },
		{ "\1", 1, SSTP_TLS_UNEXPECTED, SSTP_TLS_UNEXPECTED },
		{ "\1\0", 2, SSTP_TLS_CLOSED, SSTP_TLS_CLOSED },
		{ "\2\0", 2, SSTP_TLS_CLOSED, SSTP_TLS_CLOSED },
		{ "\1\132", 2, SSTP_TLS_GO_ON, SSTP_TLS_GO_ON },	/* user_canceled */
		{ "\1\144", 2, SSTP_TLS_GO_ON, SSTP_TLS_FAILED },	/* no_renegotiation */
		{ "\2\24", 2, SSTP_TLS_FAILED, SSTP_TLS_FAILED },	/* bad_record_mac */
		{ "\1\144\1\0", 4, SSTP_TLS_CLOSED, SSTP_TLS_UNEXPECTED },
		{ "\1\144\2\24", 4, SSTP_TLS_FAILED, SSTP_TLS_UNEXPECTED },
		{ "\1\144\2", 3, SSTP_TLS_UNEXPECTED, SSTP_TLS_UNEXPECTED },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int v13 = 0; v13 < 2; v13++) {
			struct sstp_tls tls = { .v13 = v13 };

			assert_int_equal(sstp_tls_alert(&tls, (const __u8 *)cases[i].bytes,
							cases[i].len),
					 v13 ? cases[i].v13 : cases[i].v12);
		}
	}
}

/* A record that changes keys is nothing but one KeyUpdate, between messages. */
static void key_updates(void **state)
{
	static const __u8 update[] = { 24, 0, 0, 1, 1, 0 };
	struct sstp_tls tls = { .v13 = true };

	(void)state;
	assert_int_equal(sstp_tls_key_update(&tls, update, 5), 1);
	assert_int_equal(sstp_tls_key_update(&tls, (const __u8 *)"\30\0\0\1\0", 5), 0);
	assert_int_equal(sstp_tls_key_update(&tls, (const __u8 *)"\30\0\0\1\2", 5), -1);
	assert_int_equal(sstp_tls_key_update(&tls, (const __u8 *)"\30\0\0\2\0", 5), -1);
	for (unsigned int len = 0; len <= sizeof(update); len++)
		if (len != 5)
			assert_int_equal(sstp_tls_key_update(&tls, update, len), -1);
	tls.have = 2;
	assert_int_equal(sstp_tls_key_update(&tls, update, 5), -1);
	tls = (struct sstp_tls){ .v13 = true, .left = 1 };
	assert_int_equal(sstp_tls_key_update(&tls, update, 5), -1);
	tls = (struct sstp_tls){ .v13 = false };
	assert_int_equal(sstp_tls_key_update(&tls, update, 5), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order),
		cmocka_unit_test(alerts),
		cmocka_unit_test(key_updates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
