/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session, what it is: one kTLS socket bound to one sstp device. How it begins and
 * ends is in life.c.
 *
 * Lifetime. The session fd owns the session: it is created by session-new and
 * freed when the fd is released. Everyone else borrows it:
 *
 *	the device	session or old of one of its slots, under sstp_slot.lock
 *	the socket	sk_user_data, under sk_callback_lock
 *	the registry	by id, under the registry's mutex
 *	rx_work, tx_work
 *
 * A session ends once, for one reason: sstp_session_end() records it and queues
 * end_work, which takes the session back from each borrower. Whoever asks for a
 * turn of rx_work or tx_work does so under his lock and after a look at @end (or his
 * pointer): end_work goes through each lock once, and only then cancels them.
 *
 * When end_work is done only the fd is left.
 *
 * A session may take a slot over from another (session-new with replace). The slot
 * has both then: it sends by the new one, and what the old one still receives is
 * delivered, until that ends like any other.
 *
 * Nothing here waits for the peer, nor for anything that another process does: the
 * socket is the session's alone (socket.c), sends and reads do not wait, and the end
 * shuts the socket down first. The end of the device waits for nothing, either: it
 * ends the session, which holds a reference to the device until it is done.
 *
 * Lock order: RTNL, registry mutex, socket lock, sk_callback_lock, then the spinlocks
 * sstp_dev.lock, and sstp_slot.lock or sstp_ctrl.lock, never both. Nobody but the session
 * has the socket lock for longer than a look. Who has sstp_rekey.sending, a mutex ahead
 * of the socket lock, does not wait for the peer, either. end_work, rx_work and tx_work
 * never take the RTNL.
 */
#ifndef _SSTP_SESSION_H
#define _SSTP_SESSION_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <linux/sstp.h>

#include "buffer.h"
#include "join.h"
#include "proto.h"
#include "tls.h"
#include "tls_keys.h"
#include "turn.h"

struct mem_cgroup;
struct sock;
struct socket;
struct sstp_slot;
struct sstp_sources;
struct sstp_session;
struct sstp_session_events;

/**
 * struct sstp_ctrl - the session fd's two queues
 * @released: the fd is closed for good; frees the session
 * @lock: protects everything below but @wait
 * @wait: readers, writers and pollers of the fd
 * @rx: packets for the owner to read, at most SSTP_CTRL_QUEUE
 * @tx: packets from the owner, to be sent ahead of data; likewise bounded
 * @closed: the session is ending; nothing more is queued
 * @end_read: the owner has read the END message
 */
struct sstp_ctrl {
	void (*released)(struct sstp_session *s);
	spinlock_t lock; /* see above */
	wait_queue_head_t wait;
	struct sk_buff_head rx;
	struct sk_buff_head tx;
	bool closed;
	bool end_read;
};

/**
 * struct sstp_rx - receive state; only rx_work uses it
 * @buf: where recvmsg() reads to; borrowed for a turn, see pool.c
 * @can_answer: what is received can be answered, see sstp_dev_can_answer(); until then
 *	nothing is read
 * @pending: the stream that came before the hand-over, until the first turn
 * @pending_len: bytes of that
 * @tls: what the peer has said besides data
 * @partial: the beginning of a packet
 * @have: bytes of that
 * @join: segments being joined
 * @list: packets of this turn, to be delivered at its end
 * @turn_packets: how many were received in this turn
 * @turn_bytes: bytes of those
 * @syncp: for the counters
 * @packets: IP packets delivered
 * @bytes: bytes of them
 * @stream: bytes of the SSTP stream
 * @control: packets passed to the session fd
 */
struct sstp_rx {
	struct sstp_buffer *buf;
	bool can_answer;
	void *pending;
	unsigned int pending_len;
	struct sstp_tls tls;
	u8 partial[SSTP_MAX_LEN];
	unsigned int have;
	struct sstp_join join;
	struct sk_buff_head list;
	unsigned int turn_packets;
	unsigned int turn_bytes;
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t stream;
	u64_stats_t control;
};

/* An IP and a TCP header, each as long as it can be. */
#define SSTP_SEG_MAX_HLEN	120

