/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PPP link in the Network phase remembers, as it crosses from an engine to the
 * parent and from there to the engine's successor. Plain data; nothing secret.
 */
#ifndef SSTPD_DATA_PPP_STATE_H
#define SSTPD_DATA_PPP_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of options in a Configure-Request, at most; what an MRU can be (ppp_pkt.h). */
#define PPP_STATE_OPTIONS	128
#define PPP_STATE_MRU_MIN	576
#define PPP_STATE_MRU_MAX	4087

/**
 * struct ppp_fsm_state - one automaton (RFC 1661 section 4)
 * @opened: it is in state Opened
 * @id: identifier of its latest packet that was no Configure-Request
 * @req_id: identifier of its latest Configure-Request
 * @req_len: bytes of @req, the options of that
 * @peer_req_len: bytes of @peer_req, the options that were acknowledged last
 */
struct ppp_fsm_state {
	bool opened;
	uint8_t id;
	uint8_t req_id;
	uint8_t req_len;
	uint8_t peer_req_len;
	uint8_t req[PPP_STATE_OPTIONS];
	uint8_t peer_req[PPP_STATE_OPTIONS];
};

/**
 * struct ppp_state - the link; the addresses are the parent's to know
 * @ask_mru: we have named an MRU, @asked_mru
 * @peer_mru: largest information field the peer takes, in bytes
 * @magic: our magic number, 0 = none; @peer_magic the peer's
 */
struct ppp_state {
	struct ppp_fsm_state lcp;
	struct ppp_fsm_state ipcp;
	struct ppp_fsm_state ipv6cp;
	bool ask_mru;
	uint16_t asked_mru;
	uint16_t peer_mru;
	uint32_t magic;
	uint32_t peer_magic;
};

/** ppp_state_ok() - is it one of a link that is up? @st has valid bools */
bool ppp_state_ok(const struct ppp_state *st);

#endif /* SSTPD_DATA_PPP_STATE_H */
