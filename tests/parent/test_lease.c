// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of sessions: pools, fixed ones, limits, and who is replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "lib/log.h"
#include "parent/lease.h"

#define NET	0x0a080000	/* 10.8.0.0 */
#define STAFF	0x0a090000	/* 10.9.0.0 */

static struct conf conf;
static struct entry *replaced;
static char why[160];
static uint32_t last_id;

static void on_replace(struct entry *old, const struct entry *e)
{
	(void)e;
	/* Nothing is left to it that the new one could want. */
	assert_int_equal(old->address.s_addr, 0);
	assert_true(old->replaced);
	replaced = old;
}

static void prefix(struct conf_route *route, const char *text, uint8_t len)
{
	memset(route, 0, sizeof(*route));
	assert_int_equal(inet_pton(AF_INET6, text, route->addr), 1);
	route->family = AF_INET6;
	route->len = len;
}

static int set_up(void **state)
{
	struct conf_pool *pool = &conf.pools[0], *staff = &conf.pools[1];

	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.has_server = true;
	conf.server.link.ipv6 = true;
	conf.server.policy.same_user = CONF_SAME_REPLACE;
	conf.n_pools = 3;
	pool->n_addresses = 1;
	pool->addresses[0] = (struct pool_range){ NET + 1, NET + 6 };
	pool->n_excluded = 1;
	pool->excluded[0] = (struct pool_range){ NET + 3, NET + 4 };
	pool->local.s_addr = htonl(NET + 1);
	pool->dns[0].s_addr = htonl(NET + 1);
	prefix(&pool->prefix6, "2001:db8:1::", 62);
	pool->n_excluded6 = 1;
	prefix(&pool->excluded6[0], "2001:db8:1::", 63);
	strcpy(staff->name, "staff");
	staff->n_addresses = 1;
	staff->addresses[0] = (struct pool_range){ STAFF + 1, STAFF + 2 };
	staff->dns[0].s_addr = htonl(STAFF + 53);
	strcpy(conf.pools[2].name, "six");
	prefix(&conf.pools[2].prefix6, "2001:db8:6::", 64);
	lease_init(&conf, on_replace);
	replaced = NULL;
	return 0;
}

static int tear_down(void **state)
{
	struct entry *e;

	(void)state;
	while ((e = table_first()))
		table_remove(e);
	lease_exit();
	return 0;
}

static struct entry *login(const char *user)
{
	struct entry *e = table_add(++last_id);

	e->server = true;
	strcpy(e->user, user);
	e->account = account_of(ACCOUNT_RADIUS, conf.server.fold_names, user);
	e->policy = conf.server.policy;
	return e;
}

static bool get(struct entry *e)
{
	*why = '\0';
	e->verified = lease_get(e, why, sizeof(why));
	return e->verified;
}

/* Nobody but the peer says so. */
static struct entry *claims(const char *user)
{
	struct entry *e = login(user);

	e->account = account_of(ACCOUNT_CLAIMED, conf.server.fold_names, user);
	return e;
}

static struct entry *with_pool(const char *user, const char *pool)
{
	struct entry *e = login(user);

	strcpy(e->policy.pool, pool);
	return e;
}

static struct entry *with_fixed(const char *user, uint32_t addr)
{
	struct entry *e = login(user);

	e->grant.user.fixed.s_addr = htonl(addr);
	return e;
}

static void assert_address(const struct entry *e, uint32_t addr)
{
	assert_int_equal(ntohl(e->address.s_addr), addr);
}