/**
 * struct sstp_seg - how far transmit is in one packet
 * @skb: the packet, NULL if there is none
 * @proto: its PPP protocol
 * @gso: taken apart here, segment by segment; all below but @off is for that
 * @tcp: TCP, otherwise UDP
 * @thoff: offset of its transport header
 * @hlen: bytes of headers in front of each segment's payload
 * @size: payload of every segment but the last
 * @off: next byte of payload, an offset into @skb
 * @frag: the piece that holds @off: 0 is the linear part, n is frag n - 1
 * @frag_start: offset into @skb at which that piece begins
 * @id: IPv4 id of the next segment
 * @seq: sequence number of the next segment
 * @flags: TCP flags that not every segment has: those of the next segment, if it is
 *	not the last (the 16 bits behind the acknowledgment number)
 * @last_flags: those of the last segment
 * @ip_sum: sum of @head's IPv4 header
 * @th_sum: sum of @head's transport header and of the pseudo header but its length
 * @head: headers of all layers; what differs between segments is zero
 */
struct sstp_seg {
	struct sk_buff *skb;
	u16 proto;
	bool gso;
	bool tcp;
	unsigned int thoff;
	unsigned int hlen;
	unsigned int size;
	unsigned int off;
	unsigned int frag;
	unsigned int frag_start;
	u16 id;
	u32 seq;
	__be16 flags;
	__be16 last_flags;
	__wsum ip_sum;
	__wsum th_sum;
	u8 head[SSTP_FRAME_HLEN + SSTP_SEG_MAX_HLEN];
};

/* Payload of a full TLS record, in bytes: a little less than TLS allows, see tx.c. */
#define SSTP_TX_RECORD	(SZ_16K - 48)

/* The staging buffer holds as many. */
#define SSTP_TX_RECORDS	4
#define SSTP_TX_SIZE	(SSTP_TX_RECORDS * SSTP_TX_RECORD)

/**
 * struct sstp_tx - transmit state; only tx_work uses it, but see sstp_tx_waiting()
 * @buf: staging buffer: whole frames, ready to be encrypted; a slot, or all of them
 * @cramped: it was too small for what there is
 * @large: jiffies when more than a slot of it was needed
 * @store: memory that kTLS encrypts to
 * @start: first byte of the frames that kTLS has not taken
 * @end: bytes of frames staged
 * @limit: bytes that may wait in each queue, see limit.c
 * @seg: the packet being written into it
 * @segs: what is left of a packet that the stack had to take apart
 * @segs_len: bytes that packet counts for in the device's queue
 * @syncp: for the counters
 * @packets: IP packets sent
 * @bytes: bytes of them
 * @stream: bytes of the SSTP stream
 * @control: packets taken from the session fd
 * @records: TLS records, see the stats attribute tx-records
 */
struct sstp_tx {
	struct sstp_buffer buf;
	bool cramped;
	unsigned long large;
	struct sstp_store store;
	unsigned int start;
	unsigned int end;
	u32 limit;
	struct sstp_seg seg;
	struct sk_buff_head segs;
	unsigned int segs_len;
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t stream;
	u64_stats_t control;
	u64_stats_t records;
};

/**
 * struct sstp_rekey - how TLS keys change, see rekey.c
 * @can: they can
 * @secret_len: bytes of each secret, 0 without
 * @records: how many a key is used for
 * @seconds: and for how long, 0 = ever
 * @tx_secret: of the key for sending; tx_work's, as is @tx_since
 * @rx_secret: of the key for receiving; rx_work's, as are @asked, @few and @since
 * @wanted: what rx_work wants of tx_work
 * @asked: the peer owes an update
 * @few: updates of keys that were hardly used
 * @since: jiffies when the first of those came
 * @sending: an update, or an alert, is being sent
 * @tx_since: jiffies since when that key is in use
 * @tx_updates: how often the key for sending has changed
 * @rx_updates: how often that for receiving has
 */
struct sstp_rekey {
	bool can;
	unsigned int secret_len;
	u64 records;
	u32 seconds;
	u8 tx_secret[SSTP_TLS_SECRET_MAX];
	u8 rx_secret[SSTP_TLS_SECRET_MAX];
	unsigned long wanted;
	bool asked;
	unsigned int few;
	unsigned long since;
	struct mutex sending; /* see above */
	unsigned long tx_since;
	u64 tx_updates;
	u64 rx_updates;
};

