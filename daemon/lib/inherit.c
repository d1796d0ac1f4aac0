// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fds.h"
#include "lib/log.h"

#define INHERIT_FIRST	3

static struct {
	struct inherited *all;
	size_t n;
} inherit;

/* Of numbers in the environment: what is none is 0. */
static unsigned long inherit_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long n;
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	n = strtoul(text, &end, 10);
	return *end || errno ? 0 : n;
}

/* The next one of @names, which are separated by ':'. */
static void inherit_name(const char **names, char name[INHERIT_NAME_MAX + 1])
{
	size_t len = strcspn(*names, ":");

	/* One that is longer is not ours: nobody will know it. */
	snprintf(name, INHERIT_NAME_MAX + 1, "%.*s",
		 len > INHERIT_NAME_MAX ? 0 : (int)len, *names);
	*names += len + ((*names)[len] == ':');
}

static void inherit_list(size_t n, const char *names)
{
	struct inherited *one;

	inherit.all = calloc(n, sizeof(*inherit.all));
	if (!inherit.all)
		log_fatal("out of memory");
	for (size_t i = 0; i < n; i++) {
		one = &inherit.all[inherit.n++];
		inherit_name(&names, one->name);
		one->fd = INHERIT_FIRST + (int)i;
		/* The number may say more than there is. */
		if (fcntl(one->fd, F_SETFD, FD_CLOEXEC) < 0)
			one->fd = -1;
	}
}

void inherit_init(void)
{
	unsigned long n = inherit_number("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");

	if (n && n <= (unsigned long)sysconf(_SC_OPEN_MAX) && names &&
	    inherit_number("LISTEN_PID") == (unsigned long)getpid())
		inherit_list(n, names);
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	unsetenv("LISTEN_PID");
}

bool inherit_any(void)
{
	return inherit.n;
}

struct inherited *inherit_next(struct inherited *prev)
{
	size_t i = prev ? (size_t)(prev - inherit.all) + 1 : 0;

	while (i < inherit.n && inherit.all[i].fd < 0)
		i++;
	return i < inherit.n ? &inherit.all[i] : NULL;
}

void inherit_close(void)
{
	struct inherited *one = NULL;

	while ((one = inherit_next(one)))
		close(one->fd);
	free(inherit.all);
	inherit.all = NULL;
	inherit.n = 0;
}

/* ---- to the next one ------------------------------------------------------------------ */

static bool inherit_set_number(const char *name, unsigned long n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", n);
	return setenv(name, text, 1) == 0;
}

static bool inherit_environment(const struct inherited *fds, size_t n)
{
	char *names = malloc(n * (INHERIT_NAME_MAX + 1) + 1), *end = names;
	bool ok;

	if (!names)
		return false;
	*names = '\0';
	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "%s%s", i ? ":" : "", fds[i].name);
	ok = setenv("LISTEN_FDNAMES", names, 1) == 0 && inherit_set_number("LISTEN_FDS", n) &&
	     inherit_set_number("LISTEN_PID", (unsigned long)getpid());
	free(names);
	return ok;
}

/*
 * Whoever of @fds sits where another one has to be changes places with that: copies of
 * all would take twice as many descriptors, and a process need not have so many.
 */
struct inherit_places {
	int *at;	/* of each of them, where it is now */
	size_t *who;	/* who is at a place, counted from 1; 0 = nobody of them */
	size_t n;
	int spare;
};

static size_t *inherit_who(const struct inherit_places *p, int fd)
{
	static size_t beyond;

	beyond = 0;
	return fd < INHERIT_FIRST + (int)p->n ? &p->who[fd - INHERIT_FIRST] : &beyond;
}

static bool inherit_move(const struct inherit_places *p, size_t i, int to)
{
	p->at[i] = dup2(p->at[i], to);
	if (p->at[i] < 0)
		return false;
	*inherit_who(p, to) = i + 1;
	return true;
}

static bool inherit_place(const struct inherit_places *p, size_t i)
{
	const int to = INHERIT_FIRST + (int)i, from = p->at[i];
	const size_t other = *inherit_who(p, to);

	if (from == to)
		return fcntl(to, F_SETFD, 0) == 0;
	if (other && !inherit_move(p, other - 1, p->spare))
		return false;
	*inherit_who(p, from) = 0;
	if (!inherit_move(p, i, to))
		return false;
	if (!other)
		return close(from) == 0;
	return inherit_move(p, other - 1, from);
}

static bool inherit_places(struct inherit_places *p, const struct inherited *fds)
{
	for (size_t i = 0; i < p->n; i++) {
		p->at[i] = fds[i].fd;
		*inherit_who(p, fds[i].fd) = i + 1;
	}
	/* Of whoever is there: it shall be none of the places. */
	p->spare = fcntl(fds[0].fd, F_DUPFD_CLOEXEC, INHERIT_FIRST + (int)p->n);
	for (size_t i = 0; i < p->n; i++)
		if (p->spare < 0 || !inherit_place(p, i))
			return false;
	return true;
}

bool inherit_pass_on(const struct inherited *fds, size_t n)
{
	struct inherit_places p = {
		.at = calloc(n + 1, sizeof(*p.at)),
		.who = calloc(n + 1, sizeof(*p.who)),
		.n = n,
	};
	bool ok = p.at && p.who && inherit_environment(fds, n) && inherit_places(&p, fds);
	int err = errno;

	/* Whatever a library forgot to mark. */
	if (ok)
		fds_close_on_exec_from(INHERIT_FIRST + (unsigned int)n);
	free(p.at);
	free(p.who);
	errno = err;
	return ok;
}
