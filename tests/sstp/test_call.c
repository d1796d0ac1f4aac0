// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every cell of the state tables, MS-SSTP 3.2 and 3.3, written down a second
 * time: as what an observer sees. "ABORT(2,5) > AP" is what was sent, what
 * was called, and the state after it; "." is: nothing at all happened.
 */
#include "rig/call_rig.h"
#include "rig/link_rig.h"

#include <stdlib.h>

static const struct {
	enum call_state state;
	const char *name;
	enum call_timer timer;
	unsigned int ms;
} state_info[] = {
	{ CALL_REQUEST_SENT,		"RS",  CALL_TIMER_NEGOTIATION, 60000 },
	{ CALL_ACK_RECEIVED,		"AR",  CALL_TIMER_NEGOTIATION, 60000 },
	{ CALL_REQUEST_PENDING,		"RP",  CALL_TIMER_NEGOTIATION, 60000 },
	{ CALL_CONNECTED_PENDING,	"CP",  CALL_TIMER_NEGOTIATION, 60000 },
	{ CALL_CONNECTED,		"CO",  CALL_TIMER_HELLO, 60000 },
	{ CALL_ABORT_PENDING,		"AP",  CALL_TIMER_ABORT, 3000 },
	{ CALL_ABORT_TIMEOUT_PENDING,	"ATP", CALL_TIMER_ABORT, 1000 },
	{ CALL_DISC_ACK_PENDING,	"DAP", CALL_TIMER_DISCONNECT, 5000 },
	{ CALL_DISC_TIMEOUT_PENDING,	"DTP", CALL_TIMER_DISCONNECT, 1000 },
	{ CALL_ENDED,			"END", CALL_TIMERS, 0 },
};

#define N_STATES (sizeof(state_info) / sizeof(state_info[0]))

static size_t state_index(enum call_state state)
{
	size_t i;

	for (i = 0; i < N_STATES; i++)
		if (state_info[i].state == state)
			return i;
	fail_msg("state %d", state);
	return 0;
}

/* What the peer, the owner or a timer may do to a call. */
enum stimulus {
	REQUEST_GOOD, REQUEST_BAD, REQUEST_BROKEN, ACK_GOOD, ACK_BAD, NAK, CONNECTED_GOOD,
	CONNECTED_NO_BINDING, CONNECTED_BAD_MAC, ABORT, DISCONNECT, DISCONNECT_ACK,
	ECHO_REQUEST, ECHO_RESPONSE, ECHO_WITH_ATTR, UNKNOWN_TYPE, TOO_SHORT,
	PPP_CONTROL, PPP_DATA, PPP_CONTROL_OUT, AUTH_DONE, STOP, NEGOTIATION_TIMER,
	HELLO_TIMER, ABORT_TIMER, DISCONNECT_TIMER, CLOSED, STREAM_ERROR,
	STIMULI,
};

static void input_raw(struct rig *r, const void *bytes, size_t len)
{
	/* A copy of the right size, so that the sanitizer sees an over-read. */
	uint8_t *copy = malloc(len);

	memcpy(copy, bytes, len);
	call_input(&r->c, copy, len);
	free(copy);
}

#define INPUT(r, bytes) input_raw(r, bytes, sizeof(bytes) - 1)

static void expect_abort(const struct rig *r, const char *what)
{
	char seen[64];

	assert_int_equal(r->n_sent, 1);
	rig_describe(&r->sent[0], seen, sizeof(seen));
	assert_string_equal(seen, what);
	assert_int_equal(r->c.state, CALL_ABORT_PENDING);
}

static void stimulate_connected_bad_mac(struct rig *r)
{
	uint8_t buf[SSTP_CONNECTED_LEN];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	rig_put_connected(r, &w, rig_hlak);
	buf[111] ^= 1;
	call_auth_done(&r->c, rig_hlak);
	rig_input(r, &w);
}

static void stimulate_message(struct rig *r, enum stimulus s)
{
	switch (s) {
	case REQUEST_GOOD:
		rig_peer_msg(r, SSTP_CALL_CONNECT_REQUEST);
		break;
	case REQUEST_BAD:
		INPUT(r, "\x10\x01\x00\x0e\x00\x01\x00\x01\x00\x01\x00\x06\x00\x02");
		break;
	case REQUEST_BROKEN:
		INPUT(r, "\x10\x01\x00\x0e\x00\x01\x00\x02\x00\x01\x00\x06\x00\x01");
		break;
	case ACK_GOOD:
		rig_peer_msg(r, SSTP_CALL_CONNECT_ACK);
		break;
	case ACK_BAD:
		INPUT(r, "\x10\x01\x00\x08\x00\x02\x00\x00");
		break;
	case NAK:
		INPUT(r, "\x10\x01\x00\x14\x00\x03\x00\x01\x00\x02\x00\x0c\0\0\0\x01\0\0\0\x04");
		break;
	case CONNECTED_GOOD:
		rig_peer_msg(r, SSTP_CALL_CONNECTED);
		break;
	case CONNECTED_NO_BINDING:
		INPUT(r, "\x10\x01\x00\x08\x00\x04\x00\x00");
		break;
	case CONNECTED_BAD_MAC:
		stimulate_connected_bad_mac(r);
		break;
	case ABORT:
		rig_peer_msg(r, SSTP_CALL_ABORT);
		break;
	case DISCONNECT:
		rig_peer_msg(r, SSTP_CALL_DISCONNECT);
		break;
	case DISCONNECT_ACK:
		rig_peer_msg(r, SSTP_CALL_DISCONNECT_ACK);
		break;
	case ECHO_REQUEST:
		rig_peer_msg(r, SSTP_ECHO_REQUEST);
		break;
	case ECHO_RESPONSE:
		rig_peer_msg(r, SSTP_ECHO_RESPONSE);
		break;
	case ECHO_WITH_ATTR:
		INPUT(r, "\x10\x01\x00\x0e\x00\x08\x00\x01\x00\x01\x00\x06\x00\x01");
		break;
	case UNKNOWN_TYPE:
		INPUT(r, "\x10\x01\x00\x08\x00\x0a\x00\x00");
		break;
	default:
		INPUT(r, "\x10\x01\x00\x07\x00\x08\x00");
		break;
	}
}

