// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What somebody can do who runs code of his own in a process of sstpd. Preloaded
 * (LD_PRELOAD) into the very binary that is shipped, which thus needs no hook:
 *
 *	SSTP_TAKEOVER=DIRECTORY SSTP_TAKEOVER_ROLE=engine
 *
 * In the children of that role, SIGUSR1 takes the next order from the fifo
 * DIRECTORY/orders and writes the outcome to DIRECTORY/report, both opened before
 * the process confines itself. The order is the name of an attack, and perhaps a
 * number. That the process does not live to report is an outcome, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "imsg.h"
#include "msg.h"

#define CHANNEL_FD	3

static int orders = -1;
static int report = -1;

/* ---- system calls ------------------------------------------------------------- */

static long do_open(long arg)
{
	(void)arg;
	return open("/etc/passwd", O_RDONLY);
}

static long do_list(long arg)
{
	(void)arg;
	return open("/", O_RDONLY | O_DIRECTORY);
}

static long do_create(long arg)
{
	(void)arg;
	return creat("/loot", 0600);
}

static long do_unlink(long arg)
{
	(void)arg;
	return unlink("/run/sstpd/control.sock");
}

static long do_unix(long arg)
{
	(void)arg;
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long do_udp(long arg)
{
	(void)arg;
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static long do_tcp(long arg)
{
	(void)arg;
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long do_raw(long arg)
{
	(void)arg;
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long do_bind(long arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(80) };

	(void)arg;
	return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&sin,
		    sizeof(sin));
}

static long do_netlink(long arg)
{
	(void)arg;
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
}

static long do_packet(long arg)
{
	(void)arg;
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long do_exec(long arg)
{
	char *argv[] = { (char *)"/bin/sh", NULL };

	(void)arg;
	return execve(argv[0], argv, argv + 1);
}

static long do_fork(long arg)
{
	(void)arg;
	return syscall(SYS_fork);
}

static long do_clone(long arg)
{
	(void)arg;
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long do_ptrace(long pid)
{
	return ptrace(PTRACE_ATTACH, (pid_t)pid, NULL, NULL);
}

static long do_peek(long pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return process_vm_readv((pid_t)pid, &here, 1, &there, 1, 0);
}

static long do_kill(long pid)
{
	return syscall(SYS_kill, pid, SIGKILL);
}

static long do_setuid(long arg)
{
	(void)arg;
	return syscall(SYS_setuid, 0);
}

static long do_unshare(long arg)
{
	(void)arg;
	return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static long do_bpf(long arg)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	(void)arg;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long do_io_uring(long arg)
{
	char params[120] = { 0 };

	(void)arg;
	return syscall(SYS_io_uring_setup, 8, params);
}

static long do_code(long arg)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long do_abi32(long arg)
{
	long rc;

	(void)arg;
	/* getpid() of the 32 bit ABI, another table of calls */
	__asm__ volatile("int $0x80" : "=a"(rc) : "0"(20L) : "memory");
	return rc;
}

/* ---- messages to the parent ------------------------------------------------------ */

static long tell(uint32_t type, const void *body, size_t size)
{
	static char data[sizeof(struct imsg_hdr) + IMSG_BODY_MAX];
	const struct imsg_hdr hdr = { .type = type, .size = (uint32_t)size };
	struct iovec iov = { data, sizeof(hdr) + size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	memcpy(data, &hdr, sizeof(hdr));
	memcpy(data + sizeof(hdr), body, size);
	return sendmsg(CHANNEL_FD, &msg, MSG_NOSIGNAL);
}

/* authd's own word: this user has the right password */
static long tell_verdict(long id)
{
	static struct msg_auth_verdict v;

	v.id = (uint32_t)id;
	v.res.ok = true;
	return tell(MSG_AUTH_VERDICT, &v, sizeof(v));
}

static long tell_secret(long arg)
{
	static struct conf_secret secret;

	(void)arg;
	return tell(MSG_CONF_SECRET, &secret, sizeof(secret));
}

static long tell_short(long arg)
{
	(void)arg;
	return tell(MSG_SESSION_END, "", 1);
}

static long tell_unknown(long arg)
{
	(void)arg;
	return tell(MSG_TYPES + 1000, "", 1);
}

/* A session ends; another engine's, if the test wants that. */
static long tell_end(long id)
{
	static struct msg_session_end end;

	end.id = (uint32_t)id;
	end.reason = REASON_ADMIN;
	return tell(MSG_SESSION_END, &end, sizeof(end));
}

/* A tunnel for a session that nobody has logged in to. */
static long tell_path(long id)
{
	static struct msg_auth_ask ask;
	static struct msg_path_open open;

	ask.id = (uint32_t)id;
	ask.remote.ss_family = AF_INET;
	ask.req.method = AUTH_PAP;
	strcpy(ask.req.name, "mallory");
	open.id = (uint32_t)id;
	open.kind = MSG_PATH_TUN;
	open.net.ipv4 = true;
	open.net.peer_mru = 1400;
	tell(MSG_AUTH_ASK, &ask, sizeof(ask));
	return tell(MSG_PATH_OPEN, &open, sizeof(open));
}

/* The address of somebody else, for a session that is logged in. */
static long tell_address(long id)
{
	static struct msg_path_update update;

	update.id = (uint32_t)id;
	update.net.ipv4 = true;
	update.net.peer_mru = 1400;
	update.net.peer.s_addr = htonl(0x0a580063);
	return tell(MSG_PATH_UPDATE, &update, sizeof(update));
}

/* ---- orders ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	long (*run)(long arg);
} attacks[] = {
	{ "open", do_open }, { "list", do_list }, { "create", do_create },
	{ "unlink", do_unlink }, { "unix", do_unix }, { "udp", do_udp },
	{ "tcp", do_tcp }, { "raw", do_raw }, { "bind", do_bind },
	{ "netlink", do_netlink }, { "packet", do_packet },
	{ "exec", do_exec }, { "fork", do_fork }, { "clone", do_clone },
	{ "ptrace", do_ptrace }, { "peek", do_peek }, { "kill", do_kill },
	{ "setuid", do_setuid }, { "unshare", do_unshare }, { "bpf", do_bpf },
	{ "io_uring", do_io_uring }, { "code", do_code },
	{ "abi32", do_abi32 },
	{ "verdict", tell_verdict }, { "secret", tell_secret },
	{ "short", tell_short }, { "unknown", tell_unknown },
	{ "end", tell_end }, { "path", tell_path }, { "address", tell_address },
};

static void obey(char *order)
{
	char *arg = strchr(order, ' ');
	char text[80];
	long rc;
	int len;

	if (arg)
		*arg++ = '\0';
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, order))
			continue;
		rc = attacks[i].run(arg ? atol(arg) : 0);
		len = snprintf(text, sizeof(text), "%s: %s\n", order,
			       rc < 0 ? strerrorname_np(errno) : "done");
		if (write(report, text, (size_t)len) != len)
			abort();
		return;
	}
	dprintf(report, "%s: no such attack\n", order);
}

static void on_signal(int sig)
{
	int saved = errno;
	char order[64];
	ssize_t len;

	(void)sig;
	len = read(orders, order, sizeof(order) - 1);
	if (len > 0) {
		order[len] = '\0';
		order[strcspn(order, "\n")] = '\0';
		obey(order);
	}
	errno = saved;
}

/* Are we `sstpd -P ROLE`? */
static int is_role(const char *role)
{
	char args[256] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, args, sizeof(args) - 1);

	close(fd);
	for (ssize_t i = 0; i + 3 < len; i++)
		if (!strcmp(args + i, "-P"))
			return !strcmp(args + i + 3, role);
	return 0;
}

static void __attribute__((constructor)) prepare(void)
{
	const char *dir = getenv("SSTP_TAKEOVER");
	const char *role = getenv("SSTP_TAKEOVER_ROLE");
	char path[200];

	if (!dir || !role || !is_role(role))
		return;
	snprintf(path, sizeof(path), "%s/orders", dir);
	orders = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/report", dir);
	report = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	signal(SIGUSR1, on_signal);
}
