/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: a session begins, a session ends, a key changes, a packet is dropped.
 * None of them is on the way of a packet that arrives. The name of the device is copied
 * by hand, for __assign_str() has not the same arguments in every kernel.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sstp

#if !defined(_SSTP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SSTP_TRACE_H

#include <linux/netdevice.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include <linux/sstp.h>

#include "session.h"

#define sstp_trace_reasons						\
	{ SSTP_END_REASON_OWNER_CLOSED,		"owner-closed" },	\
	{ SSTP_END_REASON_ADMIN,		"admin" },		\
	{ SSTP_END_REASON_LINK_DELETED,		"link-deleted" },	\
	{ SSTP_END_REASON_PEER_FIN,		"peer-fin" },		\
	{ SSTP_END_REASON_TLS_CLOSE_NOTIFY,	"tls-close-notify" },	\
	{ SSTP_END_REASON_TLS_ALERT,		"tls-alert" },		\
	{ SSTP_END_REASON_TLS_ERROR,		"tls-error" },		\
	{ SSTP_END_REASON_TLS_KEY_UPDATE,	"tls-key-update" },	\
	{ SSTP_END_REASON_TLS_UNEXPECTED_RECORD, "tls-unexpected-record" }, \
	{ SSTP_END_REASON_TCP_ERROR,		"tcp-error" },		\
	{ SSTP_END_REASON_BAD_VERSION,		"bad-version" },	\
	{ SSTP_END_REASON_BAD_LENGTH,		"bad-length" },		\
	{ SSTP_END_REASON_CONTROL_OVERFLOW,	"control-overflow" }

#define sstp_trace_drops						\
	{ SSTP_A_DROPS_RX_MALFORMED,		"rx-malformed" },	\
	{ SSTP_A_DROPS_RX_PROTOCOL,		"rx-protocol" },	\
	{ SSTP_A_DROPS_RX_MEMORY,		"rx-memory" },		\
	{ SSTP_A_DROPS_RX_DOWN,			"rx-down" },		\
	{ SSTP_A_DROPS_TX_PROTOCOL,		"tx-protocol" },	\
	{ SSTP_A_DROPS_TX_SIZE,			"tx-size" },		\
	{ SSTP_A_DROPS_TX_MALFORMED,		"tx-malformed" },	\
	{ SSTP_A_DROPS_RX_SOURCE,		"rx-source" }

TRACE_EVENT(sstp_session_new,
	TP_PROTO(const struct sstp_session *s),
	TP_ARGS(s),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, id)
		__field(u32, ifindex)
		__field(u32, peer_mru)
		__field(u16, tls_version)
		__field(u16, tls_cipher)
	),
	TP_fast_assign(
		strscpy(__entry->name, s->dev->name, IFNAMSIZ);
		__entry->id = s->id;
		__entry->ifindex = s->dev->ifindex;
		__entry->peer_mru = s->peer_mru;
		__entry->tls_version = s->tls_version;
		__entry->tls_cipher = s->tls_cipher;
	),
	TP_printk("id=%u dev=%s ifindex=%u peer_mru=%u tls_version=0x%x tls_cipher=%u",
		  __entry->id, __entry->name, __entry->ifindex,
		  __entry->peer_mru, __entry->tls_version, __entry->tls_cipher)
);

TRACE_EVENT(sstp_session_end,
	TP_PROTO(const struct sstp_session *s),
	TP_ARGS(s),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, id)
		__field(u32, ifindex)
		__field(u32, reason)
		__field(u32, detail)
	),
	TP_fast_assign(
		strscpy(__entry->name, s->dev->name, IFNAMSIZ);
		__entry->id = s->id;
		__entry->ifindex = s->dev->ifindex;
		__entry->reason = sstp_session_end_reason(s);
		__entry->detail = sstp_session_end_detail(s);
	),
	TP_printk("id=%u dev=%s ifindex=%u reason=%s detail=%u",
		  __entry->id, __entry->name, __entry->ifindex,
		  __print_symbolic(__entry->reason, sstp_trace_reasons),
		  __entry->detail)
);

TRACE_EVENT(sstp_key_update,
	TP_PROTO(const struct sstp_session *s, bool sending, u64 generation),
	TP_ARGS(s, sending, generation),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, id)
		__field(u32, ifindex)
		__field(bool, sending)
		__field(u64, generation)
	),
	TP_fast_assign(
		strscpy(__entry->name, s->dev->name, IFNAMSIZ);
		__entry->id = s->id;
		__entry->ifindex = s->dev->ifindex;
		__entry->sending = sending;
		__entry->generation = generation;
	),
	TP_printk("id=%u dev=%s ifindex=%u direction=%s generation=%llu",
		  __entry->id, __entry->name, __entry->ifindex,
		  __entry->sending ? "tx" : "rx", __entry->generation)
);

TRACE_EVENT(sstp_drop,
	TP_PROTO(const struct sstp_session *s, unsigned int why),
	TP_ARGS(s, why),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, id)
		__field(u32, ifindex)
		__field(u32, why)
	),
	TP_fast_assign(
		strscpy(__entry->name, s->dev->name, IFNAMSIZ);
		__entry->id = s->id;
		__entry->ifindex = s->dev->ifindex;
		__entry->why = why;
	),
	TP_printk("id=%u dev=%s ifindex=%u why=%s",
		  __entry->id, __entry->name, __entry->ifindex,
		  __print_symbolic(__entry->why, sstp_trace_drops))
);

#endif /* _SSTP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
