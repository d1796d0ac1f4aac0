// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests/vectors/packets.json: every packet goes through the stream into a call
 * in the state the vector names, whole and byte by byte, and has to provoke
 * the reaction the vector lists. All of them are for these two layers; what TLS
 * and HTTP refuse is tested in test_http_msg.c.
 */
#include "rig/call_rig.h"
#include "rig/vectors.h"

static struct json_object *file;

/* Delivers @pkt as TLS would, @chunk bytes at a time. */
static void deliver(struct rig *r, const uint8_t *bytes, size_t len, size_t chunk)
{
	struct sstp_stream stream;
	const uint8_t *pkt;
	size_t n, pkt_len;
	struct rbuf in;
	int rc = 0;

	sstp_stream_init(&stream);
	while (len && rc >= 0) {
		n = chunk < len ? chunk : len;
		in = rbuf_of(bytes, n);
		while ((rc = sstp_stream_next(&stream, &in, &pkt, &pkt_len)) > 0)
			call_input(&r->c, pkt, pkt_len);
		bytes += n;
		len -= n;
	}
	if (rc < 0)
		call_stream_error(&r->c);
}

static enum call_state state_named(enum call_role role, const char *name)
{
	if (!strcmp(name, "Call_Connected"))
		return CALL_CONNECTED;
	if (role == CALL_SERVER && !strcmp(name, "Connect_Request_Pending"))
		return CALL_REQUEST_PENDING;
	if (role == CALL_SERVER && !strcmp(name, "Call_Connected_Pending"))
		return CALL_CONNECTED_PENDING;
	if (role == CALL_CLIENT && !strcmp(name, "Connect_Request_Sent"))
		return CALL_REQUEST_SENT;
	if (role == CALL_CLIENT && !strcmp(name, "Connect_Ack_Received"))
		return CALL_ACK_RECEIVED;
	fail_msg("no state %s", name);
	return CALL_IDLE;
}

/* What the call did, in the words of the vector file. */
static const char *reaction(const struct rig *r, enum call_state before)
{
	static char text[64];

	if (r->ended)
		return r->n_sent ? "sent and closed" : "close";
	if (r->c.state == CALL_DISC_TIMEOUT_PENDING)
		return "disconnect-ack";
	if (r->c.state == CALL_ABORT_TIMEOUT_PENDING)
		return "peer-abort";
	if (r->c.state == CALL_ACK_RECEIVED && before == CALL_REQUEST_SENT) {
		snprintf(text, sizeof(text), "hash %u", r->c.hash);
		return text;
	}
	if (r->ppp_frames == 1)
		return "ppp";
	if (r->n_sent == 1) {
		rig_describe(&r->sent[0], text, sizeof(text));
		return text;
	}
	return !r->n_sent && r->c.state == before && r->c.dropped_frames == 1 ?
	       "drop" : "nothing";
}

static void expected(struct json_object *v, char *out, size_t size)
{
	const char *react = vec_str(v, "react");

	if (!strcmp(react, "abort"))
		snprintf(out, size, "ABORT(%d,%d)", vec_int(v, "attr"), vec_int(v, "status"));
	else if (!strcmp(react, "nak"))
		snprintf(out, size, "NAK(%d,%d)", vec_int(v, "attr"), vec_int(v, "status"));
	else if (!strcmp(react, "ack"))
		snprintf(out, size, "CALL_CONNECT_ACK");
	else if (!strcmp(react, "retry"))
		snprintf(out, size, "CALL_CONNECT_REQUEST");
	else if (!strcmp(react, "echo-response"))
		snprintf(out, size, "ECHO_RESPONSE");
	else if (!strcmp(react, "hash"))
		snprintf(out, size, "hash %d", vec_int(v, "hash"));
	else
		snprintf(out, size, "%s", react);
}

/* A NAK that echoes a value ends in it; one that does not has none. */
static void check_nak_value(struct json_object *v, const struct rig *r)
{
	const struct rig_pkt *nak = &r->sent[0];
	uint8_t value[SSTP_NAK_VALUE_MAX];
	size_t len = 0;

	if (vec_has(v, "value"))
		len = vec_hex(v, "value", value, sizeof(value));
	else if (vec_int(v, "status") == SSTP_STATUS_INVALID_VALUE_LENGTH)
		return;
	assert_int_equal(nak->len, 20 + len);
	assert_memory_equal(nak->data + 20, value, len);
}

