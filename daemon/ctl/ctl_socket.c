// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_socket.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_END	".sock"
/* Instances that an error lists. */
#define SOCKET_NAMES_MAX	300

bool ctl_socket_of(const char *dir, const char *name, char *path, size_t size)
{
	const size_t room = sizeof(((struct sockaddr_un *)0)->sun_path);
	int n = snprintf(path, size, "%s/%s" SOCKET_END, dir, name);

	return *name && !strchr(name, '/') && n < (int)size && n < (int)room;
}

/* Return: a connection, or -1 with errno. */
static int socket_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool socket_nobody(int error)
{
	return error == ENOENT || error == ECONNREFUSED;
}

int ctl_socket_dial(const char *path, char *why, size_t size)
{
	int fd = socket_connect(path);

	if (fd >= 0)
		return fd;
	if (errno == ENAMETOOLONG)
		snprintf(why, size, "socket path is too long: %s", path);
	else if (socket_nobody(errno))
		snprintf(why, size, "sstpd does not run (nobody serves %s)", path);
	else
		snprintf(why, size, "%s: %s%s", path, strerror(errno),
			 errno == EACCES ? " (only root may)" : "");
	return -1;
}

/* Adds the NAME of DIRECTORY/NAME.sock to a list. */
static void socket_name(const char *path, char *names, size_t size)
{
	const char *name = strrchr(path, '/') + 1;
	size_t used = strlen(names);

	snprintf(names + used, size - used, "%s%.*s", used ? ", " : "",
		 (int)(strlen(name) - strlen(SOCKET_END)), name);
}

/* Among the instances there must be one alone. */
static int socket_only(const glob_t *found, const char *main, char *why, size_t size)
{
	char names[SOCKET_NAMES_MAX] = "";
	unsigned int n = 0;
	int fd, only = -1;

	for (size_t i = 0; i < found->gl_pathc; i++) {
		fd = socket_connect(found->gl_pathv[i]);
		if (fd < 0)
			continue;
		socket_name(found->gl_pathv[i], names, sizeof(names));
		if (n++)
			close(fd);
		else
			only = fd;
	}
	if (n == 1)
		return only;
	if (n) {
		close(only);
		snprintf(why, size, "several sstpd run; say which one by --instance (%s) or --socket",
			 names);
	} else {
		snprintf(why, size, "sstpd does not run (nobody serves %s, nor an instance)", main);
	}
	return -1;
}

int ctl_socket_find(const char *dir, char *why, size_t size)
{
	char main[300], pattern[300];
	glob_t found = { 0 };
	int fd;

	snprintf(main, sizeof(main), "%s/" CTL_SOCKET_MAIN SOCKET_END, dir);
	fd = socket_connect(main);
	/* It is there, and something else is wrong: that is to be said. */
	if (fd >= 0 || !socket_nobody(errno))
		return fd >= 0 ? fd : ctl_socket_dial(main, why, size);
	snprintf(pattern, sizeof(pattern), "%s/*" SOCKET_END, dir);
	glob(pattern, 0, NULL, &found);
	fd = socket_only(&found, main, why, size);
	globfree(&found);
	return fd;
}
