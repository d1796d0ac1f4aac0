// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 1661 section 4 with a protocol of one option: type 1, one byte, 0x55. */
#include "rig/link_rig.h"

static struct link_rig rig;
static struct ppp_fsm fsm;

/* ---- the toy protocol -------------------------------------------------- */

static unsigned int resets;
static bool need_option;

static void toy_reset(struct ppp_fsm *f)
{
	(void)f;
	resets++;
}

static void toy_put_request(struct ppp_fsm *f, struct wbuf *w)
{
	(void)f;
	buf_put(w, "\x01\x03\x11\x02\x02", 5);
}

static enum opt_verdict toy_option(struct ppp_fsm *f, const struct ppp_opt *opt,
				   struct wbuf *nak)
{
	struct rbuf data = opt->data;

	(void)f;
	if (opt->type != 1)
		return OPT_REJ;
	if (buf_get_u8(&data) == 0x55)
		return OPT_ACK;
	buf_put(nak, "\x01\x03\x55", 3);
	return OPT_NAK;
}

static void toy_missing(struct ppp_fsm *f, const uint8_t seen[static 32], struct wbuf *nak)
{
	(void)f;
	if (need_option && !(seen[0] & 1 << 1))
		buf_put(nak, "\x01\x03\x55", 3);
}

static bool toy_nak(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	(void)f;
	return opt->type != 9;
}

static bool toy_rej(struct ppp_fsm *f, const struct ppp_opt *opt)
{
	(void)f;
	return opt->type != 2;
}

static bool toy_extra(struct ppp_fsm *f, const struct ppp_pkt *pkt)
{
	(void)f;
	return pkt->code == LCP_ECHO_REQ;
}

static void toy_echo_reply(struct ppp_fsm *f, const struct ppp_pkt *pkt)
{
	fsm_send(f, LCP_ECHO_REP, pkt->id, NULL, 0);
}

static const struct fsm_proto toy = {
	.name = "TOY",
	.proto = 0x80ff,
	.reset = toy_reset,
	.put_request = toy_put_request,
	.option = toy_option,
	.missing = toy_missing,
	.nak = toy_nak,
	.rej = toy_rej,
	.extra = toy_extra,
	.echo_reply = toy_echo_reply,
};

#define REQ1	"01 01 0009 010311 0202"
#define REQ2	"01 02 0009 010311 0202"
#define ACK1	"02 01 0009 010311 0202"
#define GOOD7	"01 07 0007 010355"
#define GOODACK	"02 07 0007 010355"

static int setup(void **state)
{
	(void)state;
	link_rig_init(&rig);
	resets = 0;
	need_option = false;
	fsm_init(&fsm, &toy, &rig_link, &rig);
	return 0;
}

static void start(void)
{
	fsm_open(&fsm);
	fsm_up(&fsm);
	expect_one(&rig, REQ1);
	assert_int_equal(fsm.state, FSM_REQ_SENT);
}

static void start_opened(void)
{
	start();
	link_input(&fsm, ACK1);
	link_input(&fsm, GOOD7);
	expect_one(&rig, GOODACK);
	assert_int_equal(fsm.state, FSM_OPENED);
}

/* ---- the table ---------------------------------------------------------- */