/* The callbacks of a socket that are replaced. */
enum sstp_callback {
	SSTP_DATA_READY,
	SSTP_WRITE_SPACE,
	SSTP_STATE_CHANGE,
	SSTP_ERROR_REPORT,
	SSTP_CALLBACKS,
};

/**
 * struct sstp_session_events - what whoever makes a session wants to be told
 * @begun: it is in the registry, which is locked
 * @ended: it is not any more; its device is still there
 *
 * Context: process.
 */
struct sstp_session_events {
	void (*begun)(struct sstp_session *s);
	void (*ended)(const struct sstp_session *s);
};

/**
 * struct sstp_session - one SSTP call on one device
 * @id: its name in the registry
 * @memcg: the memory control group of who made it, which is charged for what it takes
 * @end: why it ended: enum sstp_end_reason << 24 | detail; 0 while it lives
 * @started: attached for good; until then the works do nothing
 * @protocols: SSTP_PROTOCOLS_* that may pass
 * @peer_mru: largest IP packet the peer takes, in bytes
 * @sources: where packets of the peer may come from, NULL = anywhere; for its readers
 *	under RCU
 * @replace: it takes the device over from the session that is there
 * @record_size: most payload of a TLS record that it takes, in bytes
 * @last_rx: jiffies when something was received
 * @events: who is told that it begins and ends
 * @slot_index: which of the device's slots it uses
 * @dev: the device; a reference is held until end_work is done
 * @slot: that slot, from the attaching on
 * @dev_tracker: for that reference
 * @sock: the socket; the one reference to its file is held until end_work is done
 * @saved: the socket's own callbacks, called before ours
 * @saved_backlog_rcv: what the socket does with a packet that came while it was locked
 * @tls_version: as in struct tls_crypto_info
 * @tls_cipher: likewise
 * @rekey: how its keys change
 * @rx_turn: rx_work, which receives
 * @tx_turn: tx_work, which transmits
 * @end_work: takes the session apart
 * @ended: end_work is done
 * @rx: receive state
 * @tx: transmit state
 * @ctrl: the session fd
 * @drops: packets dropped, see drop.c
 */
struct sstp_session {
	u32 id;
	struct mem_cgroup *memcg;
	u32 end;
	bool started;
	u32 protocols;
	u32 peer_mru;
	struct sstp_sources __rcu *sources;
	bool replace;
	u32 slot_index;
	u32 record_size;
	unsigned long last_rx;
	const struct sstp_session_events *events;

	struct net_device *dev;
	netdevice_tracker dev_tracker;
	struct sstp_slot *slot;

	struct socket *sock;
	void (*saved[SSTP_CALLBACKS])(struct sock *sk);
	int (*saved_backlog_rcv)(struct sock *sk, struct sk_buff *skb);
	u16 tls_version;
	u16 tls_cipher;
	struct sstp_rekey rekey;

	struct sstp_turn rx_turn;
	struct sstp_turn tx_turn;
	struct work_struct end_work;
	struct completion ended;

	struct sstp_rx rx;
	struct sstp_tx tx;
	struct sstp_ctrl ctrl;
	atomic64_t drops[SSTP_A_DROPS_MAX + 1];
};

void sstp_session_end(struct sstp_session *s, enum sstp_end_reason reason,
		      u32 detail);

static inline enum sstp_end_reason
sstp_session_end_reason(const struct sstp_session *s)
{
	return READ_ONCE(s->end) >> 24;
}

static inline u32 sstp_session_end_detail(const struct sstp_session *s)
{
	return READ_ONCE(s->end) & 0xffffff;
}

/* Live sessions by id; life.c adds and takes out. */
void sstp_registry_lock(void);
void sstp_registry_unlock(void);
struct sstp_session *sstp_registry_find(const struct net *net, u32 id);
struct sstp_session *sstp_registry_next(const struct net *net, unsigned long *id);
bool sstp_registry_has(const struct sstp_session *s);
int sstp_registry_reserve(struct sstp_session *s);
void sstp_registry_release(struct sstp_session *s);
void sstp_registry_add(struct sstp_session *s);
void sstp_registry_del(struct sstp_session *s);

#endif /* _SSTP_SESSION_H */