static void stimulate(struct rig *r, enum stimulus s)
{
	static const uint8_t lcp[] = { 0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };

	switch (s) {
	case PPP_CONTROL:
		INPUT(r, "\x10\x00\x00\x0c\xff\x03\xc0\x21\x01\x01\x00\x04");
		break;
	case PPP_DATA:
		INPUT(r, "\x10\x00\x00\x0c\xff\x03\x00\x21\x45\x00\x00\x04");
		break;
	case PPP_CONTROL_OUT:
		call_ppp_output(&r->c, lcp, sizeof(lcp));
		break;
	case AUTH_DONE:
		call_auth_done(&r->c, rig_hlak);
		break;
	case STOP:
		call_disconnect(&r->c, REASON_ADMIN, NULL);
		break;
	case NEGOTIATION_TIMER:
		call_timeout(&r->c, CALL_TIMER_NEGOTIATION);
		break;
	case HELLO_TIMER:
		call_timeout(&r->c, CALL_TIMER_HELLO);
		break;
	case ABORT_TIMER:
		call_timeout(&r->c, CALL_TIMER_ABORT);
		break;
	case DISCONNECT_TIMER:
		call_timeout(&r->c, CALL_TIMER_DISCONNECT);
		break;
	case CLOSED:
		call_closed(&r->c, "gone");
		break;
	case STREAM_ERROR:
		call_stream_error(&r->c);
		break;
	default:
		stimulate_message(r, s);
		break;
	}
}

static void append(char *out, const char *word)
{
	if (*out)
		strcat(out, " ");
	strcat(out, word);
}

/* All that can be seen of what a stimulus did. */
static void observe(const struct rig *r, enum call_state before, char out[static 256])
{
	char word[64];
	unsigned int i;

	out[0] = '\0';
	for (i = 0; i < r->n_sent; i++) {
		rig_describe(&r->sent[i], word, sizeof(word));
		append(out, word);
	}
	if (r->lower_up)
		append(out, "up");
	if (r->lower_down)
		append(out, "down");
	if (r->ppp_frames)
		append(out, "ppp");
	if (r->ip_packets)
		append(out, "ip");
	if (r->idle_queries)
		append(out, "idle?");
	if (r->connected)
		append(out, "connected");
	if (r->c.state != before) {
		append(out, ">");
		append(out, state_info[state_index(r->c.state)].name);
	}
	if (!*out)
		strcpy(out, ".");
}

/* The timers follow from the state, whatever happened. */
static void check_timers(const struct rig *r)
{
	size_t i = state_index(r->c.state);
	int t;

	for (t = 0; t < CALL_TIMER_RATE; t++)
		assert_int_equal(r->timer[t], t == (int)state_info[i].timer ?
				 state_info[i].ms : 0);
	if (r->c.state == CALL_ENDED)
		assert_int_equal(r->timer[CALL_TIMER_RATE], 0);
	assert_int_equal(r->ended, r->c.state == CALL_ENDED);
}

struct row {
	enum stimulus s;
	const char *name;
	const char *cell[7];
};

#define A25	"ABORT(2,5) > AP"
#define A25D	"ABORT(2,5) down > AP"
#define A27	"ABORT(2,7) > AP"
#define A27D	"ABORT(2,7) down > AP"
#define T7	"ABORT(2,5) > ATP"
#define T7D	"ABORT(2,5) down > ATP"
#define DA	"CALL_DISCONNECT_ACK > DTP"
#define DAD	"CALL_DISCONNECT_ACK down > DTP"
#define DISC	"CALL_DISCONNECT > DAP"
#define DISCD	"CALL_DISCONNECT down > DAP"
#define ROW(s, ...) { s, #s, { __VA_ARGS__ } }

static const enum call_state server_states[] = {
	CALL_REQUEST_PENDING, CALL_CONNECTED_PENDING, CALL_CONNECTED, CALL_ABORT_PENDING,
	CALL_ABORT_TIMEOUT_PENDING, CALL_DISC_ACK_PENDING, CALL_DISC_TIMEOUT_PENDING,
};