static void named_pools(void **state)
{
	struct entry *a = login("a"), *b = with_pool("b", "staff");
	struct entry *c = with_pool("c", "staff"), *d = with_pool("d", "staff");
	struct entry *e = with_pool("e", "nowhere"), *f = with_pool("f", "six");
	struct ppp_addrs addrs;
	uint64_t n;

	(void)state;
	assert_true(lease_free(&n));
	assert_int_equal(n, 3 + 2);
	assert_true(get(a));
	assert_address(a, NET + 2);
	assert_true(get(b) && get(c));
	assert_address(b, STAFF + 1);
	assert_address(c, STAFF + 2);
	assert_false(get(d));
	assert_string_equal(why, "no address left in pool staff");
	assert_false(get(e));
	assert_string_equal(why, "there is no [pool nowhere] with addresses");
	assert_false(get(f));
	lease_addrs(b, &addrs);
	assert_int_equal(addrs.local.s_addr, htonl(NET + 1));
	assert_int_equal(addrs.dns[0].s_addr, htonl(STAFF + 53));
	lease_addrs(a, &addrs);
	assert_int_equal(addrs.dns[0].s_addr, htonl(NET + 1));
	/* A grant stands before both. */
	b->grant.dns[1].s_addr = 7;
	lease_addrs(b, &addrs);
	assert_int_equal(addrs.dns[0].s_addr, 0);
	assert_int_equal(addrs.dns[1].s_addr, 7);
	lease_put(b);
	assert_true(get(d));
	assert_address(d, STAFF + 1);
	lease_put(d);
	lease_put(d);
	lease_put(c);
	assert_true(lease_free(&n));
	assert_int_equal(n, 2 + 2);
}

static void exclusions(void **state)
{
	struct entry *e;

	(void)state;
	/* 1 is our own, 3 and 4 are excluded. */
	for (int i = 0; i < 3; i++) {
		e = login("u");
		assert_true(get(e));
		assert_address(e, i == 0 ? NET + 2 : (uint32_t)(NET + 4 + i));
	}
	assert_false(get(login("another")));
	assert_string_equal(why, "no address left in the pool");
	/* Of its own sessions the oldest makes room: its connection may be dead. */
	e = login("u");
	assert_true(get(e));
	assert_address(e, NET + 2);
}

static void prefixes(void **state)
{
	struct entry *a = login("a"), *b = login("b"), *c = login("c");
	struct entry *d = login("d"), *e = login("e");
	struct conf_route want;

	(void)state;
	assert_true(get(a) && get(b));
	/* The first two of four are excluded. */
	prefix(&want, "2001:db8:1:2::", 64);
	assert_memory_equal(&a->prefix6, &want, sizeof(want));
	prefix(&want, "2001:db8:1:3::", 64);
	assert_memory_equal(&b->prefix6, &want, sizeof(want));
	/* None left: still a session. */
	assert_true(get(c));
	assert_int_equal(c->prefix6.family, 0);
	lease_put(a);
	lease_put(c);
	/* A pool without prefixes leaves that to [pool]. */
	strcpy(d->policy.pool, "staff");
	assert_true(get(d));
	prefix(&want, "2001:db8:1:2::", 64);
	assert_memory_equal(&d->prefix6, &want, sizeof(want));
	strcpy(e->policy.pool6, "six");
	assert_true(get(e));
	prefix(&want, "2001:db8:6::", 64);
	assert_memory_equal(&e->prefix6, &want, sizeof(want));
	strcpy(c->policy.pool6, "staff");
	assert_false(get(c));
}

static void fixed_prefixes(void **state)
{
	struct entry *a = login("a"), *b = login("b"), *again = login("a");

	(void)state;
	prefix(&a->grant.user.prefix6, "2001:db8:1:3::", 64);
	prefix(&again->grant.user.prefix6, "2001:db8:1:3::", 64);
	assert_true(get(a));
	assert_memory_equal(&a->prefix6, &a->grant.user.prefix6, sizeof(a->prefix6));
	assert_true(get(b));
	assert_memory_not_equal(&b->prefix6, &a->prefix6, sizeof(a->prefix6));
	assert_true(get(again));
	assert_ptr_equal(replaced, a);
	/* In the way of another user. */
	lease_put(b);
	b->grant.user.prefix6 = again->prefix6;
	assert_false(get(b));
	assert_string_equal(why, "its fixed IPv6 prefix is in use by user a");
	assert_int_equal(b->address.s_addr, 0);
	/* Outside of every pool. */
	prefix(&b->grant.user.prefix6, "2001:db8:ffff:1::", 64);
	assert_true(get(b));
	assert_int_equal(b->prefix6_number, 0);
	lease_put(b);
	/* Without IPv6 in [server] there is none. */
	conf.server.link.ipv6 = false;
	assert_true(get(b));
	assert_int_equal(b->prefix6.family, 0);
}