/* RFC 1661 4.1 as it is printed; "-" cannot happen, here: stays and does nothing. */
static const char *const rfc1661[FSM_EVENTS][FSM_STATES] = {
	[FSM_EV_UP] = { "2", "irc,scr/6", "-", "-", "-", "-", "-", "-", "-", "-" },
	[FSM_EV_DOWN] = { "-", "-", "0", "tls/1", "0", "1", "1", "1", "1", "tld/1" },
	[FSM_EV_OPEN] = { "tls/1", "1", "irc,scr/6", "3", "5", "5", "6", "7", "8", "9" },
	[FSM_EV_CLOSE] = { "0", "tlf/0", "2", "2", "4", "4", "irc,str/4", "irc,str/4",
			   "irc,str/4", "tld,irc,str/4" },
	[FSM_EV_TIMEOUT_MORE] = { "-", "-", "-", "-", "str/4", "str/5", "scr/6", "scr/6",
				  "scr/8", "-" },
	[FSM_EV_TIMEOUT_LAST] = { "-", "-", "-", "-", "tlf/2", "tlf/3", "tlf/3", "tlf/3",
				  "tlf/3", "-" },
	[FSM_EV_RCR_GOOD] = { "-", "-", "sta/2", "irc,scr,sca/8", "4", "5", "sca/8",
			      "sca,tlu/9", "sca/8", "tld,scr,sca/8" },
	[FSM_EV_RCR_BAD] = { "-", "-", "sta/2", "irc,scr,scn/6", "4", "5", "scn/6", "scn/7",
			     "scn/6", "tld,scr,scn/6" },
	[FSM_EV_RCA] = { "-", "-", "sta/2", "sta/3", "4", "5", "irc/7", "scr/6", "irc,tlu/9",
			 "tld,scr/6" },
	[FSM_EV_RCN] = { "-", "-", "sta/2", "sta/3", "4", "5", "irc,scr/6", "scr/6",
			 "irc,scr/8", "tld,scr/6" },
	[FSM_EV_RTR] = { "-", "-", "sta/2", "sta/3", "sta/4", "sta/5", "sta/6", "sta/6",
			 "sta/6", "tld,zrc,sta/5" },
	[FSM_EV_RTA] = { "-", "-", "2", "3", "tlf/2", "tlf/3", "6", "6", "8", "tld,scr/6" },
	[FSM_EV_RUC] = { "-", "-", "scj/2", "scj/3", "scj/4", "scj/5", "scj/6", "scj/7",
			 "scj/8", "scj/9" },
	[FSM_EV_RXJ_PERMITTED] = { "-", "-", "2", "3", "4", "5", "6", "6", "8", "9" },
	[FSM_EV_RXJ_FATAL] = { "-", "-", "tlf/2", "tlf/3", "tlf/2", "tlf/3", "tlf/3", "tlf/3",
			       "tlf/3", "tld,irc,str/5" },
	[FSM_EV_RXR] = { "-", "-", "2", "3", "4", "5", "6", "7", "8", "ser/9" },
};

static uint16_t action_named(const char *name)
{
	static const struct {
		const char *name;
		uint16_t bit;
	} names[] = {
		{ "tld", FSM_TLD }, { "irc", FSM_IRC }, { "zrc", FSM_ZRC }, { "scr", FSM_SCR },
		{ "sca", FSM_SCA }, { "scn", FSM_SCN }, { "str", FSM_STR }, { "sta", FSM_STA },
		{ "scj", FSM_SCJ }, { "ser", FSM_SER }, { "tlu", FSM_TLU }, { "tls", FSM_TLS },
		{ "tlf", FSM_TLF },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i].name, 3))
			return names[i].bit;
	fail_msg("action %s", name);
	return 0;
}

static void table_is_the_rfcs(void **state)
{
	int ev, st;

	(void)state;
	for (ev = 0; ev < FSM_EVENTS; ev++) {
		for (st = 0; st < FSM_STATES; st++) {
			const char *cell = rfc1661[ev][st];
			uint16_t actions = 0;
			int next = st;

			for (; cell[0] > '9'; cell += 4)
				actions |= action_named(cell);
			if (cell[0] != '-')
				next = cell[0] - '0';
			if (fsm_table[ev][st].actions != actions ||
			    fsm_table[ev][st].next != next)
				fail_msg("event %d in %s: not %s", ev, fsm_state_name(st),
					 rfc1661[ev][st]);
		}
	}
}

/* ---- opening ------------------------------------------------------------ */

static void opens_ack_first(void **state)
{
	(void)state;
	start();
	link_input(&fsm, ACK1);
	assert_int_equal(fsm.state, FSM_ACK_RCVD);
	assert_int_equal(rig.up, 0);
	link_input(&fsm, GOOD7);
	expect_one(&rig, GOODACK);
	assert_int_equal(rig.up, 1);
	assert_int_equal(rig.timer_ms, 0);
}

