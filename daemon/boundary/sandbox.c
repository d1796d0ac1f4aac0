// SPDX-License-Identifier: GPL-2.0-or-later
#include "boundary/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "lib/log.h"

/* Every process: memory, time, its end, the channel to the parent. */
static const int sandbox_common[] = {
	SCMP_SYS(brk),			/* malloc */
	SCMP_SYS(munmap),		/* the same, large blocks */
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),		/* malloc gives memory back */
	SCMP_SYS(futex),		/* locks inside OpenSSL */
	SCMP_SYS(getrandom),		/* OpenSSL's random generator, reseeding */
	SCMP_SYS(getpid),		/* the same, fork detection */
	SCMP_SYS(clock_gettime),	/* where the vDSO has no clock */
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(epoll_wait),		/* event loop */
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),			/* imsg_flush */
	SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_settime),	/* event loop with precise timers */
	SCMP_SYS(recvmsg),		/* channel to the parent */
	SCMP_SYS(sendmsg),
	SCMP_SYS(read),
	SCMP_SYS(write),		/* log */
	SCMP_SYS(close),
	SCMP_SYS(fstat),		/* stdio on a passed descriptor */
	SCMP_SYS(lseek),		/* the same; the spool of radius */
	SCMP_SYS(rt_sigreturn),		/* signals */
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* The engine: TCP and TLS of its sessions. It opens no file and no netlink. */
static const int sandbox_engine[] = {
	SCMP_SYS(accept4),		/* server */
	SCMP_SYS(recvfrom),		/* TLS over a socket BIO */
	SCMP_SYS(sendto),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(shutdown),
	SCMP_SYS(getrlimit),		/* is there room for another connection? */
};

/* The RADIUS client: datagrams, on sockets it was given. */
static const int sandbox_radius[] = {
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
};

/* The resolver: what libc and its NSS modules need to look up a name. */
static const int sandbox_resolver[] = {
	SCMP_SYS(recvfrom),		/* name servers */
	SCMP_SYS(sendto),
	SCMP_SYS(sendmmsg),		/* A and AAAA at once */
	SCMP_SYS(connect),		/* name servers; nscd, systemd-resolved */
	SCMP_SYS(bind),			/* netlink: what addresses have we? */
	SCMP_SYS(getsockname),		/* the same; order of answers */
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(stat),			/* has resolv.conf changed? */
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(pread64),		/* NSS modules are loaded when first used */
	SCMP_SYS(uname),		/* domain of this host */
	SCMP_SYS(getuid),		/* modules that ask a daemon */
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(gettid),
	SCMP_SYS(clock_nanosleep),	/* patience with them */
	SCMP_SYS(sched_getaffinity),	/* how many arenas malloc makes */
	SCMP_SYS(sysinfo),
	SCMP_SYS(rt_sigaction),
};

/* Nothing of ours, and no library, makes these. See sandbox.h. */
static const int sandbox_hostile[] = {
	/* another program, another process */
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(clone), SCMP_SYS(clone3),
	/* what belongs to other processes */
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
	SCMP_SYS(kcmp), SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(tgkill),
	SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal),
	/* other rights, another view of the system */
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid),
	SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid),
	SCMP_SYS(setgroups), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid),
	SCMP_SYS(capset), SCMP_SYS(chroot), SCMP_SYS(pivot_root),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(move_mount),
	SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(mount_setattr),
	SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(personality),
	/* parts of the kernel that a VPN has no business in */
	SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register), SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open), SCMP_SYS(keyctl), SCMP_SYS(add_key),
	SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(iopl), SCMP_SYS(ioperm),
	SCMP_SYS(modify_ldt), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(memfd_create), SCMP_SYS(seccomp),
};

/*
 * What a machine of 32 bits calls the same: with wider times, offsets or ids, or without
 * the arguments that are not needed. What is allowed, or not, goes for either.
 */