static const struct row server_rows[] = {
	ROW(REQUEST_GOOD, "CALL_CONNECT_ACK up > CP", A25D, A25D, ".", ".", ".", "."),
	ROW(REQUEST_BAD, "NAK(1,4)", A25D, A25D, ".", ".", ".", "."),
	ROW(REQUEST_BROKEN, A27, A25D, A25D, ".", ".", ".", "."),
	ROW(ACK_GOOD, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(ACK_BAD, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(NAK, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(CONNECTED_GOOD, A25, ".", A25D, ".", ".", ".", "."),	/* parked */
	ROW(CONNECTED_NO_BINDING, A25, "ABORT(2,9) down > AP", A25D, ".", ".", ".", "."),
	ROW(CONNECTED_BAD_MAC, A25, "ABORT(3,4) down > AP", A25D, ".", ".", ".", "."),
	ROW(ABORT, T7, T7D, T7D, "> ATP", ".", T7, "."),
	ROW(DISCONNECT, DA, DAD, DAD, ".", ".", DA, "."),
	ROW(DISCONNECT_ACK, A25, A25D, A25D, ".", ".", "> END", "."),
	ROW(ECHO_REQUEST, "ECHO_RESPONSE", "ECHO_RESPONSE", "ECHO_RESPONSE", ".", ".", ".", "."),
	ROW(ECHO_RESPONSE, ".", ".", ".", ".", ".", ".", "."),
	ROW(ECHO_WITH_ATTR, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(UNKNOWN_TYPE, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(TOO_SHORT, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(PPP_CONTROL, ".", "ppp", "ppp", ".", ".", ".", "."),
	ROW(PPP_DATA, ".", ".", "ip", ".", ".", ".", "."),
	ROW(PPP_CONTROL_OUT, ".", "DATA", "DATA", ".", ".", ".", "."),
	ROW(AUTH_DONE, ".", ".", ".", ".", ".", ".", "."),
	ROW(STOP, DISC, DISCD, DISCD, ".", ".", ".", "."),
	ROW(NEGOTIATION_TIMER, "> END", "ABORT(2,8) down > AP", ".", ".", ".", ".", "."),
	ROW(HELLO_TIMER, ".", ".", "idle?", ".", ".", ".", "."),
	ROW(ABORT_TIMER, ".", ".", ".", "> END", "> END", ".", "."),
	ROW(DISCONNECT_TIMER, ".", ".", ".", ".", ".", "> END", "> END"),
	ROW(CLOSED, "> END", "down > END", "down > END", "> END", "> END", "> END", "> END"),
	ROW(STREAM_ERROR, "> END", "down > END", "down > END", "> END", "> END", "> END", "> END"),
};

static const enum call_state client_states[] = {
	CALL_REQUEST_SENT, CALL_ACK_RECEIVED, CALL_CONNECTED, CALL_ABORT_PENDING,
	CALL_ABORT_TIMEOUT_PENDING, CALL_DISC_ACK_PENDING, CALL_DISC_TIMEOUT_PENDING,
};

static const struct row client_rows[] = {
	ROW(REQUEST_GOOD, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(REQUEST_BAD, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(REQUEST_BROKEN, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(ACK_GOOD, "up > AR", A25D, A25D, ".", ".", ".", "."),
	ROW(ACK_BAD, "ABORT(4,9) > AP", A25D, A25D, ".", ".", ".", "."),
	ROW(NAK, "CALL_CONNECT_REQUEST", A25D, A25D, ".", ".", ".", "."),
	ROW(CONNECTED_GOOD, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(CONNECTED_NO_BINDING, A25, A25D, A25D, ".", ".", ".", "."),
	ROW(ABORT, T7, T7D, T7D, "> ATP", ".", T7, "."),
	ROW(DISCONNECT, DA, DAD, DAD, ".", ".", DA, "."),
	ROW(DISCONNECT_ACK, A25, A25D, A25D, ".", ".", "> END", "."),
	ROW(ECHO_REQUEST, "ECHO_RESPONSE", "ECHO_RESPONSE", "ECHO_RESPONSE", ".", ".", ".", "."),
	ROW(ECHO_RESPONSE, ".", ".", ".", ".", ".", ".", "."),
	ROW(ECHO_WITH_ATTR, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(UNKNOWN_TYPE, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(TOO_SHORT, A27, A27D, A27D, ".", ".", ".", "."),
	ROW(PPP_CONTROL, ".", "ppp", "ppp", ".", ".", ".", "."),
	ROW(PPP_DATA, ".", ".", "ip", ".", ".", ".", "."),
	ROW(PPP_CONTROL_OUT, ".", "DATA", "DATA", ".", ".", ".", "."),
	ROW(AUTH_DONE, ".", "CALL_CONNECTED connected > CO", ".", ".", ".", ".", "."),
	ROW(STOP, DISC, DISCD, DISCD, ".", ".", ".", "."),
	ROW(NEGOTIATION_TIMER, "ABORT(2,8) > AP", "ABORT(2,8) down > AP", ".", ".", ".", ".", "."),
	ROW(HELLO_TIMER, ".", ".", "idle?", ".", ".", ".", "."),
	ROW(ABORT_TIMER, ".", ".", ".", "> END", "> END", ".", "."),
	ROW(DISCONNECT_TIMER, ".", ".", ".", ".", ".", "> END", "> END"),
	ROW(CLOSED, "> END", "down > END", "down > END", "> END", "> END", "> END", "> END"),
	ROW(STREAM_ERROR, "> END", "down > END", "down > END", "> END", "> END", "> END", "> END"),
};

static void check_cell(enum call_role role, enum call_state state, const struct row *row,
		       const char *expect)
{
	static struct rig r;
	char seen[256];

	rig_enter(&r, role, state);
	check_timers(&r);
	stimulate(&r, row->s);
	observe(&r, state, seen);
	if (strcmp(seen, expect))
		fail_msg("%s in %s: expected \"%s\", saw \"%s\"", row->name,
			 call_state_name(state), expect, seen);
	check_timers(&r);
}

static void check_rows(enum call_role role, const enum call_state *states,
		       const struct row *rows, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < 7; j++)
			check_cell(role, states[j], &rows[i], rows[i].cell[j]);
}

static void server_table(void **state)
{
	(void)state;
	assert_int_equal(sizeof(server_rows) / sizeof(server_rows[0]), STIMULI);
	check_rows(CALL_SERVER, server_states, server_rows, STIMULI);
}

static void client_table(void **state)
{
	(void)state;
	/* A client never judges a MAC: that row is the server's alone. */
	assert_int_equal(sizeof(client_rows) / sizeof(client_rows[0]), STIMULI - 1);
	check_rows(CALL_CLIENT, client_states, client_rows, STIMULI - 1);
}

/* Before the start and after the end nothing happens, whatever comes. */
static void idle_and_ended_are_deaf(void **state)
{
	const struct row *rows[] = { server_rows, client_rows };
	const size_t n[] = { STIMULI, STIMULI - 1 };
	static struct rig r;
	char seen[256];
	size_t role, i;

	(void)state;
	for (role = 0; role < 2; role++) {
		for (i = 0; i < n[role]; i++) {
			rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER, CALL_ENDED);
			stimulate(&r, rows[role][i].s);
			observe(&r, CALL_ENDED, seen);
			assert_string_equal(seen, ".");
			assert_int_equal(r.ended, 1);
			rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER, CALL_IDLE);
			stimulate(&r, rows[role][i].s);
			observe(&r, CALL_IDLE, seen);
			assert_string_equal(seen, ".");
			assert_int_equal(r.ended, 0);
		}
	}
}

/* ---- beyond one cell -------------------------------------------------- */

static void server_naks_three_times(void **state)
{
	static struct rig r;
	int i;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_REQUEST_PENDING);
	for (i = 0; i < 3; i++)
		stimulate(&r, REQUEST_BAD);
	assert_int_equal(r.n_sent, 3);
	assert_int_equal(r.c.state, CALL_REQUEST_PENDING);
	stimulate(&r, REQUEST_BAD);
	assert_int_equal(r.c.state, CALL_ABORT_PENDING);
	assert_int_equal(r.sent[3].data[15], 2);
	assert_int_equal(r.sent[3].data[19], SSTP_STATUS_RETRY_COUNT_EXCEEDED);
	assert_int_equal(r.c.reason, REASON_REFUSED);
}

static void server_accepts_after_a_nak(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_REQUEST_PENDING);
	stimulate(&r, REQUEST_BAD);
	stimulate(&r, REQUEST_GOOD);
	assert_int_equal(r.c.state, CALL_CONNECTED_PENDING);
}

static void client_retries_three_times(void **state)
{
	static struct rig r;
	int i;

	(void)state;
	rig_enter(&r, CALL_CLIENT, CALL_REQUEST_SENT);
	for (i = 0; i < 3; i++)
		stimulate(&r, NAK);
	assert_int_equal(r.n_sent, 3);
	stimulate(&r, NAK);
	assert_int_equal(r.c.state, CALL_ABORT_PENDING);
	assert_int_equal(r.c.reason, REASON_REFUSED);
	assert_non_null(strstr(r.c.text, "value not supported"));
}

static void early_connected_waits_for_the_key(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	stimulate(&r, CONNECTED_GOOD);
	assert_int_equal(r.connected, 0);
	stimulate(&r, PPP_DATA);
	assert_int_equal(r.ip_packets, 0);
	stimulate(&r, AUTH_DONE);
	assert_int_equal(r.connected, 1);
	assert_int_equal(r.c.state, CALL_CONNECTED);
}

static void second_early_connected_aborts(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	stimulate(&r, CONNECTED_GOOD);
	stimulate(&r, CONNECTED_GOOD);
	assert_int_equal(r.c.state, CALL_ABORT_PENDING);
	assert_int_equal(r.sent[0].data[19], SSTP_STATUS_UNACCEPTED_FRAME);
}

/* "No key yet" is not "zero key": a zero-key MAC waits like any other. */
static void zero_key_is_not_no_key(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];
	uint8_t buf[SSTP_CONNECTED_LEN];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	rig_put_connected(&r, &w, zero);
	rig_input(&r, &w);
	assert_int_equal(r.c.state, CALL_CONNECTED_PENDING);
	call_auth_done(&r.c, rig_hlak);
	assert_int_equal(r.c.state, CALL_ABORT_PENDING);
	assert_int_equal(r.c.reason, REASON_BINDING);
	assert_non_null(strstr(r.c.text, "all-zero key"));
	/* After PAP the zero key is the key. */
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	rig_input(&r, &w);
	call_auth_done(&r.c, zero);
	assert_int_equal(r.c.state, CALL_CONNECTED);
}

static void second_authentication_changes_nothing(void **state)
{
	static const uint8_t other[BINDING_HLAK_LEN] = { 9 };
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	call_auth_done(&r.c, rig_hlak);
	call_auth_done(&r.c, other);
	stimulate(&r, CONNECTED_GOOD);
	assert_int_equal(r.c.state, CALL_CONNECTED);
}

static void keys_are_wiped(void **state)
{
	static const uint8_t zero[BINDING_HLAK_LEN];
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	assert_memory_equal(r.c.hlak, zero, sizeof(zero));
	rig_enter(&r, CALL_CLIENT, CALL_CONNECTED);
	assert_memory_equal(r.c.hlak, zero, sizeof(zero));
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	call_auth_done(&r.c, rig_hlak);
	call_closed(&r.c, NULL);
	assert_memory_equal(r.c.hlak, zero, sizeof(zero));
}

/* ---- hash choice ------------------------------------------------------ */

static void client_choice(uint8_t offered, uint8_t allowed, int expect)
{
	uint8_t nonce[SSTP_NONCE_LEN] = { 0 }, buf[64];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	static struct rig r;

	rig_enter(&r, CALL_CLIENT, CALL_REQUEST_SENT);
	r.c.cfg.hash_mask = allowed;
	sstp_put_ack(&w, offered, nonce);
	rig_input(&r, &w);
	if (expect) {
		assert_int_equal(r.c.state, CALL_ACK_RECEIVED);
		assert_int_equal(r.c.hash, expect);
	} else {
		assert_int_equal(r.c.state, CALL_ABORT_PENDING);
		assert_int_equal(r.c.reason, REASON_NO_HASH);
	}
}

static void client_takes_the_better_hash(void **state)
{
	(void)state;
	client_choice(0x03, 0x03, SSTP_HASH_SHA256);
	client_choice(0x01, 0x03, SSTP_HASH_SHA1);
	client_choice(0xff, 0x03, SSTP_HASH_SHA256);
	client_choice(0x03, 0x01, SSTP_HASH_SHA1);
	client_choice(0x01, 0x02, 0);
	client_choice(0x02, 0x01, 0);
	client_choice(0xfc, 0x03, 0);
	client_choice(0x00, 0x03, 0);
}

static void server_refuses_a_hash_not_offered(void **state)
{
	uint8_t nonce[SSTP_NONCE_LEN], buf[SSTP_CONNECTED_LEN];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	r.c.cfg.hash_mask = SSTP_HASH_SHA256;
	call_auth_done(&r.c, rig_hlak);
	rig_nonce(nonce);
	sstp_put_connected(&w, SSTP_HASH_SHA1, nonce, r.c.cfg.cert.sha1, BINDING_SHA1_LEN);
	assert_int_equal(binding_sign(buf, rig_hlak), 0);
	rig_input(&r, &w);
	assert_int_equal(r.c.state, CALL_ABORT_PENDING);
	assert_int_equal(r.c.reason, REASON_BINDING);
	expect_abort(&r, "ABORT(3,4)");
}

/* Signed with the right key, on the connection of somebody in the middle. */
static void server_refuses_another_certificate(void **state)
{
	uint8_t nonce[SSTP_NONCE_LEN], buf[SSTP_CONNECTED_LEN], cert[32];
	struct wbuf w = wbuf_of(buf, sizeof(buf));
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	call_auth_done(&r.c, rig_hlak);
	memcpy(cert, r.c.cfg.cert.sha256, sizeof(cert));
	cert[31] ^= 1;
	rig_nonce(nonce);
	sstp_put_connected(&w, SSTP_HASH_SHA256, nonce, cert, sizeof(cert));
	assert_int_equal(binding_sign(buf, rig_hlak), 0);
	rig_input(&r, &w);
	expect_abort(&r, "ABORT(3,4)");
	assert_int_equal(r.c.reason, REASON_BINDING);
	assert_int_equal(r.connected, 0);
}

/* ---- attributes -------------------------------------------------------- */

/* What no list of attributes is, whatever message it is in. */
static const struct {
	uint16_t count;
	const char *attrs;
} broken_lists[] = {
	{ 0, "00010006 0001" },			/* bytes behind the last one */
	{ 2, "00010006 0001" },			/* one is missing */
	{ 0xffff, "00010006 0001" },
	{ 1, "" },
	{ 1, "00010006 0001 00" },
	{ 1, "00010000 0001" },			/* a length below the header's */
	{ 1, "00010003 0001" },
	{ 1, "00010007 0001" },			/* past the end */
	{ 1, "00010fff 0001" },
	{ 1, "0001" },				/* half a header */
	{ 2, "00010006 0001 000200" },
};

#define N_BROKEN	(sizeof(broken_lists) / sizeof(broken_lists[0]))

static void input_broken(struct rig *r, enum sstp_msg_type type, size_t i)
{
	size_t len;
	uint8_t *attrs = unhex(broken_lists[i].attrs, &len);
	uint8_t pkt[64] = { SSTP_VERSION, 1, 0, 8 + len, 0, type,
			    broken_lists[i].count >> 8, broken_lists[i].count & 0xff };

	memcpy(pkt + 8, attrs, len);
	input_raw(r, pkt, 8 + len);
	free(attrs);
}

static void broken_lists_abort(void **state)
{
	static const struct {
		enum call_role role;
		enum call_state at;
		enum sstp_msg_type type;
	} cases[] = {
		{ CALL_SERVER, CALL_REQUEST_PENDING, SSTP_CALL_CONNECT_REQUEST },
		{ CALL_SERVER, CALL_CONNECTED_PENDING, SSTP_CALL_CONNECTED },
		{ CALL_SERVER, CALL_CONNECTED, SSTP_ECHO_REQUEST },
		{ CALL_SERVER, CALL_CONNECTED, SSTP_ECHO_RESPONSE },
		{ CALL_CLIENT, CALL_REQUEST_SENT, SSTP_CALL_CONNECT_ACK },
		{ CALL_CLIENT, CALL_CONNECTED, SSTP_ECHO_REQUEST },
		{ CALL_CLIENT, CALL_CONNECTED, SSTP_ECHO_RESPONSE },
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < N_BROKEN; j++) {
			rig_enter(&r, cases[i].role, cases[i].at);
			input_broken(&r, cases[i].type, j);
			expect_abort(&r, "ABORT(2,7)");
			assert_int_equal(r.c.reason, REASON_PROTOCOL);
		}
	}
}

/* What ends a call, or its request, does so however badly it is put. */
static void broken_lists_do_not_hide_an_end(void **state)
{
	static struct rig r;

	(void)state;
	for (int role = 0; role < 2; role++) {
		enum call_role is = role ? CALL_CLIENT : CALL_SERVER;
		const enum call_state *at = role ? client_states : server_states;

		for (size_t i = 0; i < 3 * N_BROKEN; i++) {
			rig_enter(&r, is, at[i % 3]);
			input_broken(&r, SSTP_CALL_ABORT, i / 3);
			assert_int_equal(r.c.state, CALL_ABORT_TIMEOUT_PENDING);
			assert_int_equal(r.c.reason, REASON_PEER_ABORT);
			rig_enter(&r, is, at[i % 3]);
			input_broken(&r, SSTP_CALL_DISCONNECT, i / 3);
			assert_int_equal(r.c.state, CALL_DISC_TIMEOUT_PENDING);
			rig_enter(&r, is, CALL_DISC_ACK_PENDING);
			input_broken(&r, SSTP_CALL_DISCONNECT_ACK, i / 3);
			assert_int_equal(r.c.state, CALL_ENDED);
		}
	}
	for (size_t i = 0; i < N_BROKEN; i++) {
		rig_enter(&r, CALL_CLIENT, CALL_REQUEST_SENT);
		input_broken(&r, SSTP_CALL_CONNECT_NAK, i);
		assert_int_equal(r.c.state, CALL_REQUEST_SENT);
		assert_int_equal(r.n_sent, 1);
	}
}

/* ---- hello ------------------------------------------------------------ */

static void hello_timer(struct rig *r, unsigned int idle_ms)
{
	call_timeout(&r->c, CALL_TIMER_HELLO);
	call_idle(&r->c, idle_ms);
}

static void hello_waits_for_the_rest_of_the_silence(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	hello_timer(&r, 100);
	assert_int_equal(r.timer[CALL_TIMER_HELLO], 59900);
	assert_int_equal(r.n_sent, 0);
	hello_timer(&r, 59999);
	assert_int_equal(r.timer[CALL_TIMER_HELLO], 1);
	assert_int_equal(r.n_sent, 0);
}

static void hello_echoes_and_then_gives_up(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_CLIENT, CALL_CONNECTED);
	hello_timer(&r, 60000);
	assert_int_equal(r.n_sent, 1);
	assert_int_equal(r.sent[0].data[5], SSTP_ECHO_REQUEST);
	assert_int_equal(r.timer[CALL_TIMER_HELLO], 60000);
	hello_timer(&r, 120000);
	assert_int_equal(r.n_sent, 1);		/* no ABORT: MS-SSTP 3.1.6.4 */
	assert_int_equal(r.ended, 1);
	assert_int_equal(r.reason, REASON_HELLO_TIMEOUT);
}

/* Any packet counts as life, not only ECHO_RESPONSE: SoftEther never sends it. */
static void hello_any_packet_is_life(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_CLIENT, CALL_CONNECTED);
	hello_timer(&r, 60000);
	hello_timer(&r, 30000);
	assert_int_equal(r.timer[CALL_TIMER_HELLO], 30000);
	hello_timer(&r, 60000);
	assert_int_equal(r.n_sent, 2);
	assert_int_equal(r.ended, 0);
}

/* The answer came 1 ms after the echo, the next timer fires 5 ms late. */
static void hello_answer_of_a_near_peer_counts(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	hello_timer(&r, 60000);
	hello_timer(&r, 60004);
	assert_int_equal(r.ended, 0);
	assert_int_equal(r.n_sent, 2);
	hello_timer(&r, 120004);
	assert_int_equal(r.ended, 1);
}

/*
 * The answer came right behind the request and the timer fires late: silence
 * for an interval and a bit is not death.
 */
static void hello_answer_as_old_as_the_interval(void **state)
{
	static struct rig r;
	int i;

	(void)state;
	rig_enter(&r, CALL_CLIENT, CALL_CONNECTED);
	for (i = 1; i < 10; i++) {
		hello_timer(&r, 60005);
		assert_int_equal(r.n_sent, i);
		assert_int_equal(r.ended, 0);
	}
	hello_timer(&r, 120005);
	assert_int_equal(r.reason, REASON_HELLO_TIMEOUT);
}

/* A data path that does not answer must not stop the hello, nor end the call. */
static void hello_without_an_answer_asks_again(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	call_timeout(&r.c, CALL_TIMER_HELLO);
	assert_int_equal(r.timer[CALL_TIMER_HELLO], 60000);
	call_timeout(&r.c, CALL_TIMER_HELLO);
	assert_int_equal(r.idle_queries, 2);
	call_idle(&r.c, 60000);
	call_idle(&r.c, 60000);		/* the late answer to the first question */
	assert_int_equal(r.n_sent, 1);
	assert_int_equal(r.ended, 0);
}

/* ---- limits ----------------------------------------------------------- */

static void echo_answers_are_limited(void **state)
{
	static struct rig r;
	int i;

	(void)state;
	for (int role = 0; role < 2; role++) {
		rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER, CALL_CONNECTED);
		call_timeout(&r.c, CALL_TIMER_RATE);
		for (i = 0; i < 50; i++)
			stimulate(&r, ECHO_REQUEST);
		assert_int_equal(r.n_sent, 10);
		assert_int_equal(r.timer[CALL_TIMER_RATE], 1000);
		call_timeout(&r.c, CALL_TIMER_RATE);
		stimulate(&r, ECHO_REQUEST);
		assert_int_equal(r.n_sent, 11);
	}
}

static void control_flood_aborts(void **state)
{
	static struct rig r;
	int i;

	(void)state;
	for (int role = 0; role < 2; role++) {
		rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER, CALL_CONNECTED);
		for (i = 0; i < 60; i++)
			stimulate(&r, ECHO_RESPONSE);
		expect_abort(&r, "ABORT(2,5)");
		assert_int_equal(r.c.reason, REASON_FLOOD);
	}
}

static void frames_without_ppp_are_dropped(void **state)
{
	static uint8_t huge[SSTP_PKT_MAX] = { 0x10, 0, 0x0f, 0xff, 0x21 };
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	INPUT(&r, "\x10\x00\x00\x04");
	INPUT(&r, "\x10\x00\x00\x05\xff");
	INPUT(&r, "\x10\x00\x00\x06\xff\x03");
	INPUT(&r, "\x10\x00\x00\x07\xff\x03\x00");
	INPUT(&r, "\x10\x00\x00\x08\xff\x03\x00\x20");
	INPUT(&r, "\x10\x00\x00\x06\x7e\xff");
	INPUT(&r, "\x10\x00\x00\x06\xff\x02");
	input_raw(&r, huge, sizeof(huge));	/* 4090 bytes of IP: above any MRU */
	assert_int_equal(r.ppp_frames + r.ip_packets, 1);	/* 7eff is a protocol */
	assert_int_equal(r.c.dropped_frames, 7);
}

/* More than our MRU, as long as it fits behind the longest header there is. */
static void information_up_to_4087_passes(void **state)
{
	static uint8_t longest[SSTP_PKT_MAX] = { 0x10, 0, 0x0f, 0xff, 0xff, 3, 0, 0x21, 0x45 };
	static uint8_t longer[SSTP_PKT_MAX] = { 0x10, 0, 0x0f, 0xff, 0xff, 3, 0x21, 0x45 };
	static struct rig r;

	(void)state;
	for (int role = 0; role < 2; role++) {
		rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER, CALL_CONNECTED);
		input_raw(&r, longest, sizeof(longest));
		assert_int_equal(r.ip_packets, 1);
		input_raw(&r, longer, sizeof(longer));
		assert_int_equal(r.ip_packets, 1);
		assert_int_equal(r.c.dropped_frames, 1);
	}
}

