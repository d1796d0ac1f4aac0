// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <netinet/in.h>
#include <string.h>

#include "wire.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_PSH 0x08

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Length of the IP header, or 0 if the packet is not what it says. */
static size_t ip_header(bool v6, const uint8_t *p, size_t len)
{
	size_t hdr;

	if (v6)
		return len >= 40 && p[0] >> 4 == 6 && get16(p + 4) + 40u == len ? 40 : 0;
	if (len < 20 || p[0] >> 4 != 4 || get16(p + 2) != len)
		return 0;
	hdr = (p[0] & 0xf) * 4u;
	if (hdr < 20 || hdr > len || wire_fold(wire_sum(p, hdr, 0)))
		return 0;
	return hdr;
}

static struct check_flow *find_flow(struct check *c, bool v6, const uint8_t *p,
				    size_t hdr, bool *is_new)
{
	uint8_t key[sizeof(c->flows[0].key)] = { v6 };

	if (v6)
		memcpy(key + 1, p + 8, 32);
	else
		memcpy(key + 1, p + 12, 8);
	memcpy(key + 33, p + hdr, 4);

	*is_new = false;
	for (size_t i = 0; i < c->n_flows; i++) {
		if (!memcmp(c->flows[i].key, key, sizeof(key)))
			return &c->flows[i];
	}
	if (c->n_flows == CHECK_FLOWS)
		return NULL;
	*is_new = true;
	memcpy(c->flows[c->n_flows].key, key, sizeof(key));
	return &c->flows[c->n_flows++];
}

static void check_tcp(struct check *c, bool v6, const uint8_t *p, size_t hdr, size_t len)
{
	const uint8_t *tcp = p + hdr;
	size_t data = len - hdr - (tcp[12] >> 4) * 4;
	uint16_t id = v6 ? 0 : get16(p + 4);
	struct check_flow *flow;
	bool is_new;
	uint32_t seq = get32(tcp + 4);

	if (tcp[13] & TCP_SYN)
		return;
	flow = find_flow(c, v6, p, hdr, &is_new);
	if (data) {
		c->data++;
		if (tcp[13] & TCP_PSH)
			c->pushed++;
	}
	if (!flow)
		return;
	/* Backwards is TCP repeating itself, which is its good right. */
	if (!is_new && (int32_t)(seq - flow->next_seq) > 0)
		c->seq_gaps++;
	/* Without data it may come from a socket in TIME-WAIT, which knows no ids. */
	if (!is_new && !v6 && data && id != flow->next_id)
		c->id_breaks++;
	/* FIN takes a number of its own. */
	seq += data + (tcp[13] & TCP_FIN ? 1 : 0);
	if (is_new || (int32_t)(seq - flow->next_seq) > 0)
		flow->next_seq = seq;
	flow->next_id = id + 1;
}

static bool is_whole(bool v6, const uint8_t *p)
{
	return v6 || !(get16(p + 6) & 0x3fff);
}

void check_packet(struct check *c, bool v6, const uint8_t *packet, size_t len)
{
	size_t hdr = ip_header(v6, packet, len);
	uint8_t proto;

	c->packets++;
	if (len > c->max_len)
		c->max_len = len;
	if (!hdr) {
		c->bad_ip++;
		return;
	}
	proto = v6 ? packet[6] : packet[9];
	/* A fragment has no transport checksum of its own. */
	if (!is_whole(v6, packet))
		return;
	if (proto == IPPROTO_TCP && len >= hdr + 20) {
		if (wire_l4_check(packet, len))
			c->bad_sum++;
		check_tcp(c, v6, packet, hdr, len);
	} else if (proto == IPPROTO_UDP && len >= hdr + 8) {
		if (wire_l4_check(packet, len))
			c->bad_sum++;
	}
}

void check_print(const struct check *c, const char *prefix, FILE *out)
{
	fprintf(out,
		"%s packets=%llu bad_ip=%llu bad_sum=%llu seq_gaps=%llu id_breaks=%llu data=%llu pushed=%llu max_len=%zu\n",
		prefix, (unsigned long long)c->packets, (unsigned long long)c->bad_ip,
		(unsigned long long)c->bad_sum, (unsigned long long)c->seq_gaps,
		(unsigned long long)c->id_breaks, (unsigned long long)c->data,
		(unsigned long long)c->pushed, c->max_len);
}