static const struct sandbox_other {
	int call;
	int other;
} sandbox_others[] = {
	{ SCMP_SYS(mmap), SCMP_SYS(mmap2) },
	{ SCMP_SYS(futex), SCMP_SYS(futex_time64) },
	{ SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64) },
	{ SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_nanosleep_time64) },
	{ SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64) },
	{ SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_settime64) },
	{ SCMP_SYS(fcntl), SCMP_SYS(fcntl64) },
	{ SCMP_SYS(lseek), SCMP_SYS(_llseek) },
	{ SCMP_SYS(fstat), SCMP_SYS(fstat64) },
	{ SCMP_SYS(stat), SCMP_SYS(stat64) },
	{ SCMP_SYS(lstat), SCMP_SYS(lstat64) },
	{ SCMP_SYS(newfstatat), SCMP_SYS(fstatat64) },
	{ SCMP_SYS(getrlimit), SCMP_SYS(ugetrlimit) },
	{ SCMP_SYS(recvfrom), SCMP_SYS(recv) },
	{ SCMP_SYS(sendto), SCMP_SYS(send) },
	{ SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn) },
	{ SCMP_SYS(getuid), SCMP_SYS(getuid32) },
	{ SCMP_SYS(geteuid), SCMP_SYS(geteuid32) },
	{ SCMP_SYS(getgid), SCMP_SYS(getgid32) },
	{ SCMP_SYS(getegid), SCMP_SYS(getegid32) },
	{ SCMP_SYS(setuid), SCMP_SYS(setuid32) },
	{ SCMP_SYS(setgid), SCMP_SYS(setgid32) },
	{ SCMP_SYS(setreuid), SCMP_SYS(setreuid32) },
	{ SCMP_SYS(setregid), SCMP_SYS(setregid32) },
	{ SCMP_SYS(setresuid), SCMP_SYS(setresuid32) },
	{ SCMP_SYS(setresgid), SCMP_SYS(setresgid32) },
	{ SCMP_SYS(setgroups), SCMP_SYS(setgroups32) },
	{ SCMP_SYS(setfsuid), SCMP_SYS(setfsuid32) },
	{ SCMP_SYS(setfsgid), SCMP_SYS(setfsgid32) },
};

#define COUNT(a)		(sizeof(a) / sizeof((a)[0]))

static bool sandbox_is_for(scmp_filter_ctx f, uint32_t arch)
{
	return !seccomp_arch_exist(f, arch);
}

/*
 * Some calls find their arguments in memory, where a filter cannot look: mmap() of S/390,
 * and sockets where libcs make all their calls through one, socketcall().
 */
static bool sandbox_sees_arguments(scmp_filter_ctx f, int call)
{
	switch (call) {
	case SCMP_SYS(mmap):
		return !sandbox_is_for(f, SCMP_ARCH_S390X);
	case SCMP_SYS(socket):
	case SCMP_SYS(getsockopt):
	case SCMP_SYS(setsockopt):
		return !sandbox_is_for(f, SCMP_ARCH_S390X) && !sandbox_is_for(f, SCMP_ARCH_X86);
	}
	return true;
}

static int sandbox_add(scmp_filter_ctx f, uint32_t action, int call, unsigned int n,
		       const struct scmp_arg_cmp *args)
{
	int rc;

	/* One of the two that i386 has, and no libc's. */
	if (call == SCMP_SYS(mmap) && sandbox_is_for(f, SCMP_ARCH_X86))
		return 0;
	if (n && !sandbox_sees_arguments(f, call)) {
		/* What has to work does, whatever else does, too. */
		if (action != SCMP_ACT_ALLOW)
			return 0;
		n = 0;
	}
	rc = seccomp_rule_add_array(f, action, call, n, args);
	/* A call that this architecture does not have is no loss. */
	return rc == -EDOM ? 0 : rc;
}

static int sandbox_rule(scmp_filter_ctx f, uint32_t action, int call, unsigned int n,
			const struct scmp_arg_cmp *args)
{
	int rc = sandbox_add(f, action, call, n, args);

	for (size_t i = 0; i < COUNT(sandbox_others) && !rc; i++)
		if (sandbox_others[i].call == call)
			rc = sandbox_add(f, action, sandbox_others[i].other, n, args);
	return rc;
}

static int sandbox_list(scmp_filter_ctx filter, uint32_t action,
			const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = sandbox_rule(filter, action, calls[i], 0, NULL);
	return rc;
}

