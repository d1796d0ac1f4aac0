/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the generic netlink family "sstp", one socket per call.
 *
 * Made for tests: any attribute can be left out, and the text of the extended
 * acknowledgment is kept. The caller's current network namespace is the
 * namespace of the request.
 */
#ifndef SELFTESTS_SNL_H
#define SELFTESTS_SNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/sstp.h>

#define SNL_TEXT_MAX 256

/**
 * struct snl_result - the kernel's answer
 * @error: 0 or a positive errno
 * @text: extended acknowledgment, followed by " missing: ATTR" or " at: ATTR"
 *	if the kernel named the attribute
 */
struct snl_result {
	int error;
	char text[SNL_TEXT_MAX];
};

/**
 * struct snl_request - attributes of one request
 * @present: bit n = attribute n is sent
 * @value: by attribute number, for the u32 attributes
 * @pending: bytes of SSTP_A_SESSION_RX_PENDING
 * @pending_len: how many
 * @tx_secret: SSTP_A_SESSION_TX_SECRET, whose value is its length; NULL: of zeros
 * @rx_secret: the same
 */
struct snl_request {
	uint64_t present;
	uint32_t value[SSTP_A_SESSION_MAX + 1];
	const void *pending;
	size_t pending_len;
	const void *tx_secret;
	const void *rx_secret;
};

#define SNL_STATS_DROPS	SSTP_A_STATS_MAX
#define SNL_STATS_MAX	(SNL_STATS_DROPS + SSTP_A_DROPS_MAX)

/**
 * struct snl_session - what a reply or notification said
 * @present: bit n = attribute n was there
 * @value: by attribute number
 * @stats_present: the same for the nested statistics
 * @stats: by SSTP_A_STATS_*, and SNL_STATS_DROPS + SSTP_A_DROPS_*
 */
struct snl_session {
	uint64_t present;
	uint32_t value[SSTP_A_SESSION_MAX + 1];
	uint64_t stats_present;
	uint64_t stats[SNL_STATS_MAX + 1];
};

void snl_set(struct snl_request *req, int attr, uint32_t value);

/*
 * Send SSTP_CMD_@cmd and wait for the answer. With @sessions, up to @max
 * replies are stored; a dump if @dump. Returns the number of replies, or -1
 * with @res filled.
 */
int snl_call(int cmd, const struct snl_request *req, bool dump,
	     struct snl_session *sessions, int max, struct snl_result *res);

/* Subscribe to group "sessions". Opaque handle, or NULL. */
struct nl_sock *snl_monitor_open(void);
/* Wait for one notification: 1 received, 0 timed out, -1 failed. */
int snl_monitor_read(struct nl_sock *sk, int timeout_ms, int *cmd,
		     struct snl_session *session);
void snl_monitor_close(struct nl_sock *sk);

/* Names as in uapi/sstp.yaml. "?" or -1 if unknown. */
const char *snl_attr_name(int attr);
const char *snl_reason_name(unsigned int reason);
int snl_reason_parse(const char *name);
const char *snl_stat_name(int attr);
int snl_stat_parse(const char *name);

#endif /* SELFTESTS_SNL_H */