static void fixed_addresses(void **state)
{
	struct entry *a = with_fixed("a", NET + 5), *b = login("b"), *c = login("c");
	struct entry *d = login("d"), *again = with_fixed("a", NET + 5);
	struct entry *thief = with_fixed("t", NET + 5);

	(void)state;
	assert_true(get(a));
	assert_true(get(b) && get(c));
	assert_address(b, NET + 2);
	assert_address(c, NET + 6);
	/* The pool does not give it a second time. */
	assert_false(get(d));
	assert_false(get(thief));
	assert_string_equal(why, "its fixed address is in use by user a");
	assert_true(get(again));
	assert_ptr_equal(replaced, a);
	assert_address(again, NET + 5);
	again->policy.same_user = CONF_SAME_REFUSE;
	a = with_fixed("a", NET + 5);
	a->policy.same_user = CONF_SAME_REFUSE;
	assert_false(get(a));
	assert_non_null(strstr(why, "in use by its session"));
	assert_false(get(with_fixed("x", NET + 1)));
	assert_string_equal(why, "its fixed address is the server's own");
	assert_true(get(with_fixed("y", 0xc0000207)));
}

static void complain(void *ctx, const char *line)
{
	(void)ctx;
	fail_msg("%s", line);
}

/* The users file is this, now. */
static void users_file(const char *text)
{
	FILE *in = fmemopen((char *)(uintptr_t)text, strlen(text), "r");
	struct mschap *mschap = mschap_new();
	struct userdb *db;

	assert_non_null(in);
	assert_non_null(mschap);
	db = userdb_load(in, "users", false, mschap, complain, NULL);
	assert_non_null(db);
	lease_reserve(db);
	userdb_free(db);
	mschap_free(mschap);
	fclose(in);
}

/* Whoever is not here yet shall find what is his. */
static void nobody_gets_what_is_fixed(void **state)
{
	struct entry *b = login("b"), *c = login("c"), *d = login("d");
	struct entry *a = with_fixed("a", NET + 5), *r = with_fixed("r", NET + 6);
	struct conf_route want;
	uint64_t n;

	(void)state;
	users_file("a:pw:10.8.0.5:ipv6-prefix=2001:db8:1:2::/64\n"
		   "far:pw:10.99.0.1\n" "own:pw:10.8.0.1\n" "also:pw:10.8.0.5\n"
		   "any:pw\n");
	/* 2, 5 and 6 are there, and two of another pool. */
	assert_true(lease_free(&n));
	assert_int_equal(n, 2 + 2);
	assert_true(get(b));
	assert_address(b, NET + 2);
	prefix(&want, "2001:db8:1:3::", 64);
	assert_memory_equal(&b->prefix6, &want, sizeof(want));
	/* One of RADIUS is not known before. */
	assert_true(get(r));
	assert_address(r, NET + 6);
	assert_false(get(c));
	assert_string_equal(why, "no address left in the pool");
	prefix(&a->grant.user.prefix6, "2001:db8:1:2::", 64);
	assert_true(get(a));
	assert_address(a, NET + 5);
	assert_true(lease_free(&n));
	assert_int_equal(n, 0 + 2);
	/* He leaves: nobody's, for the pool. */
	lease_put(a);
	assert_true(lease_free(&n));
	assert_int_equal(n, 0 + 2);
	assert_false(get(d));
}

static void the_users_file_changes(void **state)
{
	struct entry *b = login("b"), *c = login("c"), *again = login("b");
	struct entry *a = with_fixed("a", NET + 2);

	(void)state;
	users_file("a:pw:10.8.0.6\n");
	assert_true(get(b));
	assert_address(b, NET + 2);
	/* Whoever has it keeps it, to the end of the session. */
	users_file("a:pw:10.8.0.2\n");
	assert_int_equal(b->address.s_addr, htonl(NET + 2));
	assert_false(get(a));
	assert_string_equal(why, "its fixed address is in use by user b");
	lease_put(b);
	table_remove(b);
	/* What one had last is no claim. */
	assert_true(get(again));
	assert_address(again, NET + 5);
	assert_true(get(a));
	assert_address(a, NET + 2);
	/* And what is not fixed any more is for all. */
	assert_true(get(c));
	assert_address(c, NET + 6);
	lease_put(a);
	users_file("a:pw\n");
	assert_true(get(login("d")));
}

