// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/store_record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a record is made of, and read into. */
struct store_parts {
	struct entry *e;
	struct ppp_state *state;
	char *client;
};

enum store_part {
	STORE_ENTRY,
	STORE_STATE,
	STORE_CLIENT,
};

struct store_field {
	uint16_t number;
	uint16_t size;
	uint32_t offset;
	enum store_part part;
};

#define FIELD(n, member)	{ n, sizeof(((struct entry *)0)->member), \
				  offsetof(struct entry, member), STORE_ENTRY }
#define LINK(n, member)		{ n, sizeof(((struct ppp_state *)0)->member), \
				  offsetof(struct ppp_state, member), STORE_STATE }
#define AUTOMATON(n, fsm)	LINK(n, fsm.opened), LINK(n + 1, fsm.id), \
				LINK(n + 2, fsm.req_id), LINK(n + 3, fsm.req_len), \
				LINK(n + 4, fsm.peer_req_len), LINK(n + 5, fsm.req), \
				LINK(n + 6, fsm.peer_req)

#define STORE_NUMBER_ID		1
#define STORE_NUMBER_TAKES_OVER	14

/* Sorted by what they are about; see the header for what may be changed. */
static const struct store_field store_fields[] = {
	/* who */
	FIELD(STORE_NUMBER_ID, id),
	FIELD(2, server),
	{ 3, CONF_NAME_MAX, 0, STORE_CLIENT },
	FIELD(4, user),
	FIELD(5, account.key),
	FIELD(6, remote),
	FIELD(7, method),
	FIELD(8, in_users),
	FIELD(9, lease_serial),
	FIELD(10, since),
	FIELD(11, since_ms),
	FIELD(12, began_as),
	FIELD(13, endpoint),
	FIELD(STORE_NUMBER_TAKES_OVER, takes_over),
	FIELD(15, ending),
	FIELD(16, down_run),
	FIELD(17, lane.number),
	FIELD(18, lane.of),
	FIELD(19, slots),
	/* what it may have */
	FIELD(20, policy.pool),
	FIELD(21, policy.pool6),
	FIELD(22, policy.rate_down),
	FIELD(23, policy.rate_up),
	FIELD(24, policy.ifname),
	FIELD(25, policy.ifgroup),
	FIELD(26, policy.vrf),
	FIELD(27, policy.netns),
	FIELD(28, policy.sessions),
	FIELD(29, policy.same_user),
	FIELD(30, policy.source_check),
	FIELD(40, grant.user.group),
	FIELD(41, grant.user.fixed),
	FIELD(42, grant.user.prefix6),
	FIELD(43, grant.user.n_routes),
	FIELD(44, grant.user.routes),
	FIELD(45, grant.session_s),
	FIELD(46, grant.idle_s),
	FIELD(47, grant.interim_s),
	FIELD(48, grant.mtu),
	FIELD(49, grant.dns),
	FIELD(50, grant.nbns),
	FIELD(51, grant.dns6),
	FIELD(52, grant.class_len),
	FIELD(53, grant.class),
	/* what it has */
	FIELD(60, address),
	FIELD(61, prefix6),
	FIELD(62, net.ipv4),
	FIELD(63, net.ipv6),
	FIELD(64, net.local),
	FIELD(65, net.peer),
	FIELD(66, net.dns),
	FIELD(67, net.nbns),
	FIELD(68, net.ifid),
	FIELD(69, net.peer_ifid),
	FIELD(70, net.peer_mru),
	FIELD(71, net.mru),
	FIELD(72, own_ifid),
	FIELD(80, kind),
	FIELD(81, tls),
	FIELD(82, tcp_local),
	FIELD(83, tcp_peer),
	FIELD(84, ifname),
	FIELD(85, ifindex),
	FIELD(86, numbered),
	FIELD(87, ifnumber),
	FIELD(88, table),
	FIELD(89, mtu),
	FIELD(90, kernel_id),
	FIELD(91, rekeys),
	FIELD(92, base.rx_bytes),
	FIELD(93, base.tx_bytes),
	FIELD(94, base.rx_packets),
	FIELD(95, base.tx_packets),
	FIELD(96, cert_until),
	FIELD(97, source_in_module),
	/* what it has used up */
	FIELD(100, interim_ms),
	FIELD(101, idle_look_ms),
	FIELD(102, idle_since_ms),
	FIELD(103, idle_packets),
	FIELD(104, last.rx_bytes),
	FIELD(105, last.tx_bytes),
	FIELD(106, last.rx_packets),
	FIELD(107, last.tx_packets),
	/* its link */
	LINK(120, ask_mru),
	LINK(121, asked_mru),
	LINK(122, peer_mru),
	LINK(123, magic),
	LINK(124, peer_magic),
	AUTOMATON(130, lcp),
	AUTOMATON(140, ipcp),
	AUTOMATON(150, ipv6cp),
};

#define STORE_FIELDS	(sizeof(store_fields) / sizeof(*store_fields))
#define STORE_HEAD	4	/* number and length of a field, 16 bits each */

/* The structs that they are of, as a whole, and what is left of struct entry. */
static_assert(sizeof(struct grant) + sizeof(struct ppp_network) + sizeof(struct ppp_state) +
	      3 * sizeof(struct sockaddr_storage) + sizeof(struct account) +
	      sizeof(struct conf_policy) + sizeof(((struct entry *)0)->user) + CONF_NAME_MAX +
	      STORE_FIELDS * STORE_HEAD + 512 < STORE_RECORD_MAX,
	      "a record may be longer than there is room for");

