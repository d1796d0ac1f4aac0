// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/hash.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "parent/store_record.h"

/*
 * The file: a head, a journal, then a slot for each session. Each takes so much room, of
 * which only pages that have been written to take memory.
 */
#define STORE_SLOT	8192
#define STORE_VERSION	1
#define STORE_MAGIC	0x5354535044303176ULL

/* Names of descriptors: the file, and with a number behind a session's or a listener's. */
#define STORE_NAME_FILE		"state"
#define STORE_NAME_SESSION	's'
#define STORE_NAME_LISTENER	'l'

#define STORE_RECORD		(-2)

struct store_head {
	uint64_t magic;
	uint32_t version;
	uint32_t slot;
	struct store_life life;
};

/* In front of what is in a slot; in the journal, of slot @slot. */
struct store_slot {
	uint32_t slot;
	uint32_t len;
	uint64_t sum;
	uint8_t record[STORE_SLOT - 16];
};

static_assert(STORE_RECORD_MAX <= sizeof(((struct store_slot *)0)->record),
	      "a slot is too small for a record");

/* @fd: -1 = there is none of that number; @taken: somebody listens by it */
struct store_listener {
	int fd;
	bool taken;
};

/*
 * @work: the latest slot that was written or read
 * @session: by slot, from 1 on: descriptor, STORE_RECORD = a record without, -1 = it is
 *	free; there is room for @n
 * @low: no slot below it is free
 * @listener: by number, @n_listeners
 */
static struct {
	int fd;
	struct store_head head;
	struct store_slot work;
	int *session;
	uint32_t n;
	uint32_t low;
	struct store_listener *listener;
	uint32_t n_listeners;
} store = { .fd = -1, .low = 1 };

/* ---- the file ----------------------------------------------------------------------- */

static off_t store_offset(uint32_t slot)
{
	return (off_t)(slot + 1) * STORE_SLOT;
}

static bool store_write(const void *data, size_t len, off_t at)
{
	if (pwrite(store.fd, data, len, at) == (ssize_t)len)
		return true;
	log_err("the state that the next sstpd goes on with cannot be kept: %s", strerror(errno));
	return false;
}

static size_t store_slot_size(const struct store_slot *s)
{
	return offsetof(struct store_slot, record) + s->len;
}

/* What is written when this process is killed is whole in one of the two places. */
static void store_write_slot(struct store_slot *s)
{
	s->sum = hash_bytes((const char *)s->record, s->len) + s->slot;
	if (store_write(s, store_slot_size(s), store_offset(0)))
		store_write(s, store_slot_size(s), store_offset(s->slot));
}

static bool store_read_slot(uint32_t slot, struct store_slot *s)
{
	ssize_t n = pread(store.fd, s, sizeof(*s), store_offset(slot));

	return n >= (ssize_t)offsetof(struct store_slot, record) &&
	       s->len <= STORE_RECORD_MAX && (size_t)n >= store_slot_size(s) &&
	       s->sum == hash_bytes((const char *)s->record, s->len) + s->slot;
}

static void store_write_head(void)
{
	store_write(&store.head, sizeof(store.head), 0);
}

/* ---- tables ------------------------------------------------------------------------- */

static void *store_more(void *list, uint32_t n, size_t size)
{
	void *more = reallocarray(list, n, size);

	if (!more)
		log_fatal("out of memory");
	return more;
}

static void store_grow(uint32_t to)
{
	if (to > store.n)
		store.session = store_more(store.session, to, sizeof(*store.session));
	for (; store.n < to; store.n++)
		store.session[store.n] = -1;
}

static void store_grow_listeners(uint32_t to)
{
	if (to > store.n_listeners)
		store.listener = store_more(store.listener, to, sizeof(*store.listener));
	for (; store.n_listeners < to; store.n_listeners++)
		store.listener[store.n_listeners] = (struct store_listener){ .fd = -1 };
}

static void store_name(char name[INHERIT_NAME_MAX + 1], char kind, uint32_t number)
{
	snprintf(name, INHERIT_NAME_MAX + 1, "%c%u", kind, number);
}

/* Is it one of @kind? Not with a number that nobody gives. */
static bool store_is(const struct inherited *one, char kind, uint32_t *number)
{
	unsigned long n;
	char *end;

	if (one->name[0] != kind)
		return false;
	n = strtoul(one->name + 1, &end, 10);
	*number = (uint32_t)n;
	return end != one->name + 1 && !*end && n < (1u << 24);
}

/* ---- start ---------------------------------------------------------------------------- */

static void store_new(void)
{
	store.fd = memfd_create("sstpd-state", MFD_CLOEXEC);
	if (store.fd < 0)
		log_fatal("no memory for the state that the next sstpd goes on with: %s",
			  strerror(errno));
	store.head = (struct store_head){
		.magic = STORE_MAGIC,
		.version = STORE_VERSION,
		.slot = STORE_SLOT,
	};
	store_write_head();
	/* Of an earlier one that could not be read. */
	notify_drop(STORE_NAME_FILE);
	notify_keep(STORE_NAME_FILE, store.fd, false);
}