/* The same address in two routing tables is two addresses. */
static void tables(void **state)
{
	struct entry *a = with_fixed("a", NET + 5), *b = with_fixed("b", NET + 5);
	struct entry *c = with_fixed("c", NET + 5), *d = with_fixed("d", STAFF + 1);
	struct entry *e = with_pool("e", "staff"), *f = with_pool("f", "staff");

	(void)state;
	strcpy(b->policy.vrf, "blue");
	strcpy(c->policy.netns, "blue");
	assert_true(get(a) && get(b) && get(c));
	assert_null(replaced);
	/* Fixed, of another pool's: passed over in the same table only. */
	assert_true(get(d));
	assert_true(get(e));
	assert_address(e, STAFF + 2);
	strcpy(f->policy.vrf, "blue");
	assert_true(get(f));
	assert_address(f, STAFF + 1);
}

static void too_many(void **state)
{
	struct entry *first, *second, *third, *other = login("other");

	(void)state;
	conf.server.policy.sessions = 2;
	assert_true(get(other));
	first = login("u");
	second = login("u");
	assert_true(get(first) && get(second));
	assert_null(replaced);
	third = login("u");
	assert_true(get(third));
	assert_ptr_equal(replaced, first);
	/* What the oldest had, it has now. */
	assert_address(third, NET + 5);
	conf.server.policy.same_user = CONF_SAME_REFUSE;
	first = login("u");
	assert_false(get(first));
	assert_non_null(strstr(why, "as many sessions as sessions-per-user allows, 2"));
	/* One that never got in does not count. */
	lease_put(third);
	table_remove(third);
	assert_true(get(first));
}

static void returning_user(void **state)
{
	struct entry *a = login("a"), *b = login("b"), *again = login("a");
	struct conf_route before;
	struct in_addr address;

	(void)state;
	assert_true(get(a) && get(b));
	address = a->address;
	before = a->prefix6;
	lease_put(b);
	lease_put(a);
	table_remove(a);
	assert_true(get(again));
	assert_int_equal(again->address.s_addr, address.s_addr);
	assert_memory_equal(&again->prefix6, &before, sizeof(before));
}

/* Where there is no room for one more, the oldest of one's own makes room. */
static void yields(void **state)
{
	struct entry *first = login("u"), *second = login("u"), *e = login("u");
	struct entry *other;

	(void)state;
	assert_true(get(first) && get(second) && get(e));
	assert_false(e->replaces);
	assert_true(lease_yield(e));
	assert_ptr_equal(replaced, first);
	assert_true(e->replaces);
	e->policy.same_user = CONF_SAME_REFUSE;
	assert_false(lease_yield(e));
	other = claims("u");
	assert_false(lease_yield(other));
	other = login("v");
	assert_false(lease_yield(other));
	assert_false(second->replaced);
}

/* A place that a login made which failed then is not there for the next one. */
static void place_of_a_failure(void **state)
{
	struct entry *first = login("u"), *other = login("v"), *e = login("u");

	(void)state;
	other->grant.user.fixed.s_addr = htonl(NET + 5);
	assert_true(get(first) && get(other));
	e->policy.sessions = 1;
	e->grant.user.fixed.s_addr = htonl(NET + 5);
	assert_false(get(e));
	assert_ptr_equal(replaced, first);
	e->grant.user.fixed.s_addr = 0;
	assert_true(get(e));
	assert_false(e->replaces);
}

/* Names of one account have its limit together, and what it had. */
static void names_of_one_account(void **state)
{
	struct entry *e;

	(void)state;
	conf.server.policy.sessions = 1;
	assert_true(get(login("alice")));
	assert_true(get(login("ALICE")));
	assert_true(get(login("CORP\\alice")));
	assert_null(replaced);
	while ((e = table_first())) {
		lease_put(e);
		table_remove(e);
	}
	conf.server.fold_names = true;
	e = login("alice");
	assert_true(get(e));
	assert_true(get(login("ALICE")));
	assert_ptr_equal(replaced, e);
	e = login("CORP\\Alice");
	assert_true(get(e));
	assert_ptr_not_equal(replaced, e);
	replaced = NULL;
	/* That name in the users file is of somebody else. */
	e = login("alice");
	e->account = account_of(ACCOUNT_USERS, true, "alice");
	assert_true(get(e));
	assert_null(replaced);
}

