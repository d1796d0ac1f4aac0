// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/loop.h"

#define NOTIFY_WATCHDOG_MIN_MS	100
#define NOTIFY_WATCHDOG_MAX_MS	3600000

/*
 * The manager starts a hundred services, and does not read for a while; its socket has
 * room for some hundred messages, or ten. Nobody waits for it: what does not fit is tried
 * again in this time, and in twice as much whenever nothing has fitted.
 */
#define NOTIFY_AGAIN_MS		10
#define NOTIFY_AGAIN_MAX_MS	1000
/* More than two of each session that can be kept (store.h). */
#define NOTIFY_WAITING_MAX	50000
/* But the end of the process waits, so long. */
#define NOTIFY_FLUSH_MS		2000

/**
 * struct notify_message - what waits
 * @name: of a descriptor that is to be kept or dropped; "" = it is about none
 * @fd: that descriptor, which is open as long as it is not to be dropped; -1 = none
 */
struct notify_message {
	TAILQ_ENTRY(notify_message) next;
	char name[INHERIT_NAME_MAX + 1];
	int fd;
	char state[80];
};

static struct {
	TAILQ_HEAD(, notify_message) waiting;
	unsigned int n;
	unsigned int late;	/* how many have waited since it has begun to be busy */
	uint32_t again_ms;
	struct event *again;
} notify = { .waiting = TAILQ_HEAD_INITIALIZER(notify.waiting) };

static const char *notify_path(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const struct sockaddr_un *addr = NULL;

	return path && *path && strlen(path) < sizeof(addr->sun_path) ? path : NULL;
}

bool notify_listens(void)
{
	return notify_path();
}

/* @fd: goes along, if it is one */
static void notify_attach(struct msghdr *msg, void *control, size_t size, int fd)
{
	struct cmsghdr *head = control;

	if (fd < 0)
		return;
	msg->msg_control = control;
	msg->msg_controllen = size;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
}

static bool notify_deliver(int to, const char *path, const char *state, int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)state, strlen(state) };
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					   strlen(path)),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	strcpy(addr.sun_path, path);
	/* "@" stands for the zero octet of an abstract address. */
	if (*path == '@')
		addr.sun_path[0] = '\0';
	notify_attach(&msg, control.bytes, sizeof(control.bytes), fd);
	return sendmsg(to, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

/* No room there, none for the message, or too many descriptors on their way. */
static bool notify_may_succeed_later(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR ||
	       error == ETOOMANYREFS || error == EMFILE || error == ENFILE;
}

/* Return: false if it may be tried again. */
static bool notify_try(const struct notify_message *m)
{
	const char *path = notify_path();
	int to, error;
	bool sent;

	if (!path)
		return true;
	to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sent = to >= 0 && notify_deliver(to, path, m->state, m->fd);
	error = errno;
	if (to >= 0)
		close(to);
	if (!sent && notify_may_succeed_later(error))
		return false;
	if (!sent)
		log_warn("cannot notify the service manager: %s", strerror(error));
	return true;
}

/* ---- what waits ---------------------------------------------------------------------- */

static void notify_remove(struct notify_message *m)
{
	TAILQ_REMOVE(&notify.waiting, m, next);
	notify.n--;
	free(m);
}

/* Return: whether any of it has got through. */
static bool notify_work_off(void)
{
	struct notify_message *m;
	bool any = false;

	while ((m = TAILQ_FIRST(&notify.waiting)) && notify_try(m)) {
		notify_remove(m);
		any = true;
	}
	if (!m && notify.late) {
		log_info("the service manager reads again: %u messages have waited for it",
			 notify.late);
		notify.late = 0;
	}
	return any;
}

static void notify_on_again(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify.again_ms = notify_work_off() ? NOTIFY_AGAIN_MS : 2 * notify.again_ms;
	if (notify.again_ms > NOTIFY_AGAIN_MAX_MS)
		notify.again_ms = NOTIFY_AGAIN_MAX_MS;
	if (notify.n)
		loop_arm(notify.again, notify.again_ms);
	else
		loop_free(&notify.again);
}

static bool notify_says_so_already(const struct notify_message *like)
{
	const struct notify_message *m;

	TAILQ_FOREACH(m, &notify.waiting, next)
		if (!strcmp(m->state, like->state))
			return true;
	return false;
}

static void notify_wait(const struct notify_message *like)
{
	struct notify_message *m;

	/* "WATCHDOG=1", again and again */
	if (!*like->name && notify_says_so_already(like))
		return;
	m = notify.n < NOTIFY_WAITING_MAX ? malloc(sizeof(*m)) : NULL;
	if (!m) {
		log_limited(LOG_WARNING, NULL, "cannot notify the service manager: too much waits for it");
		return;
	}
	if (!notify.late)
		log_warn("the service manager does not read: what it is told waits");
	*m = *like;
	TAILQ_INSERT_TAIL(&notify.waiting, m, next);
	notify.n++;
	notify.late++;
	if (notify.again)
		return;
	notify.again_ms = NOTIFY_AGAIN_MS;
	notify.again = loop_event(-1, 0, notify_on_again, NULL);
	loop_arm(notify.again, notify.again_ms);
}

/* Return: true if it had not been told of @name yet, and will not be. */
static bool notify_recall(const char *name)
{
	struct notify_message *m;

	TAILQ_FOREACH(m, &notify.waiting, next)
		if (m->fd >= 0 && !strcmp(m->name, name)) {
			notify_remove(m);
			return true;
		}
	return false;
}

void notify_flush(void)
{
	const struct timespec pause = { .tv_nsec = NOTIFY_AGAIN_MS * 1000000 };
	uint64_t until = loop_now_ms() + NOTIFY_FLUSH_MS;

	notify_work_off();
	while (notify.n && loop_now_ms() < until) {
		nanosleep(&pause, NULL);
		notify_work_off();
	}
	if (notify.n)
		log_err("the service manager has not read %u messages, such as which sessions it is to keep",
			notify.n);
}

/* ---- what is said --------------------------------------------------------------------- */

/* In order: not before what waits. */
static void notify_tell(const struct notify_message *m)
{
	if (notify.n || !notify_try(m))
		notify_wait(m);
}

void notify_send(const char *state)
{
	struct notify_message m = { .fd = -1 };

	snprintf(m.state, sizeof(m.state), "%s", state);
	notify_tell(&m);
}

void notify_keep(const char *name, int fd, bool ends)
{
	struct notify_message m = { .fd = fd };

	snprintf(m.name, sizeof(m.name), "%s", name);
	snprintf(m.state, sizeof(m.state), "FDSTORE=1\nFDNAME=%s\nFDPOLL=%d", m.name, ends);
	notify_tell(&m);
}

void notify_drop(const char *name)
{
	struct notify_message m = { .fd = -1 };

	if (notify_recall(name))
		return;
	snprintf(m.name, sizeof(m.name), "%s", name);
	snprintf(m.state, sizeof(m.state), "FDSTOREREMOVE=1\nFDNAME=%s", m.name);
	notify_tell(&m);
}

uint32_t notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	unsigned long long ms;

	if (!usec || (pid && strtoul(pid, NULL, 10) != (unsigned long)getpid()))
		return 0;
	ms = strtoull(usec, NULL, 10) / 1000 / 2;
	if (!ms)
		return 0;
	if (ms < NOTIFY_WATCHDOG_MIN_MS)
		return NOTIFY_WATCHDOG_MIN_MS;
	return ms > NOTIFY_WATCHDOG_MAX_MS ? NOTIFY_WATCHDOG_MAX_MS :
					     (uint32_t)ms;
}