static uint8_t *store_place(const struct store_parts *parts, const struct store_field *field)
{
	switch (field->part) {
	case STORE_STATE:
		return (uint8_t *)parts->state + field->offset;
	case STORE_CLIENT:
		return (uint8_t *)parts->client;
	default:
		return (uint8_t *)parts->e + field->offset;
	}
}

static void store_put16(uint8_t *to, uint16_t n)
{
	memcpy(to, &n, sizeof(n));
}

static uint16_t store_get16(const uint8_t *from)
{
	uint16_t n;

	memcpy(&n, from, sizeof(n));
	return n;
}

size_t store_record_write(const struct entry *e, const char *client, uint8_t *out)
{
	char name[CONF_NAME_MAX] = "";
	const struct store_parts parts = { (struct entry *)e, e->state, name };
	const struct store_field *field;
	uint8_t *end = out;
	const uint8_t *from;
	uint16_t len;

	/* What comes after the end of a text is none of it. */
	strncpy(name, client, sizeof(name) - 1);
	for (size_t i = 0; i < STORE_FIELDS; i++) {
		field = &store_fields[i];
		if (field->part == STORE_STATE && !e->state)
			continue;
		from = store_place(&parts, field);
		for (len = field->size; len && !from[len - 1]; len--)
			;
		if (!len)
			continue;
		store_put16(end, field->number);
		store_put16(end + 2, len);
		memcpy(end + STORE_HEAD, from, len);
		end += STORE_HEAD + len;
	}
	return (size_t)(end - out);
}

static const struct store_field *store_find(uint16_t number)
{
	for (size_t i = 0; i < STORE_FIELDS; i++)
		if (store_fields[i].number == number)
			return &store_fields[i];
	return NULL;
}

/* Return: the value of the next field, whose end is *@next; NULL if it is cut off. */
static const uint8_t *store_step(const uint8_t *in, const uint8_t *end, uint16_t *number,
				 uint16_t *len, const uint8_t **next)
{
	if (end - in < STORE_HEAD)
		return NULL;
	*number = store_get16(in);
	*len = store_get16(in + 2);
	if (end - in - STORE_HEAD < *len)
		return NULL;
	*next = in + STORE_HEAD + *len;
	return in + STORE_HEAD;
}

/* Return: 0 if it is not there. */
static uint32_t store_record_u32(const uint8_t *in, size_t len, uint16_t wanted)
{
	const uint8_t *end = in + len, *value;
	uint16_t number, value_len;
	uint32_t n = 0;

	while ((value = store_step(in, end, &number, &value_len, &in)) && number != wanted)
		;
	if (value && value_len <= sizeof(n))
		memcpy(&n, value, value_len);
	return n;
}

uint32_t store_record_id(const uint8_t *in, size_t len)
{
	return store_record_u32(in, len, STORE_NUMBER_ID);
}

uint32_t store_record_takes_over(const uint8_t *in, size_t len)
{
	return store_record_u32(in, len, STORE_NUMBER_TAKES_OVER);
}

/* Return: false if there is more of it than we have room for. */
static bool store_take(const struct store_parts *parts, uint16_t number, const uint8_t *value,
		       uint16_t len)
{
	const struct store_field *field = store_find(number);

	if (!field)
		return true;
	if (len > field->size)
		return false;
	memcpy(store_place(parts, field), value, len);
	return true;
}

/* Texts end, and counts are of what is there: whoever wrote it had other bounds. */
static bool store_fits(const struct entry *e)
{
	return memchr(e->user, 0, sizeof(e->user)) &&
	       memchr(e->account.key, 0, sizeof(e->account.key)) &&
	       memchr(e->tls, 0, sizeof(e->tls)) &&
	       memchr(e->ifname, 0, sizeof(e->ifname)) &&
	       memchr(e->policy.pool, 0, sizeof(e->policy.pool)) &&
	       memchr(e->policy.pool6, 0, sizeof(e->policy.pool6)) &&
	       memchr(e->policy.ifname, 0, sizeof(e->policy.ifname)) &&
	       memchr(e->policy.vrf, 0, sizeof(e->policy.vrf)) &&
	       memchr(e->policy.netns, 0, sizeof(e->policy.netns)) &&
	       memchr(e->grant.user.group, 0, sizeof(e->grant.user.group)) &&
	       e->grant.user.n_routes <= POLICY_ROUTES_MAX &&
	       e->grant.class_len <= GRANT_CLASS_MAX;
}

bool store_record_read(const uint8_t *in, size_t len, struct entry *e,
		       char client[CONF_NAME_MAX])
{
	struct store_parts parts = { .e = e, .client = client };
	const uint8_t *value, *end = in + len;
	uint16_t number, value_len;

	memset(client, 0, CONF_NAME_MAX);
	e->state = calloc(1, sizeof(*e->state));
	parts.state = e->state;
	if (!e->state)
		return false;
	while (in < end) {
		value = store_step(in, end, &number, &value_len, &in);
		if (!value || !store_take(&parts, number, value, value_len))
			return false;
	}
	return !client[CONF_NAME_MAX - 1] && store_fits(e) &&
	       (e->kind != MSG_PATH_KERNEL || ppp_state_ok(e->state));
}

bool store_record_field(size_t i, uint16_t *number, size_t *size)
{
	if (i >= STORE_FIELDS)
		return false;
	*number = store_fields[i].number;
	*size = store_fields[i].size;
	return true;
}