/* Whoever only says that he is bob ends no session of bob, nor of one who says so. */
static void claimed_names(void **state)
{
	struct entry *bob = login("bob"), *first = claims("bob"), *again;

	(void)state;
	conf.server.policy.sessions = 1;
	assert_true(get(bob));
	/* The other two of the pool are left. */
	assert_true(get(first));
	again = claims("bob");
	again->policy.sessions = 1;
	assert_false(get(again));
	assert_non_null(strstr(why, "has not confirmed (User-Name)"));
	assert_null(replaced);
	/* Nor when the pool is full. */
	assert_true(get(login("carol")));
	again->policy.sessions = 0;
	assert_false(get(again));
	assert_string_equal(why, "no address left in the pool");
	/* Nor for an address that was given to him, unless it was given to both. */
	again->grant.user.fixed = first->address;
	assert_false(get(again));
	assert_non_null(strstr(why, "is in use by user bob"));
	first->grant.user.fixed = first->address;
	assert_true(get(again));
	assert_ptr_equal(replaced, first);
	assert_true(bob->address.s_addr);
	/* And does not keep bob himself out. */
	bob->policy.same_user = CONF_SAME_REFUSE;
	lease_put(bob);
	table_remove(bob);
	bob = login("bob");
	bob->policy.same_user = CONF_SAME_REFUSE;
	assert_true(get(bob));
}

/*
 * What another connection of the same client is told of is still the first one's: whoever
 * comes takes it from that, or does not get it.
 */
static void borrowed(void **state)
{
	struct entry *first, *second, *other;
	struct in_addr address;
	struct conf_route prefix6;
	uint64_t left, n;

	(void)state;
	first = login("alice");
	assert_true(get(first));
	assert_true(lease_free(&left));
	address = first->address;
	prefix6 = first->prefix6;
	second = login("alice");
	second->before = first->id;
	lease_borrow(second, first);
	second->verified = true;
	assert_int_equal(second->address.s_addr, address.s_addr);
	assert_memory_equal(&second->prefix6, &prefix6, sizeof(prefix6));
	assert_true(lease_free(&n));
	assert_int_equal(n, left);
	/* It goes without having given anything back. */
	lease_put(second);
	assert_true(lease_free(&n));
	assert_int_equal(n, left);
	lease_borrow(second, first);
	/* Who has the address by right takes it from the holder. */
	other = login("alice");
	other->grant.user.fixed = address;
	assert_true(get(other));
	assert_ptr_equal(replaced, first);
	/* And what was lent with it: nobody but that one has the address. */
	assert_true(second->replaced);
	assert_int_equal(second->address.s_addr, 0);
	assert_int_equal(second->before, 0);
	table_remove(second);

	/* The holder goes, or hands over: then it is the second's alone. */
	second = login("alice");
	second->before = other->id;
	lease_borrow(second, other);
	lease_move(second, other);
	second->before = 0;
	second->verified = true;
	assert_int_equal(second->address.s_addr, address.s_addr);
	assert_int_equal(other->address.s_addr, 0);
	lease_put(other);
	assert_true(lease_free(&n));
	assert_int_equal(n, left);
	lease_put(second);
	assert_true(lease_free(&n));
	assert_int_equal(n, left + 1);
}

/* One whose session another connection has gone on with is no session of the account. */
static void moved(void **state)
{
	struct entry *first, *second, *third;

	(void)state;
	conf.server.policy.sessions = 2;
	first = login("alice");
	assert_true(get(first));
	second = login("alice");
	lease_borrow(second, first);
	lease_move(second, first);
	second->verified = true;
	first->moved = true;
	third = login("alice");
	assert_true(get(third));
	assert_null(replaced);
	assert_true(get(login("alice")));
	assert_ptr_equal(replaced, second);
}

/* ---- what the tables of holders say is what is ------------------------------------- */

#define USERS	7
#define SOME	40
#define STEPS	20000

