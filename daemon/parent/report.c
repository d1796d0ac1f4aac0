// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/report.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/sstp.h>

#include "lib/addr.h"
#include "lib/loop.h"
#include "lib/text.h"
#include "netlink/nl_sstp.h"
#include "netlink/sockdiag.h"
#include "parent/client_link.h"
#include "parent/key_limit.h"
#include "parent/tunnel.h"

/* Room for the longest name, each of its bytes replaced. */
#define REPORT_TEXT_MAX	1024

struct json_object *report_text(const char *value)
{
	char text[REPORT_TEXT_MAX];

	text_clean(value, text, sizeof(text));
	return json_object_new_string(text);
}

void report_add(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, report_text(value));
}

void report_add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_int64((int64_t)value));
}

static void report_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void report_time(struct json_object *o, const char *key, time_t t)
{
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	report_add(o, key, text);
}

const char *report_path_name(uint32_t kind)
{
	return kind == MSG_PATH_KERNEL ? "kernel" : "tun";
}

/* What the server has advertised. */
static void report_ipv6(struct json_object *o, const struct client_link_ipv6 *ipv6)
{
	char text[INET6_ADDRSTRLEN];

	if (!IN6_IS_ADDR_UNSPECIFIED(&ipv6->addr)) {
		inet_ntop(AF_INET6, &ipv6->addr, text, sizeof(text));
		report_add(o, "ipv6_address", text);
	}
	if (ipv6->heard)
		report_add_bool(o, "ipv6_router", ipv6->router);
	for (unsigned int i = 0; i < ipv6->n_dns; i++) {
		inet_ntop(AF_INET6, &ipv6->dns[i], text, sizeof(text));
		report_add(o, i ? "ipv6_dns2" : "ipv6_dns1", text);
	}
}

static void report_addresses(struct json_object *o, const struct entry *e)
{
	char text[INET6_ADDRSTRLEN], prefix[ADDR_PREFIX_MAX];
	uint8_t ll[16] = { 0xfe, 0x80 };

	if (e->net.ipv4) {
		inet_ntop(AF_INET, &e->net.local, text, sizeof(text));
		report_add(o, "local", text);
		inet_ntop(AF_INET, &e->net.peer, text, sizeof(text));
		report_add(o, "peer", text);
	}
	if (e->net.ipv6) {
		memcpy(ll + 8, e->net.ifid, 8);
		inet_ntop(AF_INET6, ll, text, sizeof(text));
		report_add(o, "local_ipv6", text);
		memcpy(ll + 8, e->net.peer_ifid, 8);
		inet_ntop(AF_INET6, ll, text, sizeof(text));
		report_add(o, "peer_ipv6", text);
	}
	if (e->net.ipv6 && e->prefix6.family) {
		addr_prefix_text(AF_INET6, e->prefix6.addr, e->prefix6.len,
				 prefix);
		report_add(o, "ipv6_prefix", prefix);
	}
	if (!e->server && e->up)
		report_ipv6(o, client_link_ipv6(e->link));
	for (int i = 0; i < 2 && !e->server; i++) {
		if (!e->net.dns[i].s_addr)
			continue;
		inet_ntop(AF_INET, &e->net.dns[i], text, sizeof(text));
		report_add(o, i ? "dns2" : "dns1", text);
	}
}

/* Where it is not like any other session; a client has nothing but a namespace of that. */
static void report_policy(struct json_object *o, const struct entry *e)
{
	const struct conf_policy *p = &e->policy;

	if (*e->grant.user.group)
		report_add(o, "group", e->grant.user.group);
	if (*p->vrf)
		report_add(o, "vrf", p->vrf);
	if (*p->netns)
		report_add(o, "netns", p->netns);
	if (p->rate_down)
		report_add_number(o, "rate_down", p->rate_down);
	if (p->rate_up)
		report_add_number(o, "rate_up", p->rate_up);
}

/* What is known from the beginning. */
static struct json_object *report_who(const struct entry *e)
{
	struct json_object *o = json_object_new_object();

	report_add_number(o, "id", e->id);
	report_add(o, "role", e->server ? "server" : "client");
	if (!e->server)
		report_add(o, "client", tunnel_client_name(e));
	report_add(o, "user", e->user);
	report_add(o, "remote", e->remote_text);
	return o;
}

struct json_object *report_failed(const struct entry *e)
{
	return report_who(e);
}

static void report_keys(struct json_object *o, const struct entry *e)
{
	const char *fixed;

	if (e->kind != MSG_PATH_KERNEL)
		return;
	fixed = key_limit_fixed(e);
	report_add_bool(o, "tls_keys_change", !fixed);
	if (fixed)
		report_add(o, "tls_keys_reason", fixed);
	if (fixed && key_limit_renew_at(e))
		report_add_number(o, "tls_keys_renew", key_limit_renew_at(e));
	if (!key_limit_applies(e->tls))
		return;
	report_add_number(o, "tls_key_records", e->key_used);
	report_add_number(o, "tls_key_limit", key_limit_records());
}

struct json_object *report_session(const struct entry *e)
{
	struct json_object *o = report_who(e);
	struct netcfg_counts counts;