/* An earlier sstpd wrote less of it. */
static bool store_read_head(void)
{
	struct store_head *h = &store.head;
	ssize_t n;

	memset(h, 0, sizeof(*h));
	n = pread(store.fd, h, sizeof(*h), 0);
	h->life.control[sizeof(h->life.control) - 1] = '\0';
	return n >= (ssize_t)offsetof(struct store_head, life.control) &&
	       h->magic == STORE_MAGIC && h->version == STORE_VERSION && h->slot == STORE_SLOT;
}

/* The sstpd before this one was killed while it wrote a slot, and now it is written. */
static void store_replay(void)
{
	struct store_slot *s = &store.work;

	if (store_read_slot(0, s) && s->slot)
		store_write(s, store_slot_size(s), store_offset(s->slot));
}

static void store_find_file(void)
{
	struct inherited *one = NULL;

	while ((one = inherit_next(one))) {
		if (strcmp(one->name, STORE_NAME_FILE))
			continue;
		store.fd = one->fd;
		one->fd = -1;
		if (store_read_head()) {
			store_replay();
			return;
		}
		log_warn("the sstpd before this one has left what this one cannot read: its sessions end");
		close(store.fd);
		store.fd = -1;
	}
}

static bool store_has_ended(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/*
 * Two of one name: the manager had not heard in time of the end of one. Which came first
 * the order does not say; systemd begins with the latest.
 */
static void store_take(struct inherited *one, int *place)
{
	int other = *place;

	*place = one->fd;
	one->fd = -1;
	if (other < 0)
		return;
	if (store_has_ended(*place)) {
		close(*place);
		*place = other;
	} else {
		close(other);
	}
}

static void store_find_descriptors(void)
{
	struct inherited *one = NULL;
	uint32_t number;

	while ((one = inherit_next(one)))
		if (store_is(one, STORE_NAME_SESSION, &number)) {
			store_grow(number + 1);
			store_take(one, &store.session[number]);
		} else if (store_is(one, STORE_NAME_LISTENER, &number)) {
			store_grow_listeners(number + 1);
			store_take(one, &store.listener[number].fd);
		} else {
			log_warn("a descriptor named \"%s\" was passed: closed, it is none of ours",
				 one->name);
			/* Nor of the next one. */
			notify_drop(one->name);
		}
	inherit_close();
}

/* A slot may say of a session whose descriptor is gone: it has ended meanwhile. */
static void store_find_slots(void)
{
	off_t slots = lseek(store.fd, 0, SEEK_END) / STORE_SLOT;

	store_grow(slots < STORE_SESSIONS_MAX ? (uint32_t)slots + 1 : STORE_SESSIONS_MAX + 1);
}

void store_open(void)
{
	store_find_file();
	store_find_descriptors();
	if (store.fd < 0)
		store_new();
	store_find_slots();
}

void store_close(void)
{
	free(store.session);
	free(store.listener);
	close(store.fd);
	memset(&store, 0, sizeof(store));
	store.fd = -1;
	store.low = 1;
}

/* ---- sessions -------------------------------------------------------------------------- */

/* Return: 0 if there is none */
static uint32_t store_free_slot(void)
{
	uint32_t slot = store.low;

	while (slot < store.n && store.session[slot] != -1)
		slot++;
	store.low = slot;
	if (slot > STORE_SESSIONS_MAX)
		return 0;
	if (slot >= store.n)
		store_grow(slot * 2);
	store.low = slot + 1;
	return slot;
}

static bool store_take_slot(struct entry *e)
{
	uint32_t slot = store_free_slot();

	if (!slot) {
		log_limited(LOG_WARNING, NULL, "more than %d sessions: some will not outlive this sstpd",
			    STORE_SESSIONS_MAX);
		return false;
	}
	e->slot = slot;
	store.session[slot] = e->session_fd >= 0 ? e->session_fd : STORE_RECORD;
	return true;
}

void store_put(struct entry *e, const char *client)
{
	bool first = !e->slot;
	char name[INHERIT_NAME_MAX + 1];

	if (store.fd < 0 || (first && !store_take_slot(e)))
		return;
	store.work.slot = e->slot;
	store.work.len = (uint32_t)store_record_write(e, client, store.work.record);
	store_write_slot(&store.work);
	if (!first || e->session_fd < 0)
		return;
	/* Not before: what is in the slot until then is of another session. */
	store_name(name, STORE_NAME_SESSION, e->slot);
	notify_keep(name, e->session_fd, true);
}

/* The record without: the session itself is not to go on. */
static void store_drop_descriptor(uint32_t slot)
{
	char name[INHERIT_NAME_MAX + 1];

	if (store.session[slot] == STORE_RECORD)
		return;
	store_name(name, STORE_NAME_SESSION, slot);
	notify_drop(name);
	store.session[slot] = STORE_RECORD;
}

static void store_clear(uint32_t slot)
{
	store.work.slot = slot;
	store.work.len = 0;
	store_write_slot(&store.work);
	store_drop_descriptor(slot);
	store.session[slot] = -1;
	if (slot < store.low)
		store.low = slot;
}

void store_drop(struct entry *e)
{
	if (e->slot)
		store_clear(e->slot);
	e->slot = 0;
}

uint32_t store_leave(struct entry *e, const char *client)
{
	uint32_t slot = e->slot;

	if (!slot)
		return 0;
	store_put(e, client);
	store_drop_descriptor(slot);
	e->slot = 0;
	return slot;
}

void store_release(uint32_t slot)
{
	if (slot)
		store_clear(slot);
}

bool store_next(struct stored *one)
{
	struct store_slot *s = &store.work;

	while (++one->slot < store.n) {
		one->fd = store.session[one->slot];
		one->record = s->record;
		/* Without a record nobody can go on with it. */
		one->len = store_read_slot(one->slot, s) && s->slot == one->slot ? s->len : 0;
		if (one->fd >= 0 || one->len)
			return true;
	}
	return false;
}

void store_forget(const struct stored *one)
{
	int fd = store.session[one->slot];

	store_clear(one->slot);
	if (fd >= 0)
		close(fd);
}

/* ---- listening sockets --------------------------------------------------------------------- */

static bool store_listens_at(int fd, const struct sockaddr_storage *ss)
{
	char wanted[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX];
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return false;
	addr_text(&own, text, sizeof(text));
	addr_text(ss, wanted, sizeof(wanted));
	return !strcmp(text, wanted);
}

static void store_unlisten(uint32_t number)
{
	char name[INHERIT_NAME_MAX + 1];

	store_name(name, STORE_NAME_LISTENER, number);
	notify_drop(name);
	close(store.listener[number].fd);
	store.listener[number] = (struct store_listener){ .fd = -1 };
}

int store_listener(const struct sockaddr_storage *ss)
{
	struct store_listener *l;

	for (uint32_t i = 0; i < store.n_listeners; i++) {
		l = &store.listener[i];
		if (l->fd < 0 || l->taken || !store_listens_at(l->fd, ss))
			continue;
		l->taken = true;
		return l->fd;
	}
	return -1;
}

static uint32_t store_free_listener(void)
{
	uint32_t i = 0;

	while (i < store.n_listeners && store.listener[i].fd >= 0)
		i++;
	store_grow_listeners(i + 1);
	return i;
}

void store_keep_listener(int fd)
{
	uint32_t number = store_free_listener();
	char name[INHERIT_NAME_MAX + 1];

	store.listener[number] = (struct store_listener){ .fd = fd, .taken = true };
	store_name(name, STORE_NAME_LISTENER, number);
	/* One that refuses for a while looks as if it had hung up: listeners_deafen(). */
	notify_keep(name, fd, false);
}

void store_close_listener(int fd)
{
	for (uint32_t i = 0; i < store.n_listeners; i++)
		if (store.listener[i].fd == fd) {
			store_unlisten(i);
			return;
		}
	close(fd);
}

void store_close_listeners(void)
{
	for (uint32_t i = 0; i < store.n_listeners; i++)
		if (store.listener[i].fd >= 0 && !store.listener[i].taken)
			store_unlisten(i);
}

/* ---- the daemon as a whole -------------------------------------------------------------------- */

const struct store_life *store_life(void)
{
	return &store.head.life;
}

void store_set_life(const struct store_life *life)
{
	store.head.life = *life;
	if (store.fd >= 0)
		store_write_head();
}

static void store_list(struct inherited *list, size_t *n, char kind, uint32_t number, int fd)
{
	if (fd < 0)
		return;
	list[*n].fd = fd;
	store_name(list[*n].name, kind, number);
	(*n)++;
}

bool store_pass_on(void)
{
	struct inherited *list = calloc(1 + store.n + store.n_listeners, sizeof(*list));
	size_t n = 1;
	bool ok;

	if (!list)
		return false;
	list[0].fd = store.fd;
	strcpy(list[0].name, STORE_NAME_FILE);
	for (uint32_t i = 0; i < store.n; i++)
		store_list(list, &n, STORE_NAME_SESSION, i, store.session[i]);
	for (uint32_t i = 0; i < store.n_listeners; i++)
		store_list(list, &n, STORE_NAME_LISTENER, i, store.listener[i].fd);
	ok = inherit_pass_on(list, n);
	free(list);
	return ok;
}