static struct {
	struct entry *e;
	bool holds;
} some[SOME];

static bool same_what(const struct entry *a, const struct entry *b)
{
	return !strcmp(a->policy.vrf, b->policy.vrf) &&
	       (a->address.s_addr == b->address.s_addr ||
		(a->prefix6.family && !memcmp(&a->prefix6, &b->prefix6, sizeof(a->prefix6))));
}

static bool is_of_its_account(const struct entry *e)
{
	unsigned int n = 0;

	for (struct entry *x = lease_of(&e->account, NULL); x; x = lease_of(&e->account, x))
		n += x == e;
	assert_in_range(n, 0, 1);
	return n;
}

static void assert_tables_are_right(void)
{
	unsigned int n = 0;

	for (int i = 0; i < SOME; i++) {
		if (!some[i].e)
			continue;
		some[i].holds = some[i].holds && !some[i].e->replaced;
		assert_int_equal(is_of_its_account(some[i].e), some[i].holds);
		n += some[i].holds;
		for (int j = 0; j < i && some[i].holds; j++)
			assert_false(some[j].e && some[j].holds &&
				     same_what(some[i].e, some[j].e));
	}
	assert_int_equal(lease_count(), n);
}

static void some_login(int i, unsigned int dice)
{
	char user[20];
	struct entry *e;

	snprintf(user, sizeof(user), "user%u", dice % USERS);
	e = login(user);
	if (dice & 0x10)
		strcpy(e->policy.vrf, "blue");
	if (dice & 0x20)
		e->grant.user.fixed.s_addr = htonl(NET + 2 + (dice >> 8 & 31));
	if (dice & 0x40) {
		prefix(&e->grant.user.prefix6, "2001:db8:1::", 64);
		e->grant.user.prefix6.addr[7] = dice >> 8 & 31;
	}
	some[i].e = e;
	some[i].holds = get(e);
}

/* Another connection of the same client: it goes on with the session, or does not. */
static void some_borrow(int i, int from, bool moves)
{
	struct entry *old = some[from].e, *e = login(old->user);

	e->policy = old->policy;
	some[i].e = e;
	some[i].holds = false;
	lease_borrow(e, old);
	assert_ptr_equal(lease_borrower(old), e);
	if (!moves)
		return;
	lease_move(e, old);
	assert_null(lease_borrower(old));
	some[i].holds = true;
	some[from].holds = false;
}

static void some_end(int i)
{
	struct entry *e = some[i].e, *x = lease_borrower(e);

	if (x)
		lease_move(x, e);
	for (int j = 0; j < SOME && x; j++)
		some[j].holds |= some[j].e == x;
	lease_put(e);
	table_remove(e);
	some[i].e = NULL;
	some[i].holds = false;
}

static void tables_and_sessions_agree(void **state)
{
	unsigned int seed = 1, dice;
	int i, from;

	(void)state;
	lease_exit();
	conf.pools[0].addresses[0].last = NET + 33;
	conf.pools[0].prefix6.len = 56;
	conf.server.policy.sessions = 6;
	lease_init(&conf, on_replace);
	memset(some, 0, sizeof(some));
	for (int step = 0; step < STEPS; step++) {
		seed = seed * 1103515245 + 12345;
		dice = seed >> 8;
		i = (int)(dice % SOME);
		from = (int)((dice >> 6) % SOME);
		if (some[i].e)
			some_end(i);
		else if (dice & 0x80000 && some[from].e && some[from].holds)
			some_borrow(i, from, dice & 0x100000);
		else
			some_login(i, dice >> 2);
		assert_tables_are_right();
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(named_pools),
		TEST(exclusions),
		TEST(prefixes),
		TEST(fixed_prefixes),
		TEST(fixed_addresses),
		TEST(nobody_gets_what_is_fixed),
		TEST(the_users_file_changes),
		TEST(tables),
		TEST(too_many),
		TEST(returning_user),
		TEST(yields),
		TEST(place_of_a_failure),
		TEST(names_of_one_account),
		TEST(claimed_names),
		TEST(borrowed),
		TEST(moved),
		TEST(tables_and_sessions_agree),
	};

	log_init("test", LOG_TO_STDERR, -1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
