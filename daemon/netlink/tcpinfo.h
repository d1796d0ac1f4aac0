/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's struct tcp_info, as far as sstpctl shows it. By itself, because
 * linux/tcp.h, which knows all of it, cannot be included with netinet/tcp.h.
 */
#ifndef SSTPD_TCPINFO_H
#define SSTPD_TCPINFO_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct tcpinfo - as in struct tcp_info of linux/tcp.h
 * @rtt_us: smoothed round trip time
 * @rtt_var_us: its mean deviation
 * @min_rtt_us: the least one that was seen, 0 = not known
 * @retransmits: segments sent again since the connection exists
 * @lost: segments that are taken for lost now
 * @unacked: segments on their way now
 * @cwnd: congestion window, segments
 * @mss: bytes of a segment
 * @pmtu: path MTU, bytes
 * @unsent: bytes that wait in the socket
 * @rx_queue: bytes received that nobody has read, from elsewhere
 * @delivery_rate: bytes per second that arrived last
 */
struct tcpinfo {
	uint32_t rtt_us;
	uint32_t rtt_var_us;
	uint32_t min_rtt_us;
	uint32_t retransmits;
	uint32_t lost;
	uint32_t unacked;
	uint32_t cwnd;
	uint32_t mss;
	uint32_t pmtu;
	uint32_t unsent;
	uint32_t rx_queue;
	uint64_t delivery_rate;
};

/**
 * tcpinfo_take() - @data: @len bytes of a struct tcp_info, which is longer or
 * shorter than ours when the kernel is newer or older; what it lacks is 0
 */
void tcpinfo_take(const void *data, size_t len, struct tcpinfo *tcp);

#endif /* SSTPD_TCPINFO_H */
