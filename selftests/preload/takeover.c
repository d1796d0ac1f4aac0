// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What somebody can do who runs code of his own in a process of sstpd. Preloaded
 * (LD_PRELOAD) into the very binary that is shipped, which thus needs no hook:
 *
 *	SSTP_TAKEOVER=DIRECTORY SSTP_TAKEOVER_ROLE=engine
 *
 * In the children of that role, SIGUSR1 takes the next order from the fifo
 * DIRECTORY/orders and writes the outcome to DIRECTORY/report.pipe, both opened before
 * the process confines itself. The order is the name of an attack, and perhaps a
 * number. That the process does not live to report is an outcome, too.
 */
#include <dlfcn.h>
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "boundary/imsg.h"
#include "boundary/msg.h"
#include "lib/reason.h"

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

/* Newer machines have none: what fork() calls there is do_clone(). */
#ifdef SYS_fork
static long do_fork(long arg)
{
	(void)arg;
	return syscall(SYS_fork);
}
#endif

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

/* Other machines have no such table, or no number for it that all of them know. */
#ifdef __x86_64__
static long do_abi32(long arg)
{
	long rc;

	(void)arg;
	/* getpid() of the 32 bit ABI, another table of calls */
	__asm__ volatile("int $0x80" : "=a"(rc) : "0"(20L) : "memory");
	return rc;
}
#endif

/* A signal without kill(): the kernel sends it when something comes in. */
static long do_owner(long pid)
{
	return fcntl(CHANNEL_FD, F_SETOWN, (pid_t)pid);
}

static long do_signal(long arg)
{
	(void)arg;
	return fcntl(CHANNEL_FD, F_SETSIG, SIGKILL);
}

static long do_async(long arg)
{
	(void)arg;
	return fcntl(CHANNEL_FD, F_SETFL, O_NONBLOCK | O_ASYNC);
}

/* Somebody else is left without descriptors. */
static long do_limit(long pid)
{
	const struct rlimit none = { 0, 0 };

	return prlimit((pid_t)pid, RLIMIT_NOFILE, &none, NULL);
}

static long do_peek_limit(long pid)
{
	struct rlimit limit;

	return prlimit((pid_t)pid, RLIMIT_NOFILE, NULL, &limit);
}

/* Lines as the parent and another process write them. */
static long do_forge(long arg)
{
	static const char lines[] =
		"2000-01-01 00:00:00.000 sstpd[parent] forged by its text\n"
		"\x1f" "6\x1f" "0\x1f" "7\x1f" "x\n\x1f" "6\x1f" "0\x1f" "7\x1f"
		"nobody reason=none\x1f\x1f\x1f\x1fsstpd[authd] forged by its form\n";

	(void)arg;
	return write(STDERR_FILENO, lines, sizeof(lines) - 1);
}

static long do_chatter(long lines)
{
	static const char line[] = "a line of nothing\n";

	while (lines) {
		if (write(STDERR_FILENO, line, sizeof(line) - 1) > 0)
			lines--;
		else
			usleep(1000);
	}
	return 0;
}

static long do_sctp(long arg)
{
	(void)arg;
	return socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static long do_mptcp(long arg)
{
	(void)arg;
	return socket(AF_INET6, SOCK_STREAM, 262);
}

static long do_connect(long fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(80) };

	return connect((int)fd, (struct sockaddr *)&sin, sizeof(sin));
}

/* ---- what passes between the engine and the parent ---------------------------- */

/* The last question that the engine had: it has somebody's proof in it. */
static struct msg_auth_ask kept;
/* Of ours. */
static uint32_t asked_id;

static ssize_t (*next_sendmsg)(int fd, const struct msghdr *msg, int flags);
static ssize_t (*next_recvmsg)(int fd, struct msghdr *msg, int flags);