	tunnel_counts(e, &counts);
	report_add(o, "interface", e->ifname);
	report_addresses(o, e);
	report_policy(o, e);
	report_add(o, "tls", e->tls);
	report_add(o, "auth", auth_method_name(e->method));
	report_add(o, "path", report_path_name(e->kind));
	report_add(o, "path_reason", e->why);
	report_keys(o, e);
	if (e->slots > 1) {
		report_add_number(o, "slot", e->lane.number);
		report_add_number(o, "slots", e->slots);
	}
	if (e->slots > 1 && !e->leader)
		report_add_number(o, "connections", table_connections(e));
	if (e->leader)
		report_add_number(o, "of_session", e->leader);
	report_add_number(o, "mtu", e->mtu);
	report_add_number(o, "mru", e->net.mru);
	report_add_number(o, "peer_mru", e->net.peer_mru);
	report_add_number(o, "rx_bytes", counts.rx_bytes);
	report_add_number(o, "tx_bytes", counts.tx_bytes);
	report_add_number(o, "rx_packets", counts.rx_packets);
	report_add_number(o, "tx_packets", counts.tx_packets);
	if (e->began_as)
		report_add_number(o, "began_as", e->began_as);
	report_time(o, "since", e->since);
	report_add_number(o, "seconds", (loop_now_ms() - e->since_ms) / 1000);
	return o;
}

/* ---- in depth -------------------------------------------------------------------- */

static struct json_object *report_tcp(const struct tcpinfo *tcp)
{
	struct json_object *o = json_object_new_object();

	report_add_number(o, "rtt_us", tcp->rtt_us);
	report_add_number(o, "rtt_var_us", tcp->rtt_var_us);
	report_add_number(o, "min_rtt_us", tcp->min_rtt_us);
	report_add_number(o, "retransmits", tcp->retransmits);
	report_add_number(o, "lost", tcp->lost);
	report_add_number(o, "unacked", tcp->unacked);
	report_add_number(o, "cwnd", tcp->cwnd);
	report_add_number(o, "mss", tcp->mss);
	report_add_number(o, "pmtu", tcp->pmtu);
	report_add_number(o, "unsent_bytes", tcp->unsent);
	report_add_number(o, "unread_bytes", tcp->rx_queue);
	report_add_number(o, "delivery_rate", tcp->delivery_rate);
	return o;
}

static struct json_object *report_stream(const struct nl_sstp_stats *st)
{
	struct json_object *o = json_object_new_object();
	const uint64_t *n = st->count;

	report_add_number(o, "rx_bytes", n[SSTP_A_STATS_RX_STREAM_BYTES]);
	report_add_number(o, "tx_bytes", n[SSTP_A_STATS_TX_STREAM_BYTES]);
	report_add_number(o, "rx_control", n[SSTP_A_STATS_RX_CONTROL]);
	report_add_number(o, "tx_control", n[SSTP_A_STATS_TX_CONTROL]);
	report_add_number(o, "tx_records", n[SSTP_A_STATS_TX_RECORDS]);
	report_add_number(o, "tx_bytes_per_record",
			  n[SSTP_A_STATS_TX_RECORDS] ?
			  n[SSTP_A_STATS_TX_STREAM_BYTES] /
			  n[SSTP_A_STATS_TX_RECORDS] : 0);
	report_add_number(o, "tls_tx_seq", n[SSTP_A_STATS_TLS_TX_SEQ]);
	report_add_number(o, "tls_rx_seq", n[SSTP_A_STATS_TLS_RX_SEQ]);
	report_add_number(o, "tls_tx_updates", n[SSTP_A_STATS_TLS_TX_UPDATES]);
	report_add_number(o, "tls_rx_updates", n[SSTP_A_STATS_TLS_RX_UPDATES]);
	report_add_number(o, "queue_bytes", n[SSTP_A_STATS_TX_QUEUE_BYTES]);
	report_add_number(o, "idle_ms", n[SSTP_A_STATS_IDLE_MS]);
	return o;
}

/* Bytes that wait, over the rate at which bytes arrive. */
static void report_queue_delay(struct json_object *stream,
			       const struct nl_sstp_stats *st,
			       const struct tcpinfo *tcp)
{
	uint64_t waiting = st->count[SSTP_A_STATS_TX_QUEUE_BYTES] + tcp->unsent;

	if (tcp->delivery_rate)
		report_add_number(stream, "queue_delay_us",
				  waiting * 1000000 / tcp->delivery_rate);
}

static struct json_object *report_drops(const struct nl_sstp_stats *st)
{
	struct json_object *o = json_object_new_object();

	report_add_number(o, "rx_malformed", st->drops[SSTP_A_DROPS_RX_MALFORMED]);
	report_add_number(o, "rx_protocol", st->drops[SSTP_A_DROPS_RX_PROTOCOL]);
	report_add_number(o, "rx_memory", st->drops[SSTP_A_DROPS_RX_MEMORY]);
	report_add_number(o, "rx_down", st->drops[SSTP_A_DROPS_RX_DOWN]);
	report_add_number(o, "rx_source", st->drops[SSTP_A_DROPS_RX_SOURCE]);
	report_add_number(o, "tx_protocol", st->drops[SSTP_A_DROPS_TX_PROTOCOL]);
	report_add_number(o, "tx_size", st->drops[SSTP_A_DROPS_TX_SIZE]);
	report_add_number(o, "tx_malformed", st->drops[SSTP_A_DROPS_TX_MALFORMED]);
	return o;
}

void report_depth(struct json_object *o, const struct entry *e)
{
	struct json_object *stream;
	struct nl_sstp_stats stats;
	struct tcpinfo tcp = { 0 };
	struct nl_err err;

	if (sockdiag_tcp(&e->tcp_local, &e->tcp_peer, &tcp, &err) == 0)
		json_object_object_add(o, "tcp", report_tcp(&tcp));
	if (e->kind != MSG_PATH_KERNEL ||
	    tunnel_stats(e, &stats, &err) < 0)
		return;
	stream = report_stream(&stats);
	report_queue_delay(stream, &stats, &tcp);
	json_object_object_add(o, "stream", stream);
	json_object_object_add(o, "drops", report_drops(&stats));
}
