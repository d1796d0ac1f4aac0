// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about the process itself: its rights and its clock. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "script.h"

/* The effective set of the calling thread: all that is permitted, or less. */
static int set_net_admin(bool on)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &hdr, data))
		return -1;
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	if (!on)
		data[0].effective &= ~(1u << CAP_NET_ADMIN);
	return syscall(SYS_capset, &hdr, data);
}

static int cmd_caps(struct script *s, struct end *none, int argc, char **argv)
{
	(void)none;
	if (argc != 1)
		return script_fail(s, "caps: drop or restore");
	if (set_net_admin(!strcmp(argv[0], "restore")))
		return script_fail(s, "capset: %s", strerror(errno));
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/*
 * Become root of a new user namespace with a network namespace of its own,
 * and of no other: later commands stay there.
 */
static int cmd_userns(struct script *s, struct end *none, int argc, char **argv)
{
	(void)none;
	(void)argc;
	(void)argv;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return script_fail(s, "unshare: %s", strerror(errno));
	if (write_file("/proc/self/setgroups", "deny") ||
	    write_file("/proc/self/uid_map", "0 0 1") ||
	    write_file("/proc/self/gid_map", "0 0 1"))
		return script_fail(s, "id maps: %s", strerror(errno));
	s->stay = true;
	return 0;
}

/* Run a shell command where the last command ran; it must succeed. */
static int cmd_exec(struct script *s, struct end *end, int argc, char **argv)
{
	char line[1024] = "";
	size_t n = 0;

	(void)end;
	for (int i = 0; i < argc && n < sizeof(line); i++)
		n += snprintf(line + n, sizeof(line) - n, "%s ", argv[i]);
	if (system(line))
		return script_fail(s, "the command failed");
	return 0;
}

static int cmd_timeout(struct script *s, struct end *none, int argc, char **argv)
{
	(void)none;
	s->timeout_ms = argc ? atoi(argv[0]) : 0;
	return s->timeout_ms > 0 ? 0 : script_fail(s, "timeout: milliseconds");
}

const struct command cmd_process_table[] = {
	{ "caps", false, cmd_caps, "drop|restore" },
	{ "userns", false, cmd_userns, "" },
	{ "exec", false, cmd_exec, "COMMAND" },
	{ "exec", true, cmd_exec, "COMMAND" },
	{ "timeout", false, cmd_timeout, "MS" },
	{ 0 },
};
