// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/lease.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/container.h"
#include "lib/log.h"
#include "lib/pool.h"

/* struct conf_pool of the same number has their addresses. */
struct lease_pool {
	struct pool *addresses;
	struct pool *prefixes;	/* numbers from 1 on, as addresses */
};

static struct {
	const struct conf *conf;
	void (*replace)(struct entry *old, const struct entry *e);
	struct lease_pool pools[CONF_POOLS_MAX];
	uint64_t serial;
	/* Who holds something: from lease_hold() to lease_put(), not what it has borrowed. */
	struct hash by_address;
	struct hash by_prefix;
	struct hash by_account;
	struct hash by_endpoint;
} lease;

static bool __attribute__((format(printf, 3, 4)))
lease_refuse(char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- pools ------------------------------------------------------------------------ */

/* Upper half of an IPv6 address: what tells /64 prefixes apart. */
static uint64_t lease_bits(const struct conf_route *prefix6)
{
	uint64_t bits = 0;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | prefix6->addr[i];
	return bits;
}

/* Numbers of the /64 in @inner as far as they are in @outer. */
static struct pool_range lease_numbers(const struct conf_route *outer,
				       const struct conf_route *inner)
{
	uint64_t n = UINT64_C(1) << (64 - outer->len);
	uint64_t base = lease_bits(outer), first = lease_bits(inner);
	uint64_t last = inner->len ? first + (UINT64_C(1) << (64 - inner->len)) - 1 :
				     UINT64_MAX;

	if (last < base || first > base + n - 1)
		return (struct pool_range){ 1, 0 };
	return (struct pool_range){
		.first = first < base ? 1 : (uint32_t)(first - base) + 1,
		.last = last > base + n - 1 ? (uint32_t)n :
					      (uint32_t)(last - base) + 1,
	};
}

/* Of the /64 @prefix6 in the pool of @conf; 0 = it is not in there. */
static uint32_t lease_number(const struct conf_pool *conf, const struct conf_route *prefix6)
{
	struct pool_range number = lease_numbers(&conf->prefix6, prefix6);

	return number.first == number.last ? number.first : 0;
}

static struct pool *lease_make(const struct pool_range *ranges, size_t n)
{
	char err[200];
	struct pool *pool = pool_new(ranges, n, err, sizeof(err));

	if (!pool)
		log_fatal("pool: %s", err);
	return pool;
}

static void lease_make_addresses(const struct conf_pool *conf,
				 struct lease_pool *pool)
{
	uint32_t local = ntohl(lease.conf->pools[0].local.s_addr);

	pool->addresses = lease_make(conf->addresses, conf->n_addresses);
	pool_exclude(pool->addresses, (struct pool_range){ local, local });
	for (uint32_t i = 0; i < conf->n_excluded; i++)
		pool_exclude(pool->addresses, conf->excluded[i]);
}

static void lease_make_prefixes(const struct conf_pool *conf,
				struct lease_pool *pool)
{
	struct pool_range all = lease_numbers(&conf->prefix6, &conf->prefix6);

	pool->prefixes = lease_make(&all, 1);
	for (uint32_t i = 0; i < conf->n_excluded6; i++)
		pool_exclude(pool->prefixes,
			     lease_numbers(&conf->prefix6, &conf->excluded6[i]));
}

void lease_init(const struct conf *conf,
		void (*replace)(struct entry *old, const struct entry *e))
{
	lease.conf = conf;
	lease.replace = replace;
	if (!conf->has_server)
		return;
	for (uint32_t i = 0; i < conf->n_pools; i++) {
		if (conf->pools[i].n_addresses)
			lease_make_addresses(&conf->pools[i], &lease.pools[i]);
		if (conf->pools[i].prefix6.family)
			lease_make_prefixes(&conf->pools[i], &lease.pools[i]);
	}
}

void lease_exit(void)
{
	for (uint32_t i = 0; i < CONF_POOLS_MAX; i++) {
		pool_free(lease.pools[i].addresses);
		pool_free(lease.pools[i].prefixes);
	}
	memset(lease.pools, 0, sizeof(lease.pools));
	hash_free(&lease.by_address);
	hash_free(&lease.by_prefix);
	hash_free(&lease.by_account);
	hash_free(&lease.by_endpoint);
}

static struct lease_pool *lease_pool_of(const struct conf_pool *conf)
{
	return &lease.pools[conf - lease.conf->pools];
}

static void lease_reserve_in(const struct conf_pool *conf, const struct policy_user *user)
{
	const struct lease_pool *pool = lease_pool_of(conf);

	if (pool->addresses && user->fixed.s_addr)
		pool_reserve(pool->addresses, ntohl(user->fixed.s_addr));
	if (pool->prefixes && user->prefix6.family)
		pool_reserve(pool->prefixes,
			     lease_number(conf, &user->prefix6));
}

void lease_reserve(const struct userdb *db)
{
	for (uint32_t i = 0; i < lease.conf->n_pools; i++) {
		if (lease.pools[i].addresses)
			pool_reserve_none(lease.pools[i].addresses);
		if (lease.pools[i].prefixes)
			pool_reserve_none(lease.pools[i].prefixes);
		for (size_t n = 0; n < userdb_size(db); n++)
			lease_reserve_in(&lease.conf->pools[i], &userdb_at(db, n)->grant);
	}
}

bool lease_free(uint64_t *n)
{
	*n = 0;
	for (uint32_t i = 0; i < CONF_POOLS_MAX; i++)
		if (lease.pools[i].addresses)
			*n += pool_left(lease.pools[i].addresses);
	return lease.pools[0].addresses;
}

/* Sets the pools of @e by its policy. */
static bool lease_choose(struct entry *e, char *why, size_t size)
{
	const struct conf_policy *p = &e->policy;

	e->pool = conf_pool_find(lease.conf, p->pool);
	if (!e->pool || !e->pool->n_addresses)
		return lease_refuse(why, size, "there is no [pool %s] with addresses",
				    p->pool);
	if (*p->pool6) {
		e->pool6 = conf_pool_find(lease.conf, p->pool6);
		if (!e->pool6 || !e->pool6->prefix6.family)
			return lease_refuse(why, size, "there is no [pool %s] with ipv6-prefix",
					    p->pool6);
	} else {
		e->pool6 = e->pool->prefix6.family ? e->pool :
						     &lease.conf->pools[0];
	}
	return true;
}

/* ---- who has what ------------------------------------------------------------------- */

/* The same address in two routing tables is two addresses. */
static bool lease_same_table(const struct entry *a, const struct entry *b)
{
	return !strcmp(a->policy.vrf, b->policy.vrf) &&
	       !strcmp(a->policy.netns, b->policy.netns);
}

static uint64_t lease_hash6(const struct conf_route *prefix)
{
	return hash_bytes(prefix->addr, 8);
}

static uint64_t lease_hash_endpoint(const struct endpoint *endpoint)
{
	return hash_bytes(endpoint->id, sizeof(endpoint->id));
}

static void lease_hold(struct entry *e)
{
	hash_add(&lease.by_account, &e->by_account, hash_text(e->account.key));
	if (endpoint_is_set(&e->endpoint))
		hash_add(&lease.by_endpoint, &e->by_endpoint,
			 lease_hash_endpoint(&e->endpoint));
	if (e->address.s_addr)
		hash_add(&lease.by_address, &e->by_address, hash_u32(e->address.s_addr));
	if (e->prefix6.family)
		hash_add(&lease.by_prefix, &e->by_prefix, lease_hash6(&e->prefix6));
}

unsigned int lease_count(void)
{
	return (unsigned int)lease.by_account.n;
}

static struct entry *lease_holder(const struct entry *e, struct in_addr address)
{
	struct hash_node *node = hash_first(&lease.by_address, hash_u32(address.s_addr));
	struct entry *x;

	for (; node; node = hash_same(node)) {
		x = container_of(node, struct entry, by_address);
		if (x->address.s_addr == address.s_addr && lease_same_table(x, e))
			return x;
	}
	return NULL;
}

static struct entry *lease_holder6(const struct entry *e,
				   const struct conf_route *prefix)
{
	struct hash_node *node = hash_first(&lease.by_prefix, lease_hash6(prefix));
	struct entry *x;

	for (; node; node = hash_same(node)) {
		x = container_of(node, struct entry, by_prefix);
		if (!memcmp(&x->prefix6, prefix, sizeof(*prefix)) && lease_same_table(x, e))
			return x;
	}
	return NULL;
}

struct entry *lease_of(const struct account *account, const struct entry *after)
{
	struct hash_node *node;
	struct entry *x;

	node = after ? hash_same(&after->by_account) :
		       hash_first(&lease.by_account, hash_text(account->key));
	for (; node; node = hash_same(node)) {
		x = container_of(node, struct entry, by_account);
		if (account_same(&x->account, account))
			return x;
	}
	return NULL;
}

struct entry *lease_at(const struct endpoint *endpoint, const struct entry *after)
{
	struct hash_node *node;
	struct entry *x;

	node = after ? hash_same(&after->by_endpoint) :
		       hash_first(&lease.by_endpoint, lease_hash_endpoint(endpoint));
	for (; node; node = hash_same(node)) {
		x = container_of(node, struct entry, by_endpoint);
		if (!CRYPTO_memcmp(&x->endpoint, endpoint, sizeof(*endpoint)))
			return x;
	}
	return NULL;
}

struct entry *lease_borrower(const struct entry *lender)
{
	struct entry *x = table_find(lender->lent_to);

	return x && x->before == lender->id ? x : NULL;
}

/* Only who has no fixed address asks: whose it is does not matter. */
static bool lease_taken(void *ctx, uint32_t addr)
{
	return lease_holder(ctx, (struct in_addr){ htonl(addr) });
}

static struct conf_route lease_prefix(const struct conf_pool *conf, uint32_t number)
{
	struct conf_route prefix = conf->prefix6;
	uint32_t i;

	prefix.len = 64;
	for (i = 0, number--; i < 4; i++, number >>= 8)
		prefix.addr[7 - i] |= number & 0xff;
	return prefix;
}

static bool lease_taken6(void *ctx, uint32_t number)
{
	const struct entry *e = ctx;
	struct conf_route prefix = lease_prefix(e->pool6, number);

	return lease_holder6(e, &prefix);
}

/* ---- too many sessions --------------------------------------------------------------- */

/* What one lends goes with it: who has borrowed that, but for @e, has nothing to begin with. */
static void lease_call_in(const struct entry *lender, const struct entry *e)
{
	struct entry *x = lease_borrower(lender);

	if (!x || x == e)
		return;
	x->before = 0;
	x->replaced = true;
	lease_put(x);
	lease.replace(x, e);
}

static void lease_replace(struct entry *e, struct entry *old)
{
	lease_call_in(old, e);
	log_info("session %u is replaced by session %u of user %s", old->id,
		 e->id, e->user);
	lease_put(old);
	old->replaced = true;
	e->replaces = true;
	lease.replace(old, e);
}

/* The oldest other session of this user; NULL if there are fewer than @n. */
static struct entry *lease_oldest(const struct entry *e, uint32_t n)
{
	struct entry *oldest = NULL, *x;
	uint32_t count = 0;

	for (x = lease_of(&e->account, NULL); x; x = lease_of(&e->account, x)) {
		if (x == e)
			continue;
		count++;
		if (!oldest || x->lease_serial < oldest->lease_serial)
			oldest = x;
	}
	return count < n ? NULL : oldest;
}

/* May @e end sessions of its account? A name that nobody vouches for is no account. */
static bool lease_may_replace(const struct entry *e)
{
	return e->policy.same_user != CONF_SAME_REFUSE && account_proved(&e->account);
}

static bool lease_limit(struct entry *e, char *why, size_t size)
{
	const struct conf_policy *p = &e->policy;
	struct entry *old;

	while (p->sessions && (old = lease_oldest(e, p->sessions))) {
		if (!lease_may_replace(e))
			return lease_refuse(why, size, "has as many sessions as sessions-per-user allows, %u%s",
					    p->sessions, account_proved(&e->account) ? "" :
					    ", and none ends for a name that the RADIUS server has not confirmed (User-Name)");
		lease_replace(e, old);
	}
	return true;
}

/*
 * May @e take what @holder has and nobody else can have?
 * @both: it was granted to both of them: so they are one, whatever they call themselves
 */
static bool lease_take_over(struct entry *e, struct entry *holder, bool both,
			    const char *what, char *why, size_t size)
{
	if (!account_same(&holder->account, &e->account) ||
	    (!both && !account_proved(&e->account)))
		return lease_refuse(why, size, "its fixed %s is in use by user %s",
				    what, holder->user);
	if (e->policy.same_user == CONF_SAME_REFUSE)
		return lease_refuse(why, size, "its fixed %s is in use by its session %u",
				    what, holder->id);
	lease_replace(e, holder);
	return true;
}

/* ---- addresses ----------------------------------------------------------------------- */

static bool lease_fixed(struct entry *e, struct in_addr fixed, char *why,
			size_t size)
{
	struct entry *holder = lease_holder(e, fixed);

	if (fixed.s_addr == lease.conf->pools[0].local.s_addr)
		return lease_refuse(why, size, "its fixed address is the server's own");
	if (holder && !lease_take_over(e, holder,
				       holder->grant.user.fixed.s_addr == fixed.s_addr,
				       "address", why, size))
		return false;
	e->pooled = pool_claim(lease_pool_of(e->pool)->addresses,
			       ntohl(fixed.s_addr), e->account.key);
	e->address = fixed;
	return true;
}

static bool lease_make_room(struct entry *e)
{
	struct entry *old = lease_oldest(e, 1);

	if (!old || !old->pooled || old->pool != e->pool || !lease_may_replace(e))
		return false;
	lease_replace(e, old);
	return true;
}

static bool lease_address(struct entry *e, char *why, size_t size)
{
	struct in_addr fixed = e->grant.user.fixed;
	uint32_t addr;

	if (fixed.s_addr)
		return lease_fixed(e, fixed, why, size);
	addr = pool_get(lease_pool_of(e->pool)->addresses, e->account.key,
			lease_taken, e);
	/* The last one may be that of its own session, whose connection is dead. */
	if (!addr && lease_make_room(e))
		addr = pool_get(lease_pool_of(e->pool)->addresses, e->account.key,
				lease_taken, e);
	if (!addr)
		return lease_refuse(why, size, "no address left in %s%s",
				    *e->pool->name ? "pool " : "the pool",
				    e->pool->name);
	e->address.s_addr = htonl(addr);
	e->pooled = true;
	return true;
}

static bool lease_fixed6(struct entry *e, const struct conf_route *prefix,
			 char *why, size_t size)
{
	struct entry *holder = lease_holder6(e, prefix);
	uint32_t number;

	if (holder && !lease_take_over(e, holder,
				       !memcmp(&holder->grant.user.prefix6, prefix,
					       sizeof(*prefix)),
				       "IPv6 prefix", why, size))
		return false;
	e->prefix6 = *prefix;
	if (!e->pool6->prefix6.family)
		return true;
	number = lease_number(e->pool6, prefix);
	if (pool_claim(lease_pool_of(e->pool6)->prefixes, number, e->account.key))
		e->prefix6_number = number;
	return true;
}

/* A session without a prefix of its own still has IPv4. */
static bool lease_address6(struct entry *e, char *why, size_t size)
{
	const struct conf_route *fixed = &e->grant.user.prefix6;
	struct pool *prefixes = lease_pool_of(e->pool6)->prefixes;

	if (!lease.conf->server.link.ipv6) {
		if (fixed->family)
			log_warn("user %s: its IPv6 prefix is not given: [server] has not \"ipv6 = yes\"",
				 e->user);
		return true;
	}
	if (fixed->family)
		return lease_fixed6(e, fixed, why, size);
	if (!prefixes)
		return true;
	e->prefix6_number = pool_get(prefixes, e->account.key, lease_taken6, e);
	if (e->prefix6_number)
		e->prefix6 = lease_prefix(e->pool6, e->prefix6_number);
	else
		log_err("user %s: no IPv6 prefix left", e->user);
	return true;
}

bool lease_get(struct entry *e, char *why, size_t size)
{
	e->lease_serial = ++lease.serial;
	/* Not what an attempt before this one has done, which has failed. */
	e->replaces = false;
	if (lease_choose(e, why, size) && lease_limit(e, why, size) &&
	    lease_address(e, why, size) && lease_address6(e, why, size)) {
		lease_hold(e);
		return true;
	}
	lease_put(e);
	return false;
}

/* Its pool may be configured no more: others are asked for what it does not have. */
static void lease_resume_pools(struct entry *e)
{
	char why[200];

	if (lease_choose(e, why, sizeof(why)))
		return;
	log_warn("session %u of user %s: %s", e->id, e->user, why);
	e->pool = &lease.conf->pools[0];
	e->pool6 = e->pool;
}

void lease_resume(struct entry *e)
{
	const struct lease_pool *pool, *pool6;
	uint32_t number;

	lease_resume_pools(e);
	lease_hold(e);
	pool = lease_pool_of(e->pool);
	pool6 = lease_pool_of(e->pool6);
	if (e->lease_serial > lease.serial)
		lease.serial = e->lease_serial;
	if (e->address.s_addr && pool->addresses)
		e->pooled = pool_claim(pool->addresses, ntohl(e->address.s_addr),
				       e->account.key);
	if (!e->prefix6.family || !pool6->prefixes)
		return;
	number = lease_number(e->pool6, &e->prefix6);
	if (pool_claim(pool6->prefixes, number, e->account.key))
		e->prefix6_number = number;
}

bool lease_yield(struct entry *e)
{
	struct entry *old = lease_oldest(e, 1);

	if (!old || !lease_may_replace(e))
		return false;
	lease_replace(e, old);
	return true;
}

void lease_borrow(struct entry *e, struct entry *old)
{
	lease_put(e);
	lease_call_in(old, e);
	e->before = old->id;
	old->lent_to = e->id;
	e->lease_serial = ++lease.serial;
	e->replaces = false;
	e->pool = old->pool;
	e->pool6 = old->pool6;
	e->address = old->address;
	e->prefix6 = old->prefix6;
}

void lease_show(struct entry *e, const struct entry *leader)
{
	lease_put(e);
	e->replaces = false;
	e->pool = leader->pool;
	e->pool6 = leader->pool6;
	e->address = leader->address;
	e->prefix6 = leader->prefix6;
}

void lease_move(struct entry *e, struct entry *old)
{
	e->pool = old->pool;
	e->pool6 = old->pool6;
	e->address = old->address;
	e->pooled = old->pooled;
	e->prefix6 = old->prefix6;
	e->prefix6_number = old->prefix6_number;
	e->before = 0;
	old->pooled = false;
	old->prefix6_number = 0;
	lease_put(old);
	lease_hold(e);
}

void lease_put(struct entry *e)
{
	hash_remove(&lease.by_address, &e->by_address);
	hash_remove(&lease.by_prefix, &e->by_prefix);
	hash_remove(&lease.by_account, &e->by_account);
	hash_remove(&lease.by_endpoint, &e->by_endpoint);
	if (e->pooled)
		pool_put(lease_pool_of(e->pool)->addresses,
			 ntohl(e->address.s_addr));
	if (e->prefix6_number)
		pool_put(lease_pool_of(e->pool6)->prefixes, e->prefix6_number);
	e->pooled = false;
	e->prefix6_number = 0;
	e->address.s_addr = 0;
	memset(&e->prefix6, 0, sizeof(e->prefix6));
}

/* A grant stands for both: a second server of ours may not know its names. */
static void lease_fill_two(struct in_addr to[2], const struct in_addr granted[2],
			   const struct in_addr pool[2],
			   const struct in_addr configured[2])
{
	const struct in_addr *from = granted;

	if (!from[0].s_addr && !from[1].s_addr)
		from = pool;
	if (!from[0].s_addr && !from[1].s_addr)
		from = configured;
	to[0] = from[0];
	to[1] = from[1];
}

void lease_addrs(const struct entry *e, struct ppp_addrs *addrs)
{
	const struct conf_pool *first = &lease.conf->pools[0];

	addrs->local = first->local;
	addrs->peer = e->address;
	lease_fill_two(addrs->dns, e->grant.dns, e->pool->dns, first->dns);
	lease_fill_two(addrs->nbns, e->grant.nbns, e->pool->nbns, first->nbns);
}
