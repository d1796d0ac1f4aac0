// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A service manager as far as sstpd knows it: it starts a program, keeps descriptors for
 * it (sd_notify(3): FDSTORE=1, FDSTOREREMOVE=1, FDPOLL=0, FDNAME), and starts it again,
 * with all of them, whenever it fails, or has been told to make way.
 *
 *	fd-keeper [-d SECONDS] PIDFILE COMMAND [ARGUMENT...]
 *
 * Its process id is in PIDFILE, as long as there is one; -d: that long there is none. Of
 * SIGUSR2 the program hears; of SIGTERM, too, and is not started again: fd-keeper ends as
 * it did. SIGUSR1 has the names of what is kept printed, and SIGHUP the two latest that
 * were kept change their names.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT_MAX	4096
#define NAME_LEN	64

static struct {
	int fd;
	bool ends; /* dropped when it has hung up */
	char name[NAME_LEN];
} kept[KEPT_MAX];
static unsigned int n_kept;

static const char *pid_file;
static unsigned int delay_s;
static bool stopping;
static bool restarting;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "fd-keeper: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- what is kept ------------------------------------------------------------------- */

static void drop(unsigned int i)
{
	close(kept[i].fd);
	kept[i] = kept[--n_kept];
}

/* The value behind @key, which begins a line of @text. */
static bool value_of(const char *text, const char *key, char value[NAME_LEN])
{
	const char *line = text;
	size_t len = strlen(key);

	while (line && strncmp(line, key, len)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return false;
	snprintf(value, NAME_LEN, "%.*s", (int)strcspn(line + len, "\n"), line + len);
	return true;
}

static int passed_fd(struct msghdr *msg)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

static void on_message(int sock)
{
	char text[4096], name[NAME_LEN], yes[NAME_LEN];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	int fd;

	if (n < 0)
		die("recvmsg");
	text[n] = '\0';
	fd = passed_fd(&msg);
	if (!value_of(text, "FDNAME=", name)) {
		close(fd);
		return;
	}
	if (value_of(text, "FDSTOREREMOVE=", yes))
		for (unsigned int i = n_kept; i--;)
			if (!strcmp(kept[i].name, name))
				drop(i);
	if (fd < 0 || n_kept == KEPT_MAX)
		return;
	kept[n_kept].fd = fd;
	kept[n_kept].ends = !value_of(text, "FDPOLL=", yes) || strcmp(yes, "0");
	strcpy(kept[n_kept++].name, name);
}

/* As systemd does: nobody has use for what has come to its end. */
static void drop_ended(void)
{
	for (unsigned int i = n_kept; i--;) {
		struct pollfd p = { .fd = kept[i].fd };

		if (kept[i].ends && poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR))
			drop(i);
	}
}

static void print_kept(void)
{
	for (unsigned int i = 0; i < n_kept; i++)
		printf("fd-keeper: %s\n", kept[i].name);
	fflush(stdout);
}

static void exchange_names(void)
{
	char name[NAME_LEN];

	if (n_kept < 2)
		return;
	strcpy(name, kept[n_kept - 1].name);
	strcpy(kept[n_kept - 1].name, kept[n_kept - 2].name);
	strcpy(kept[n_kept - 2].name, name);
}

/* ---- the program ---------------------------------------------------------------------- */

static _Noreturn void run(char *const argv[])
{
	char names[KEPT_MAX * 16] = "", number[24];
	int high[KEPT_MAX];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (unsigned int i = 0; i < n_kept; i++) {
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? ":" : "", kept[i].name);
		high[i] = fcntl(kept[i].fd, F_DUPFD_CLOEXEC, 3 + (int)n_kept);
		if (high[i] < 0)
			die("F_DUPFD");
	}
	for (unsigned int i = 0; i < n_kept; i++)
		dup2(high[i], 3 + (int)i);
	if (n_kept) {
		snprintf(number, sizeof(number), "%u", n_kept);
		setenv("LISTEN_FDS", number, 1);
		snprintf(number, sizeof(number), "%d", (int)getpid());
		setenv("LISTEN_PID", number, 1);
		setenv("LISTEN_FDNAMES", names, 1);
	}
	execvp(argv[0], argv);
	die(argv[0]);
}

static pid_t start(char *const argv[])
{
	FILE *out;
	pid_t self = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		/* Nothing is left of a test that kills its fd-keeper. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(1);
		run(argv);
	}
	out = fopen(pid_file, "w");
	if (!out)
		die(pid_file);
	fprintf(out, "%d\n", (int)pid);
	fclose(out);
	return pid;
}

/* ---- both --------------------------------------------------------------------------------- */

/* Twice as many as are kept, for a moment. */
static void raise_files(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int make_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.notify", pid_file);
	unlink(addr.sun_path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die(addr.sun_path);
	setenv("NOTIFY_SOCKET", addr.sun_path, 1);
	return sock;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Return: the process that is there now. */
static pid_t on_signal(int fd, pid_t pid, char *const argv[], int sock)
{
	struct pollfd more = { .fd = sock, .events = POLLIN };
	struct signalfd_siginfo info;
	int status;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		die("signalfd");
	if (info.ssi_signo == SIGUSR1)
		print_kept();
	if (info.ssi_signo == SIGHUP)
		exchange_names();
	if (info.ssi_signo == SIGTERM)
		stopping = true;
	if (info.ssi_signo == SIGUSR2)
		restarting = true;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGUSR2)
		kill(pid, (int)info.ssi_signo);
	if (info.ssi_signo != SIGCHLD || waitpid(pid, &status, WNOHANG) != pid)
		return pid;
	/* Restart=on-failure */
	if (stopping || (!restarting && WIFEXITED(status) && !WEXITSTATUS(status)))
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	restarting = false;
	unlink(pid_file);
	sleep(delay_s);
	/* Its last words. */
	while (poll(&more, 1, 0) > 0)
		on_message(sock);
	drop_ended();
	return start(argv);
}

int main(int argc, char **argv)
{
	int signals, sock, at = 1;
	pid_t pid;

	if (argc > 3 && !strcmp(argv[1], "-d")) {
		delay_s = (unsigned int)atoi(argv[2]);
		at = 3;
	}
	if (argc < at + 2) {
		fprintf(stderr, "usage: fd-keeper [-d SECONDS] PIDFILE COMMAND [ARGUMENT...]\n");
		return 2;
	}
	pid_file = argv[at];
	raise_files();
	signals = catch_signals();
	sock = make_socket();
	pid = start(argv + at + 1);
	for (;;) {
		struct pollfd p[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = sock, .events = POLLIN },
		};

		if (poll(p, 2, -1) < 0)
			die("poll");
		if (p[1].revents)
			on_message(sock);
		else if (p[0].revents)
			pid = on_signal(signals, pid, argv + at + 1, sock);
		drop_ended();
	}
}