static void check_one(struct json_object *v, enum call_role role, enum call_state state,
		      size_t chunk)
{
	uint8_t bytes[SSTP_PKT_MAX];
	size_t len = vec_packet(v, bytes, sizeof(bytes));
	const char *seen;
	static struct rig r;
	char want[64];

	rig_enter(&r, role, state);
	deliver(&r, bytes, len, chunk);
	expected(v, want, sizeof(want));
	seen = reaction(&r, state);
	if (strcmp(seen, want))
		fail_msg("%s, %s in %s, %zu bytes at a time: expected %s, saw %s",
			 vec_str(v, "name"), role == CALL_SERVER ? "server" : "client",
			 call_state_name(state), chunk, want, seen);
	if (!strncmp(want, "ABORT", 5)) {
		assert_int_equal(r.c.state, CALL_ABORT_PENDING);
		assert_int_equal(r.timer[CALL_TIMER_ABORT], 3000);
	}
	if (!strncmp(want, "NAK", 3)) {
		assert_int_equal(r.c.state, CALL_REQUEST_PENDING);
		check_nak_value(v, &r);
	}
}

static void check_state(struct json_object *v, enum call_role role, enum call_state state)
{
	check_one(v, role, state, SIZE_MAX);
	check_one(v, role, state, 1);
}

static void check_role(struct json_object *v, enum call_role role)
{
	static const enum call_state live[][3] = {
		[CALL_CLIENT] = { CALL_REQUEST_SENT, CALL_ACK_RECEIVED, CALL_CONNECTED },
		[CALL_SERVER] = { CALL_REQUEST_PENDING, CALL_CONNECTED_PENDING,
				  CALL_CONNECTED },
	};
	const char *state = vec_str(v, "state");
	size_t i;

	if (strcmp(state, "live")) {
		check_state(v, role, state_named(role, state));
		return;
	}
	for (i = 0; i < 3; i++)
		check_state(v, role, live[role][i]);
}

static void check_list(const char *name, size_t count)
{
	struct json_object *list = vec_get(file, name);
	const char *role;
	size_t i;

	assert_int_equal(json_object_array_length(list), count);
	for (i = 0; i < count; i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		role = vec_str(v, "role");
		assert_true(!strcmp(role, "server") || !strcmp(role, "client") ||
			    !strcmp(role, "both"));
		if (strcmp(role, "client"))
			check_role(v, CALL_SERVER);
		if (strcmp(role, "server"))
			check_role(v, CALL_CLIENT);
	}
}

static void malformed(void **state)
{
	(void)state;
	check_list("malformed", 67);
}

static void tolerated(void **state)
{
	(void)state;
	check_list("tolerate", 9);
}

/* Legal packets delineate and can be walked. */
static void valid_packets_parse(void **state)
{
	struct json_object *list = vec_get(file, "valid");
	uint8_t bytes[SSTP_PKT_MAX];
	struct sstp_stream stream;
	const uint8_t *pkt;
	struct sstp_ctrl m;
	struct rbuf in;
	size_t i, len;

	(void)state;
	assert_int_equal(json_object_array_length(list), 22);
	for (i = 0; i < 22; i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		in = rbuf_of(bytes, vec_packet(v, bytes, sizeof(bytes)));
		sstp_stream_init(&stream);
		assert_int_equal(sstp_stream_next(&stream, &in, &pkt, &len), 1);
		assert_int_equal(len, vec_int(v, "len"));
		assert_int_equal(in.len, 0);
		if (!sstp_is_control(pkt))
			continue;
		assert_true(sstp_ctrl_parse(&m, pkt, len));
		assert_true(sstp_attrs_well_formed(&m));
	}
}

static void put_named(struct wbuf *w, const char *name)
{
	static const struct {
		const char *name;
		uint8_t status;
		uint8_t attr;
	} aborts[] = {
		{ "call_abort_invalid_frame", 7, 2 },
		{ "call_abort_crypto_binding", 4, 3 },
		{ "call_abort_binding_missing", 9, 2 },
		{ "call_abort_retry_exceeded", 6, 2 },
		{ "call_abort_negotiation_timeout", 8, 2 },
		{ "call_abort_unaccepted_frame", 5, 2 },
	};
	struct sstp_faults faults = { .n = 1, .f[0] = { .attr = 1 } };
	uint8_t nonce[SSTP_NONCE_LEN];
	size_t i;

	rig_nonce(nonce);
	for (i = 0; i < sizeof(aborts) / sizeof(aborts[0]); i++)
		if (!strcmp(name, aborts[i].name))
			sstp_put_abort(w, aborts[i].attr, aborts[i].status);
	if (!strcmp(name, "call_connect_request"))
		sstp_put_request(w);
	else if (!strcmp(name, "call_connect_ack_sha1"))
		sstp_put_ack(w, 1, nonce);
	else if (!strcmp(name, "call_connect_ack_sha256"))
		sstp_put_ack(w, 2, nonce);
	else if (!strcmp(name, "call_connect_ack_both"))
		sstp_put_ack(w, 3, nonce);
	else if (!strcmp(name, "call_disconnect"))
		sstp_put_disconnect(w);
	else if (!strcmp(name, "call_disconnect_ack"))
		sstp_put_empty(w, SSTP_CALL_DISCONNECT_ACK);
	else if (!strcmp(name, "echo_request"))
		sstp_put_empty(w, SSTP_ECHO_REQUEST);
	else if (!strcmp(name, "echo_response"))
		sstp_put_empty(w, SSTP_ECHO_RESPONSE);
	else if (!strcmp(name, "call_connect_nak_protocol")) {
		faults.f[0].status = SSTP_STATUS_VALUE_NOT_SUPPORTED;
		faults.f[0].value_len = 2;
		faults.f[0].value[1] = 2;
		sstp_put_nak(w, &faults);
	} else if (!strcmp(name, "call_connect_nak_missing_attr_by_2.2.8")) {
		faults.f[0].status = SSTP_STATUS_REQUIRED_ATTR_MISSING;
		sstp_put_nak(w, &faults);
	} else if (!strcmp(name, "call_connect_nak_two")) {
		faults.n = 2;
		faults.f[0] = (struct sstp_fault){ .attr = 0x77, .status = 2 };
		faults.f[1] = (struct sstp_fault){ .attr = 1, .status = 1 };
		sstp_put_nak(w, &faults);
	}
}