static const void *body_of(const struct msghdr *msg, size_t len, uint32_t type, size_t size)
{
	const struct imsg_hdr *hdr = msg->msg_iov[0].iov_base;

	return len == sizeof(*hdr) + size && hdr->type == type ? hdr + 1 : NULL;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const void *ask = NULL;

	if (orders >= 0 && fd == CHANNEL_FD && msg->msg_iovlen)
		ask = body_of(msg, msg->msg_iov[0].iov_len, MSG_AUTH_ASK, sizeof(kept));
	if (ask)
		memcpy(&kept, ask, sizeof(kept));
	if (!next_sendmsg)
		next_sendmsg = (ssize_t (*)(int, const struct msghdr *, int))
			dlsym(RTLD_NEXT, "sendmsg");
	return next_sendmsg(fd, msg, flags);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	const struct msg_auth_answer *answer = NULL;
	ssize_t len;

	if (!next_recvmsg)
		next_recvmsg = (ssize_t (*)(int, struct msghdr *, int))
			dlsym(RTLD_NEXT, "recvmsg");
	len = next_recvmsg(fd, msg, flags);
	if (orders >= 0 && fd == CHANNEL_FD && len > 0)
		answer = body_of(msg, (size_t)len, MSG_AUTH_ANSWER, sizeof(*answer));
	if (answer && asked_id && answer->id == asked_id)
		dprintf(report, "answer: %s %s\n", answer->res.ok ? "yes" : "no",
			answer->res.password);
	return len;
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
	open.record_size = 16384;
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

/* Of a session, what makes no sense, as far as a message may say it; has it IPv6? */
static long tell_state_of(long id, bool ipv6)
{
	static struct msg_link_state m;

	memset(&m.state, 0xff, sizeof(m.state));
	m.id = (uint32_t)id;
	for (struct ppp_fsm_state *st = &m.state.lcp; st <= &m.state.ipv6cp; st++) {
		st->opened = true;
		st->req_len = PPP_STATE_OPTIONS;
		st->peer_req_len = PPP_STATE_OPTIONS;
	}
	m.state.ipv6cp.opened = ipv6;
	m.state.ask_mru = true;
	m.state.asked_mru = 1500;
	m.state.peer_mru = 1400;
	return tell(MSG_LINK_STATE, &m, sizeof(m));
}

static long tell_state(long id)
{
	return tell_state_of(id, false);
}

/* It never had. */
static long tell_state6(long id)
{
	return tell_state_of(id, true);
}

/* With more options than there is room for. */
static long tell_long_state(long id)
{
	static struct msg_link_state m;

	m.id = (uint32_t)id;
	m.state.lcp.opened = true;
	m.state.ipcp.opened = true;
	m.state.peer_mru = 1400;
	m.state.ipcp.req_len = PPP_STATE_OPTIONS + 1;
	return tell(MSG_LINK_STATE, &m, sizeof(m));
}

/* The password of the first client, please. */
static long tell_pap(long id)
{
	static struct msg_auth_ask ask;

	asked_id = ask.id = (uint32_t)id;
	ask.remote.ss_family = AF_INET;
	ask.req.client = true;
	ask.req.method = AUTH_PAP;
	return tell(MSG_AUTH_ASK, &ask, sizeof(ask));
}

/* PAP, of a server that does not have it: is this the password? */
static long tell_oracle(long id)
{
	static struct msg_auth_ask ask;

	asked_id = ask.id = (uint32_t)id;
	ask.remote.ss_family = AF_INET;
	ask.req.method = AUTH_PAP;
	strcpy(ask.req.name, "alice");
	strcpy(ask.req.password, "Pa$$w0rd%x");
	return tell(MSG_AUTH_ASK, &ask, sizeof(ask));
}

/* Whoever logged in last, once more. */
static long tell_again(long id)
{
	kept.id = asked_id = (uint32_t)id;
	tell(MSG_CHALLENGE_ASK, &(struct msg_session){ .id = kept.id },
	     sizeof(struct msg_session));
	return tell(MSG_AUTH_ASK, &kept, sizeof(kept));
}

/* A number from which there is no next one; then the end, so that one is looked for. */
static long tell_number(long id)
{
	static struct msg_auth_ask ask;

	ask.id = (uint32_t)id;
	ask.remote.ss_family = AF_INET;
	ask.req.method = AUTH_PAP;
	strcpy(ask.req.name, "mallory");
	tell(MSG_AUTH_ASK, &ask, sizeof(ask));
	_exit(0);
}

/* Questions without an end, and nobody who hears the answers. */
static long tell_flood(long id)
{
	while (tell_oracle(id) >= 0 || errno == EAGAIN)
		;
	return -1;
}

/* The same with a socket in each answer. */
static long tell_dial(long id)
{
	const struct msg_dial dial = { .client = (uint32_t)id };

	while (tell(MSG_DIAL, &dial, sizeof(dial)) >= 0 || errno == EAGAIN)
		;
	return -1;
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
	{ "exec", do_exec }, { "clone", do_clone },
#ifdef SYS_fork
	{ "fork", do_fork },
#endif
	{ "ptrace", do_ptrace }, { "peek", do_peek }, { "kill", do_kill },
	{ "setuid", do_setuid }, { "unshare", do_unshare }, { "bpf", do_bpf },
	{ "io_uring", do_io_uring }, { "code", do_code },
#ifdef __x86_64__
	{ "abi32", do_abi32 },
#endif
	{ "owner", do_owner }, { "signal", do_signal }, { "async", do_async },
	{ "limit", do_limit }, { "peek-limit", do_peek_limit },
	{ "forge", do_forge }, { "chatter", do_chatter },
	{ "sctp", do_sctp }, { "mptcp", do_mptcp }, { "connect", do_connect },
	{ "pap", tell_pap }, { "oracle", tell_oracle }, { "again", tell_again },
	{ "number", tell_number }, { "flood", tell_flood },
	{ "dial", tell_dial },
	{ "verdict", tell_verdict }, { "secret", tell_secret },
	{ "short", tell_short }, { "unknown", tell_unknown },
	{ "end", tell_end }, { "path", tell_path }, { "address", tell_address },
	{ "state", tell_state }, { "state6", tell_state6 }, { "long-state", tell_long_state },
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
	snprintf(path, sizeof(path), "%s/report.pipe", dir);
	report = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	signal(SIGUSR1, on_signal);
}