/* Bytes of a serial line: a flag, and control characters escaped by 7D. */
static void hdlc_is_no_sstp(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED_PENDING);
	INPUT(&r, "\x10\x00\x00\x10\x7e\xff\x7d\x23\xc0\x21\x7d\x21\x7d\x21\x7d\x20");
	INPUT(&r, "\x10\x00\x00\x0f\xff\x7d\x23\xc0\x21\x7d\x21\x7d\x21\x7d\x20");
	assert_int_equal(r.ppp_frames + r.ip_packets, 0);
	assert_int_equal(r.c.dropped_frames, 2);
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	INPUT(&r, "\x10\x00\x00\x0f\xff\x7d\x23\x00\x21\x45\x7d\x20\x7d\x20\x34\x7e");
	assert_int_equal(r.c.dropped_frames, 1);
	/* With the flag it is of protocol 7EFF, which test_ppp.c has rejected. */
	INPUT(&r, "\x10\x00\x00\x0b\x7e\xff\x7d\x23\x00\x21\x45");
	assert_int_equal(r.ppp_frames, 1);
	assert_int_equal(r.ip_packets, 0);
}

static void all_forms_of_ppp_header(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_CONNECTED);
	INPUT(&r, "\x10\x00\x00\x09\xff\x03\x00\x21\x45");
	INPUT(&r, "\x10\x00\x00\x08\xff\x03\x21\x45");
	INPUT(&r, "\x10\x00\x00\x07\x00\x21\x45");
	INPUT(&r, "\x10\x00\x00\x06\x21\x45");
	INPUT(&r, "\x10\x00\x00\x06\x57\x60");
	assert_int_equal(r.ip_packets, 5);
	INPUT(&r, "\x10\x00\x00\x0a\xff\x03\x80\xfd\x01\x01");
	INPUT(&r, "\x10\x00\x00\x08\xff\x03\x00\x2d");
	assert_int_equal(r.ppp_frames, 2);
	assert_int_equal(r.c.dropped_frames, 0);
}