#define LIST(f, action, calls)	sandbox_list((f), (action), (calls), COUNT(calls))
#define ARGS(...)		((const struct scmp_arg_cmp[]){ __VA_ARGS__ })
#define ALLOW_ANY(f, call)	sandbox_rule((f), SCMP_ACT_ALLOW, SCMP_SYS(call), 0, NULL)
#define ALLOW(f, call, n, ...)	sandbox_rule((f), SCMP_ACT_ALLOW, SCMP_SYS(call), (n), \
					     ARGS(__VA_ARGS__))
#define KILL(f, call, n, ...)	sandbox_rule((f), SCMP_ACT_KILL_PROCESS, SCMP_SYS(call), (n), \
					     ARGS(__VA_ARGS__))
#define ARG_EQ(n, v)		SCMP_CMP((n), SCMP_CMP_EQ, (v))
#define ARG_BITS(n, mask, v)	SCMP_CMP((n), SCMP_CMP_MASKED_EQ, (mask), (v))

/* Large blocks of malloc, and its arenas: memory for data, never for code. */
static int sandbox_memory(scmp_filter_ctx f)
{
	int rc = ALLOW(f, mmap, 1, ARG_BITS(2, PROT_EXEC, 0));

	if (!rc)
		rc = ALLOW(f, mprotect, 1, ARG_BITS(2, PROT_EXEC, 0));
	if (!rc)
		rc = KILL(f, mmap, 1, ARG_BITS(2, PROT_EXEC, PROT_EXEC));
	if (!rc)
		rc = KILL(f, mprotect, 1, ARG_BITS(2, PROT_EXEC, PROT_EXEC));
	return rc;
}

/* fstat() of newer libcs: of a descriptor, not of a name. */
static int sandbox_fstat(scmp_filter_ctx f)
{
	int rc = ALLOW(f, newfstatat, 1, ARG_BITS(3, AT_EMPTY_PATH, AT_EMPTY_PATH));

	if (!rc)
		rc = ALLOW(f, statx, 1, ARG_BITS(2, AT_EMPTY_PATH, AT_EMPTY_PATH));
	return rc;
}

/*
 * What a descriptor is, and that it does not block. Not whom it signals (F_SETOWN,
 * F_SETSIG, O_ASYNC): with these, whoever is of our account is killed without kill().
 */
static int sandbox_fcntl(scmp_filter_ctx f)
{
	static const int commands[] = { F_GETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC };
	static const int hostile[] = { F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY };
	int rc = 0;

	for (size_t i = 0; i < COUNT(commands) && !rc; i++)
		rc = ALLOW(f, fcntl, 1, ARG_EQ(1, (scmp_datum_t)commands[i]));
	for (size_t i = 0; i < COUNT(hostile) && !rc; i++)
		rc = KILL(f, fcntl, 1, ARG_EQ(1, (scmp_datum_t)hostile[i]));
	if (!rc)
		rc = ALLOW(f, fcntl, 2, ARG_EQ(1, F_SETFL), ARG_BITS(2, O_ASYNC, 0));
	if (!rc)
		rc = KILL(f, fcntl, 2, ARG_EQ(1, F_SETFL), ARG_BITS(2, O_ASYNC, O_ASYNC));
	return rc;
}

/* Our own limits, to read: another process has the same account, or had. */
static int sandbox_limits(scmp_filter_ctx f)
{
	int rc = ALLOW(f, prlimit64, 2, ARG_EQ(0, 0), ARG_EQ(2, 0));

	if (!rc)
		rc = KILL(f, prlimit64, 1, SCMP_CMP(0, SCMP_CMP_NE, 0));
	return rc;
}

/* Kinds of sockets that reach the kernel itself. */
static int sandbox_kill_sockets(scmp_filter_ctx f)
{
	static const int families[] = { AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK,
					AF_KEY, AF_XDP };
	int rc = 0;

	for (size_t i = 0; i < COUNT(families) && !rc; i++)
		rc = KILL(f, socket, 1, ARG_EQ(0, (scmp_datum_t)families[i]));
	return rc;
}

#define SOCK_TYPE_BITS	0xf

