// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/tcpinfo.h"

#include <string.h>

#include <linux/tcp.h>

void tcpinfo_take(const void *data, size_t len, struct tcpinfo *tcp)
{
	struct tcp_info info = { 0 };

	memcpy(&info, data, len < sizeof(info) ? len : sizeof(info));
	memset(tcp, 0, sizeof(*tcp));
	tcp->rtt_us = info.tcpi_rtt;
	tcp->rtt_var_us = info.tcpi_rttvar;
	/* The kernel's word for "none yet" is the largest number. */
	tcp->min_rtt_us = info.tcpi_min_rtt == UINT32_MAX ? 0 :
			  info.tcpi_min_rtt;
	tcp->retransmits = info.tcpi_total_retrans;
	tcp->lost = info.tcpi_lost;
	tcp->unacked = info.tcpi_unacked;
	tcp->cwnd = info.tcpi_snd_cwnd;
	tcp->mss = info.tcpi_snd_mss;
	tcp->pmtu = info.tcpi_pmtu;
	tcp->unsent = info.tcpi_notsent_bytes;
	tcp->delivery_rate = info.tcpi_delivery_rate;
}
