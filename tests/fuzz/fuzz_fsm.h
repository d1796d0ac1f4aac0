/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives one option negotiation automaton by steps: mostly packets of the peer,
 * now and then what the link does.
 */
#ifndef SSTPD_FUZZ_FSM_H
#define SSTPD_FUZZ_FSM_H

#include "fuzz.h"
#include "ppp/ppp_fsm.h"

enum { FSM_PACKET, FSM_TIMEOUT, FSM_LINK, FSM_STEPS };

static inline void fuzz_fsm_send(void *ctx, uint16_t proto, const uint8_t *pkt,
				 size_t len)
{
	(void)ctx;
	FUZZ_CHECK(ppp_proto_is_control(proto));
	FUZZ_CHECK(len >= 4 && len <= PPP_INFO_MAX);
	FUZZ_CHECK((size_t)(pkt[2] << 8 | pkt[3]) == len);
	fuzz_read(pkt, len);
}

static inline void fuzz_fsm_timer(void *ctx, uint16_t proto, unsigned int ms)
{
	(void)ctx;
	(void)proto;
	(void)ms;
}

static inline void fuzz_fsm_up(void *ctx, struct ppp_fsm *f)
{
	(void)ctx;
	FUZZ_CHECK(f->state == FSM_OPENED);
}

static inline void fuzz_fsm_event(void *ctx, struct ppp_fsm *f)
{
	(void)ctx;
	(void)f;
}

static const struct fsm_link fuzz_fsm_link = {
	.send = fuzz_fsm_send,
	.timer = fuzz_fsm_timer,
	.random = fuzz_random,
	.up = fuzz_fsm_up,
	.down = fuzz_fsm_event,
	.finished = fuzz_fsm_event,
};

static inline void fuzz_fsm_link_event(struct ppp_fsm *f, unsigned int event)
{
	switch (event % 5) {
	case 0:
		fsm_close(f);
		break;
	case 1:
		fsm_open(f);
		break;
	case 2:
		fsm_down(f);
		break;
	case 3:
		fsm_up(f);
		break;
	case 4:
		fsm_protocol_rejected(f);
		break;
	}
}

static inline void fuzz_fsm_run(struct ppp_fsm *f, struct rbuf in)
{
	struct fuzz_step step;

	fsm_open(f);
	fsm_up(f);
	while (fuzz_step(&in, &step)) {
		switch (step.what % FSM_STEPS) {
		case FSM_PACKET:
			fsm_input(f, rbuf_of(step.data, step.len));
			break;
		case FSM_TIMEOUT:
			if (f->timer_on)
				fsm_timeout(f);
			break;
		case FSM_LINK:
			fuzz_fsm_link_event(f, step.len ? step.data[0] : 0);
			break;
		}
		FUZZ_CHECK(f->state < FSM_STATES);
		fuzz_step_end(&step);
	}
}

#endif /* SSTPD_FUZZ_FSM_H */