/* New connections, of TCP: SCTP and MPTCP are streams, too. */
static int sandbox_dial(scmp_filter_ctx f)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int protocols[] = { 0, IPPROTO_TCP };
	int rc = ALLOW_ANY(f, connect);

	for (size_t i = 0; i < COUNT(families) * COUNT(protocols) && !rc; i++)
		rc = ALLOW(f, socket, 3, ARG_EQ(0, (scmp_datum_t)families[i / 2]),
			   ARG_BITS(1, SOCK_TYPE_BITS, SOCK_STREAM),
			   ARG_EQ(2, (scmp_datum_t)protocols[i % 2]));
	return rc;
}

/* The options that we set on a connection. */
static int sandbox_tcp(scmp_filter_ctx f)
{
	/* TCP_NODELAY and its like, TCP_ULP; TLS_TX, TLS_RX */
	int rc = ALLOW(f, setsockopt, 1, ARG_EQ(1, IPPROTO_TCP));

	if (!rc)
		rc = ALLOW(f, setsockopt, 1, ARG_EQ(1, SOL_TLS));
	/* SO_ERROR after connect */
	if (!rc)
		rc = ALLOW(f, getsockopt, 1, ARG_EQ(1, SOL_SOCKET));
	return rc;
}

static int sandbox_connections(scmp_filter_ctx f)
{
	int rc = LIST(f, SCMP_ACT_ALLOW, sandbox_engine);

	if (!rc)
		rc = sandbox_limits(f);
	if (!rc)
		rc = sandbox_tcp(f);
	return rc;
}

/* Name servers, local daemons, files to read. Modules bring code with them. */
static int sandbox_names(scmp_filter_ctx f)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
	int rc = LIST(f, SCMP_ACT_ALLOW, sandbox_resolver);

	for (size_t i = 0; i < COUNT(families) && !rc; i++)
		rc = ALLOW(f, socket, 1, ARG_EQ(0, (scmp_datum_t)families[i]));
	if (!rc)
		rc = ALLOW(f, socket, 2, ARG_EQ(0, AF_NETLINK),
			   ARG_EQ(2, 0 /* NETLINK_ROUTE */));
	/* How much is there to read? */
	if (!rc)
		rc = ALLOW(f, ioctl, 1, ARG_EQ(1, FIONREAD));
	if (!rc)
		rc = sandbox_limits(f);
	if (!rc)
		rc = ALLOW(f, openat, 1, ARG_BITS(2, O_ACCMODE | O_CREAT,
						  O_RDONLY));
	if (!rc)
		rc = ALLOW_ANY(f, mmap);
	if (!rc)
		rc = ALLOW_ANY(f, mprotect);
	return rc;
}

int sandbox_fill(scmp_filter_ctx f, enum sandbox_kind kind)
{
	int rc = LIST(f, SCMP_ACT_ALLOW, sandbox_common);

	if (!rc)
		rc = LIST(f, SCMP_ACT_KILL_PROCESS, sandbox_hostile);
	if (!rc)
		rc = sandbox_fcntl(f);
	if (!rc && kind == SANDBOX_RESOLVER)
		return sandbox_names(f);
	if (!rc)
		rc = sandbox_memory(f);
	if (!rc)
		rc = sandbox_fstat(f);
	if (!rc)
		rc = sandbox_kill_sockets(f);
	if (!rc && (kind == SANDBOX_ENGINE || kind == SANDBOX_DIALLER))
		rc = sandbox_connections(f);
	if (!rc && kind == SANDBOX_DIALLER)
		rc = sandbox_dial(f);
	if (!rc && kind == SANDBOX_RADIUS)
		rc = LIST(f, SCMP_ACT_ALLOW, sandbox_radius);
	return rc;
}

scmp_filter_ctx sandbox_begin(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (filter && seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				       SCMP_ACT_KILL_PROCESS)) {
		seccomp_release(filter);
		return NULL;
	}
	return filter;
}

void sandbox_enter(enum sandbox_kind kind)
{
	scmp_filter_ctx filter = sandbox_begin();
	int rc = -ENOMEM;

	if (filter)
		rc = sandbox_fill(filter, kind);
	if (!rc)
		rc = seccomp_load(filter);
	if (rc)
		log_fatal("cannot install the system call filter: %s",
			  strerror(-rc));
	seccomp_release(filter);
}
