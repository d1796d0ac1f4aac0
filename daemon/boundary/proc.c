// SPDX-License-Identifier: GPL-2.0-or-later
#include "boundary/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fds.h"
#include "lib/log.h"

/* A message with its data (msg.h) must fit into the socket at once. */
#define PROC_SOCKBUF	(512 * 1024)

const char *proc_default_user(void)
{
	return getpwnam("_sstpd") ? "_sstpd" : "nobody";
}

/* Processes of one account can reach each other in more ways than anybody lists. */
static const char *proc_user(const char *user, const char *role)
{
	static char own[64];

	snprintf(own, sizeof(own), "%s-%s", user, role);
	return getpwnam(own) ? own : user;
}

bool proc_uid(const char *user, const char *role, uint32_t *uid)
{
	const struct passwd *pw = getpwnam(proc_user(user, role));

	if (pw)
		*uid = pw->pw_uid;
	return pw;
}

/* Nobody who waits for the end of the daemon's stdin or stdout is to wait for a child. */
static bool proc_stdio(int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(null);
	return true;
}

static void __attribute__((noreturn))
proc_exec(const struct proc_role *role, const char *user, int fd, int log)
{
	char level[12];

	snprintf(level, sizeof(level), "%d", role->log_level);
	if (!proc_stdio(log))
		_exit(127);
	/* dup2() to itself would keep close-on-exec set. */
	if (fd == PROC_CHANNEL_FD)
		fcntl(fd, F_SETFD, 0);
	else
		dup2(fd, PROC_CHANNEL_FD);
	/* Whatever a library forgot to mark: the child starts with four. */
	fds_close_on_exec_from(PROC_CHANNEL_FD + 1);
	execl("/proc/self/exe", "sstpd", "-P", role->name, "-u", user, "-l",
	      level, role->dials ? "-D" : (char *)NULL, (char *)NULL);
	fprintf(stderr, "cannot execute /proc/self/exe: %s\n", strerror(errno));
	_exit(127);
}

/* Both ends close on exec. Return: false with errno */
static bool proc_channel(int pair[2])
{
	int size = PROC_SOCKBUF;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) < 0)
		return false;
	/* SO_SNDBUFFORCE needs root; the default holds a message anyway. */
	for (int i = 0; i < 2; i++)
		if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &size,
			       sizeof(size)) < 0)
			setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size,
				   sizeof(size));
	return true;
}

/* A child does not wait for the parent to read its log; thousands of lines have room. */
static bool proc_log_pipe(int pair[2])
{
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	fcntl(pair[1], F_SETPIPE_SZ, PROC_LOG_PIPE);
	return true;
}

static void proc_close(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

struct proc_child proc_spawn(const struct proc_role *role)
{
	const char *user = proc_user(role->user, role->name);
	struct proc_child child = { -1, -1, -1 };
	int channel[2], log[2], saved;

	if (!proc_channel(channel))
		return child;
	if (!proc_log_pipe(log)) {
		proc_close(channel);
		return child;
	}
	child.pid = fork();
	if (!child.pid)
		proc_exec(role, user, channel[1], log[1]);
	if (child.pid < 0) {
		saved = errno;
		proc_close(channel);
		proc_close(log);
		errno = saved;
		return child;
	}
	close(channel[1]);
	close(log[1]);
	child.fd = channel[0];
	child.log = log[0];
	return child;
}

static void proc_limit(const char *what, int resource, rlim_t value)
{
	struct rlimit limit = { .rlim_cur = value, .rlim_max = value };

	if (setrlimit(resource, &limit) < 0)
		log_fatal("cannot limit %s: %s", what, strerror(errno));
}

static void proc_limit_files(unsigned int files)
{
	if (files)
		proc_limit("open files", RLIMIT_NOFILE, files);
	else
		proc_raise_files();
}

static void proc_become(const struct passwd *pw)
{
	if (setgroups(1, &pw->pw_gid) < 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		log_fatal("cannot become user %s: %s", pw->pw_name,
			  strerror(errno));
	if (setresuid(0, 0, 0) == 0)
		log_fatal("could return to root after giving it up");
}

void proc_hide(void)
{
	proc_limit("core files", RLIMIT_CORE, 0);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Not for the engine: its memory grows with its sessions. */
static void proc_lock_memory(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	/* With a limit, some later malloc() would fail instead. */
	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warn("cannot lock memory (%s): passwords may get into the swap space",
			 strerror(errno));
}

void proc_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void proc_confine(const char *user, const struct proc_limits *limits)
{
	struct passwd *pw;

	proc_hide();
	proc_limit_files(limits->files);
	if (limits->file_size != PROC_ANY_SIZE)
		proc_limit("size of files", RLIMIT_FSIZE, limits->file_size);
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	if (geteuid() == 0) {
		pw = getpwnam(user);
		if (!pw || !pw->pw_uid)
			log_fatal("no unprivileged user \"%s\" to run as; create it or set [global] user",
				  user);
		if (limits->root && (chroot(limits->root) < 0 ||
				     chdir("/") < 0))
			log_fatal("cannot chroot to %s: %s", limits->root,
				  strerror(errno));
		if (limits->lock_memory)
			proc_lock_memory();
		proc_become(pw);
		/* setresuid() made the process dumpable and immortal again. */
		prctl(PR_SET_DUMPABLE, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		log_fatal("no_new_privs: %s", strerror(errno));
}