static void opens_request_first(void **state)
{
	(void)state;
	start();
	link_input(&fsm, GOOD7);
	expect_one(&rig, GOODACK);
	assert_int_equal(fsm.state, FSM_ACK_SENT);
	assert_int_equal(rig.timer_ms, 3000);
	link_input(&fsm, ACK1);
	assert_int_equal(rig.up, 1);
	assert_int_equal(rig.timer_ms, 0);
}

static void up_before_open(void **state)
{
	(void)state;
	fsm_up(&fsm);
	assert_int_equal(fsm.state, FSM_CLOSED);
	link_input(&fsm, GOOD7);
	expect_one(&rig, "06 07 0004");
	fsm_open(&fsm);
	expect_one(&rig, REQ1);
	assert_int_equal(resets, 1);
}

static void request_is_repeated_ten_times(void **state)
{
	int i;

	(void)state;
	start();
	for (i = 0; i < 9; i++) {
		assert_int_equal(rig.timer_ms, 3000);
		fsm_timeout(&fsm);
		expect_one(&rig, REQ1);		/* the same identifier */
	}
	fsm_timeout(&fsm);
	expect_nothing(&rig);
	assert_int_equal(rig.finished, 1);
	assert_int_equal(fsm.state, FSM_STOPPED);
	assert_non_null(strstr(fsm.why, "does not answer"));
	fsm_timeout(&fsm);
	assert_int_equal(rig.finished, 1);
}

static void request_after_an_answer_is_new(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "03 01 0007 010322");
	expect_one(&rig, REQ2);
}

/* ---- answers that are none ---------------------------------------------- */

static void wrong_answers_are_dropped(void **state)
{
	static const char *const wrong[] = {
		"02 02 0009 010311 0202",	/* identifier */
		"02 01 0009 010312 0202",	/* value */
		"02 01 0007 010311",		/* part */
		"02 01 0004",
		"02 01 000b 010311 0202 0302",	/* more */
		"03 02 0007 010322",
		"04 02 0007 010311",
		"04 01 0007 010312",		/* not what we sent */
		"04 01 0006 0302",
		"04 01 0009 0202 010311",	/* not our order */
		"04 01 000a 010311 010311",	/* twice */
		"04 01 0004",
	};
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		link_input(&fsm, wrong[i]);
		expect_nothing(&rig);
		assert_int_equal(fsm.state, FSM_REQ_SENT);
	}
	link_input(&fsm, ACK1);
	assert_int_equal(fsm.state, FSM_ACK_RCVD);
	/* The same Ack again says nothing new. */
	link_input(&fsm, ACK1);
	assert_int_equal(fsm.state, FSM_ACK_RCVD);
	expect_nothing(&rig);
}

static void broken_packets_are_dropped(void **state)
{
	static const char *const broken[] = {
		"", "01", "0107", "010700", "01070003", "01070005", "0107 0003 0103",
		"0107ffff 010355",
	};
	size_t i, len;

	(void)state;
	start();
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		uint8_t *pkt = unhex(broken[i], &len);

		assert_false(fsm_input(&fsm, rbuf_of(pkt, len)));
		free(pkt);
	}
	expect_nothing(&rig);
}

/* No option of a broken list counts, also those before the broken one. */
static void broken_option_lists_are_dropped(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "01 07 0008 010355 01");
	link_input(&fsm, "01 07 0009 010355 0100");
	link_input(&fsm, "01 07 0009 010355 0101");
	link_input(&fsm, "01 07 0009 010355 0103");
	link_input(&fsm, "03 01 0009 010322 01ff");
	link_input(&fsm, "04 01 0008 010311 02");
	expect_nothing(&rig);
	assert_int_equal(fsm.state, FSM_REQ_SENT);
}

static void surplus_behind_length_is_padding(void **state)
{
	size_t len;
	uint8_t *pkt = unhex("01 07 0007 010355 ffffffff", &len);

	(void)state;
	start();
	fsm_input(&fsm, rbuf_of(pkt, len));
	expect_one(&rig, GOODACK);
	free(pkt);
}

/* ---- the peer's request --------------------------------------------------- */