/* What we build is byte for byte what the vectors hold. */
static void we_build_the_same_bytes(void **state)
{
	struct json_object *list = vec_get(file, "valid");
	uint8_t bytes[SSTP_PKT_MAX], buf[256];
	unsigned int built = 0;
	size_t i, len;

	(void)state;
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);
		struct wbuf w = wbuf_of(buf, sizeof(buf));

		put_named(&w, vec_str(v, "name"));
		if (!w.len)
			continue;
		built++;
		len = vec_packet(v, bytes, sizeof(bytes));
		assert_int_equal(w.len, len);
		assert_memory_equal(buf, bytes, len);
	}
	/* All but bare ABORT and DISCONNECT, the other missing-NAK, and data. */
	assert_int_equal(built, 17);
}

/* ---- packets that do not end ------------------------------------------- */

static const struct {
	enum call_role role;
	enum call_state state;
	const char *timeout;
} setting_up[] = {
	{ CALL_SERVER, CALL_REQUEST_PENDING, "" },
	{ CALL_SERVER, CALL_CONNECTED_PENDING, "ABORT(2,8)" },
	{ CALL_CLIENT, CALL_REQUEST_SENT, "ABORT(2,8)" },
	{ CALL_CLIENT, CALL_ACK_RECEIVED, "ABORT(2,8)" },
};

/* Neither half a packet, nor whole ones that lead nowhere, buy time. */
static void a_drip_does_not_move_the_timer(void **state)
{
	static const uint8_t drip[] = {
		0x10, 1, 0, 8, 0, 9, 0, 0, 0x10, 0, 0, 6, 0xff, 3, 0x10, 1, 0x0f, 0xff, 0, 4,
	};
	char seen[64] = "";
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(setting_up) / sizeof(setting_up[0]); i++) {
		rig_enter(&r, setting_up[i].role, setting_up[i].state);
		r.timer[CALL_TIMER_NEGOTIATION] = 12345;	/* what is left of it */
		deliver(&r, drip, sizeof(drip), 1);
		assert_int_equal(r.c.state, setting_up[i].state);
		assert_int_equal(r.timer[CALL_TIMER_NEGOTIATION], 12345);
		assert_int_equal(r.n_sent, 0);
		call_timeout(&r.c, CALL_TIMER_NEGOTIATION);
		*seen = '\0';
		if (r.n_sent)
			rig_describe(&r.sent[0], seen, sizeof(seen));
		assert_string_equal(seen, setting_up[i].timeout);
		assert_int_equal(r.c.reason, REASON_NEGOTIATION_TIMEOUT);
	}
}

/* A connection may end inside a packet, even inside its header. */
static void the_end_inside_a_packet(void **state)
{
	static const uint8_t request[] = {
		0x10, 1, 0, 14, 0, 1, 0, 1, 0, 1, 0, 6, 0, 1,
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(setting_up) / sizeof(setting_up[0]); i++) {
		for (size_t len = 1; len < sizeof(request); len++) {
			rig_enter(&r, setting_up[i].role, setting_up[i].state);
			deliver(&r, request, len, 3);
			assert_int_equal(r.c.state, setting_up[i].state);
			call_closed(&r.c, NULL);
			assert_int_equal(r.ended, 1);
			assert_int_equal(r.reason, REASON_CLOSED);
			assert_int_equal(r.n_sent, 0);
		}
	}
}

static int load(void **state)
{
	(void)state;
	file = vectors_load("packets");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	json_object_put(file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_packets_parse),
		cmocka_unit_test(we_build_the_same_bytes),
		cmocka_unit_test(tolerated),
		cmocka_unit_test(malformed),
		cmocka_unit_test(a_drip_does_not_move_the_timer),
		cmocka_unit_test(the_end_inside_a_packet),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