/* ---- reasons, failures ------------------------------------------------- */

static void the_first_cause_is_reported(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_CLIENT, CALL_CONNECTED);
	call_disconnect(&r.c, REASON_AUTH_FAILED, "wrong password");
	stimulate(&r, DISCONNECT);
	stimulate(&r, CLOSED);
	assert_int_equal(r.ended, 1);
	assert_int_equal(r.reason, REASON_AUTH_FAILED);
	assert_string_equal(r.text, "wrong password");
}

static void no_randomness_no_call(void **state)
{
	static struct rig r;

	(void)state;
	rig_enter(&r, CALL_SERVER, CALL_REQUEST_PENDING);
	r.random_fails = true;
	stimulate(&r, REQUEST_GOOD);
	assert_int_equal(r.lower_up, 0);
	assert_int_equal(r.c.state, CALL_DISC_ACK_PENDING);
	assert_int_equal(r.c.reason, REASON_INTERNAL);
}

static void closing_send(void *ctx, const uint8_t *pkt, size_t len)
{
	struct rig *r = ctx;

	rig_send(ctx, pkt, len);
	call_closed(&r->c, "write failed");
}

/* The transport may fail inside send(): no state may come back to life. */
static void send_that_closes(void **state)
{
	static const enum stimulus what[] = {
		REQUEST_GOOD, REQUEST_BAD, CONNECTED_NO_BINDING, ABORT, DISCONNECT, STOP,
		ACK_BAD, NAK, AUTH_DONE, ECHO_REQUEST, UNKNOWN_TYPE,
	};
	static struct call_ops ops;
	static struct rig r;
	size_t i, j, role;

	(void)state;
	ops = rig_ops;
	ops.send = closing_send;
	for (role = 0; role < 2; role++) {
		for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
			for (j = 0; j < 3; j++) {
				rig_enter(&r, role ? CALL_CLIENT : CALL_SERVER,
					  role ? client_states[j] : server_states[j]);
				r.c.ops = &ops;
				stimulate(&r, what[i]);
				if (!r.n_sent)
					continue;
				assert_int_equal(r.c.state, CALL_ENDED);
				assert_int_equal(r.ended, 1);
				assert_int_equal(r.connected, 0);
				check_timers(&r);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_table),
		cmocka_unit_test(client_table),
		cmocka_unit_test(idle_and_ended_are_deaf),
		cmocka_unit_test(server_naks_three_times),
		cmocka_unit_test(server_accepts_after_a_nak),
		cmocka_unit_test(client_retries_three_times),
		cmocka_unit_test(early_connected_waits_for_the_key),
		cmocka_unit_test(second_early_connected_aborts),
		cmocka_unit_test(zero_key_is_not_no_key),
		cmocka_unit_test(second_authentication_changes_nothing),
		cmocka_unit_test(keys_are_wiped),
		cmocka_unit_test(client_takes_the_better_hash),
		cmocka_unit_test(server_refuses_a_hash_not_offered),
		cmocka_unit_test(server_refuses_another_certificate),
		cmocka_unit_test(broken_lists_abort),
		cmocka_unit_test(broken_lists_do_not_hide_an_end),
		cmocka_unit_test(hello_waits_for_the_rest_of_the_silence),
		cmocka_unit_test(hello_echoes_and_then_gives_up),
		cmocka_unit_test(hello_any_packet_is_life),
		cmocka_unit_test(hello_answer_of_a_near_peer_counts),
		cmocka_unit_test(hello_answer_as_old_as_the_interval),
		cmocka_unit_test(hello_without_an_answer_asks_again),
		cmocka_unit_test(echo_answers_are_limited),
		cmocka_unit_test(control_flood_aborts),
		cmocka_unit_test(frames_without_ppp_are_dropped),
		cmocka_unit_test(information_up_to_4087_passes),
		cmocka_unit_test(hdlc_is_no_sstp),
		cmocka_unit_test(all_forms_of_ppp_header),
		cmocka_unit_test(the_first_cause_is_reported),
		cmocka_unit_test(no_randomness_no_call),
		cmocka_unit_test(send_that_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