static void reject_goes_before_nak(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "01 07 000c 010300 0302 0403 99");
	expect_one(&rig, "04 07 0009 0302 040399");
	link_input(&fsm, "01 08 0007 010300");
	expect_one(&rig, "03 08 0007 010355");
	link_input(&fsm, "01 09 0007 010355");
	expect_one(&rig, "02 09 0007 010355");
}

static void second_of_two_is_rejected(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "01 07 000a 010355 010355");
	expect_one(&rig, "04 07 0007 010355");
}

static void empty_request_is_good(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "01 07 0004");
	expect_one(&rig, "02 07 0004");
	need_option = true;
	link_input(&fsm, "01 08 0004");
	expect_one(&rig, "03 08 0007 010355");
}

static void nak_turns_into_reject(void **state)
{
	int i;

	(void)state;
	start();
	for (i = 0; i < 5; i++) {
		link_input(&fsm, "01 07 0007 010300");
		expect_one(&rig, "03 07 0007 010355");
	}
	link_input(&fsm, "01 07 0007 010300");
	expect_one(&rig, "04 07 0007 010300");
}

static void endless_bad_requests_end(void **state)
{
	int i;

	(void)state;
	start();
	for (i = 0; i < 21; i++)
		link_input(&fsm, "01 07 0006 0902");
	assert_int_equal(rig.n_sent, 21);
	expect_sent(&rig, 20, "05 01 0004");
	assert_int_equal(fsm.state, FSM_CLOSING);
	assert_non_null(fsm.why);
}

static void endless_naks_end(void **state)
{
	char nak[32];
	int i;

	(void)state;
	start();
	for (i = 1; i <= 21; i++) {
		sprintf(nak, "03 %02x 0007 010322", i);
		link_input(&fsm, nak);
	}
	assert_int_equal(fsm.state, FSM_CLOSING);
	assert_non_null(fsm.why);
	link_input(&fsm, "06 01 0004");
	assert_int_equal(rig.finished, 1);
}

static void refusal_we_cannot_live_with(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "04 01 0006 0202");
	expect_one(&rig, "05 01 0004");
	assert_int_equal(fsm.state, FSM_CLOSING);
}

/* ---- Opened ---------------------------------------------------------------- */

static void repeated_request_in_opened(void **state)
{
	(void)state;
	start_opened();
	link_input(&fsm, "01 08 0007 010355");
	expect_one(&rig, "02 08 0007 010355");
	assert_int_equal(fsm.state, FSM_OPENED);
	assert_int_equal(rig.down, 0);
}

static void changed_request_in_opened_renegotiates(void **state)
{
	(void)state;
	start_opened();
	link_input(&fsm, "01 08 0004");
	assert_int_equal(rig.down, 1);
	assert_int_equal(rig.n_sent, 2);
	expect_sent(&rig, 0, REQ2);
	expect_sent(&rig, 1, "02 08 0004");
	assert_int_equal(fsm.state, FSM_ACK_SENT);
	link_input(&fsm, "02 02 0009 010311 0202");
	assert_int_equal(rig.up, 2);
}

static void late_answers_in_opened_are_dropped(void **state)
{
	(void)state;
	start_opened();
	link_input(&fsm, ACK1);
	link_input(&fsm, "03 01 0007 010322");
	link_input(&fsm, "04 01 0007 010311");
	expect_nothing(&rig);
	assert_int_equal(fsm.state, FSM_OPENED);
}

static void echo_only_in_opened(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "09 05 0004");
	expect_nothing(&rig);
	link_input(&fsm, ACK1);
	link_input(&fsm, GOOD7);
	rig.n_sent = 0;
	link_input(&fsm, "09 05 0004");
	expect_one(&rig, "0a 05 0004");
}

static void peer_terminates(void **state)
{
	(void)state;
	start_opened();
	link_input(&fsm, "05 33 0004");
	expect_one(&rig, "06 33 0004");
	assert_int_equal(rig.down, 1);
	assert_int_equal(rig.finished, 0);
	assert_int_equal(rig.timer_ms, 3000);
	assert_true(fsm.peer_terminated);
	fsm_timeout(&fsm);
	assert_int_equal(rig.finished, 1);
}

