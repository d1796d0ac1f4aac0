// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/path_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define PATH_LINKS_MAX	40

/* Not IN_MODIFY: whoever writes is done when he closes. IN_ATTRIB: chmod, and touch. */
#define PATH_EVENTS \
	(IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
	 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/**
 * struct path_walk - a path that is followed
 * @done: what has been followed, without links, no "/" at its end
 * @rest: what has not
 */
struct path_walk {
	char done[PATH_MAX];
	char rest[PATH_MAX];
	unsigned int links;
};

int path_watch_open(void)
{
	return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

static bool path_watch_dir(int fd, const char *dir)
{
	return inotify_add_watch(fd, *dir ? dir : "/", PATH_EVENTS) >= 0 ||
	       errno == ENOENT || errno == ENOTDIR;
}

/* Takes the first name off w->rest. Return: false if there is none. */
static bool path_walk_name(struct path_walk *w, char name[static NAME_MAX + 1])
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(from, "/");

	if (!len || len > NAME_MAX)
		return false;
	memcpy(name, from, len);
	name[len] = '\0';
	memmove(w->rest, from + len, strlen(from + len) + 1);
	return true;
}

static void path_walk_up(struct path_walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
}

/* The link @full stands at the end of w->done: go on where it leads. */
static bool path_walk_link(struct path_walk *w, const char *full)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlink(full, target, sizeof(target) - 1);

	if (n <= 0 || ++w->links > PATH_LINKS_MAX)
		return false;
	target[n] = '\0';
	if ((size_t)snprintf(rest, sizeof(rest), "%s/%s", target, w->rest) >= sizeof(rest))
		return false;
	if (*target == '/')
		*w->done = '\0';
	memcpy(w->rest, rest, sizeof(rest));
	return true;
}

bool path_watch(int fd, const char *path)
{
	struct path_walk w = { .links = 0 };
	char full[PATH_MAX + NAME_MAX + 2], name[NAME_MAX + 1];
	struct stat st;

	if (*path != '/' && !getcwd(w.done, sizeof(w.done)))
		return false;
	snprintf(w.rest, sizeof(w.rest), "%s", path);
	while (path_walk_name(&w, name)) {
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			path_walk_up(&w);
			continue;
		}
		snprintf(full, sizeof(full), "%s/%s", w.done, name);
		if (lstat(full, &st) < 0)
			return path_watch_dir(fd, w.done);
		if (S_ISLNK(st.st_mode)) {
			if (!path_watch_dir(fd, w.done))
				return false;
			if (!path_walk_link(&w, full))
				return true;
			continue;
		}
		if (!S_ISDIR(st.st_mode))
			return path_watch_dir(fd, w.done);
		if (strlen(full) >= sizeof(w.done))
			return true;
		memcpy(w.done, full, strlen(full) + 1);
	}
	return true;
}

void path_watch_drain(int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(fd, events, sizeof(events)) > 0)
		;
}