static void we_terminate(void **state)
{
	(void)state;
	start_opened();
	fsm_close(&fsm);
	assert_int_equal(rig.down, 1);
	expect_one(&rig, "05 01 0004");
	fsm_timeout(&fsm);
	expect_one(&rig, "05 02 0004");
	fsm_timeout(&fsm);
	expect_nothing(&rig);
	assert_int_equal(rig.finished, 1);
	assert_int_equal(rig.timer_ms, 0);
}

static void lower_layer_down_is_silent(void **state)
{
	(void)state;
	start_opened();
	fsm_down(&fsm);
	expect_nothing(&rig);
	assert_int_equal(rig.down, 1);
	assert_int_equal(rig.finished, 0);
	link_input(&fsm, GOOD7);
	expect_nothing(&rig);
	fsm_up(&fsm);
	expect_one(&rig, REQ2);
}

/* ---- codes -------------------------------------------------------------------- */

static void unknown_code_is_rejected(void **state)
{
	(void)state;
	start();
	link_input(&fsm, "0f 44 0006 abcd");
	expect_one(&rig, "07 01 000a 0f440006abcd");
	link_input(&fsm, "00 45 0004");
	expect_one(&rig, "07 02 0008 00450004");
}

static void long_unknown_code_is_cut(void **state)
{
	static uint8_t pkt[PPP_INFO_MAX] = { 0x0f, 0x44, PPP_INFO_MAX >> 8, PPP_INFO_MAX & 0xff };

	(void)state;
	start();
	fsm_input(&fsm, rbuf_of(pkt, sizeof(pkt)));
	assert_int_equal(rig.n_sent, 1);
	assert_int_equal(strlen(rig.sent[0]) / 2, PPP_MRU_MIN);
}

static void code_rejects(void **state)
{
	(void)state;
	start_opened();
	link_input(&fsm, "07 09 0008 0b010004");	/* of Discard: never mind */
	assert_int_equal(fsm.state, FSM_OPENED);
	expect_nothing(&rig);
	link_input(&fsm, "07 09 0004");
	assert_int_equal(fsm.state, FSM_OPENED);
	link_input(&fsm, "07 09 0008 01010004");	/* of Configure-Request */
	assert_int_equal(fsm.state, FSM_STOPPING);
	expect_one(&rig, "05 01 0004");
	assert_non_null(fsm.why);
}

static void protocol_reject_stops(void **state)
{
	(void)state;
	start();
	fsm_protocol_rejected(&fsm);
	assert_int_equal(rig.finished, 1);
	assert_int_equal(fsm.state, FSM_STOPPED);
	expect_nothing(&rig);
}

static void request_in_stopped_starts_anew(void **state)
{
	(void)state;
	start();
	fsm_protocol_rejected(&fsm);
	link_input(&fsm, GOOD7);
	assert_int_equal(rig.n_sent, 2);
	expect_sent(&rig, 1, GOODACK);
	assert_int_equal(fsm.state, FSM_ACK_SENT);
	assert_int_equal(resets, 2);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(table_is_the_rfcs), T(opens_ack_first), T(opens_request_first),
		T(up_before_open), T(request_is_repeated_ten_times),
		T(request_after_an_answer_is_new), T(wrong_answers_are_dropped),
		T(broken_packets_are_dropped), T(broken_option_lists_are_dropped),
		T(surplus_behind_length_is_padding), T(reject_goes_before_nak),
		T(second_of_two_is_rejected), T(empty_request_is_good),
		T(nak_turns_into_reject), T(endless_bad_requests_end), T(endless_naks_end),
		T(refusal_we_cannot_live_with), T(repeated_request_in_opened),
		T(changed_request_in_opened_renegotiates),
		T(late_answers_in_opened_are_dropped), T(echo_only_in_opened),
		T(peer_terminates), T(we_terminate), T(lower_layer_down_is_silent),
		T(unknown_code_is_rejected), T(long_unknown_code_is_cut), T(code_rejects),
		T(protocol_reject_stops), T(request_in_stopped_starts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
