// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#include "log.h"

/* Every process: memory, time, its end, the channel to the parent. */
static const int sandbox_common[] = {
	SCMP_SYS(brk),			/* malloc */
	SCMP_SYS(mmap),			/* malloc of large blocks */
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),		/* malloc gives memory back */
	SCMP_SYS(mprotect),		/* malloc arenas */
	SCMP_SYS(futex),		/* locks inside OpenSSL */
	SCMP_SYS(getrandom),		/* OpenSSL's random generator, reseeding */
	SCMP_SYS(getpid),		/* the same, fork detection; syslog */
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
	SCMP_SYS(sendto),		/* syslog */
	SCMP_SYS(read),
	SCMP_SYS(write),		/* log */
	SCMP_SYS(close),
	SCMP_SYS(fstat),		/* stdio on a passed descriptor */
	SCMP_SYS(newfstatat),		/* the same, newer libc */
	SCMP_SYS(lseek),
	SCMP_SYS(fcntl),		/* the same; O_NONBLOCK */
	SCMP_SYS(rt_sigreturn),		/* signals */
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* The engine: TCP and TLS of its sessions. It opens no file and no netlink. */
static const int sandbox_engine[] = {
	SCMP_SYS(accept4),		/* server */
	SCMP_SYS(connect),		/* client */
	SCMP_SYS(recvfrom),		/* TLS over a socket BIO */
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(setsockopt),		/* TCP_NODELAY, TLS_TX, TLS_RX */
	SCMP_SYS(getsockopt),		/* SO_ERROR after connect */
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(shutdown),
};

/* The RADIUS client: datagrams, on sockets it was given. */
static const int sandbox_radius[] = {
	SCMP_SYS(recvfrom),
};

static int sandbox_allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int rc;

	for (size_t i = 0; i < n; i++) {
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
		/* A call that this architecture does not have is no loss. */
		if (rc < 0 && rc != -EDOM)
			return rc;
	}
	return 0;
}

/* Sockets of TCP only: no netlink, no packet sockets, no unix sockets. */
static int sandbox_allow_tcp(scmp_filter_ctx filter)
{
	int rc;

	rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			      SCMP_A0(SCMP_CMP_EQ, 2 /* AF_INET */));
	if (!rc)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
				      1, SCMP_A0(SCMP_CMP_EQ, 10 /* AF_INET6 */));
	return rc;
}

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

void sandbox_enter(enum sandbox_kind kind)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = -ENOMEM;

	if (filter)
		rc = sandbox_allow(filter, sandbox_common,
				   COUNT(sandbox_common));
	if (!rc && kind == SANDBOX_ENGINE)
		rc = sandbox_allow(filter, sandbox_engine,
				   COUNT(sandbox_engine));
	if (!rc && kind == SANDBOX_ENGINE)
		rc = sandbox_allow_tcp(filter);
	if (!rc && kind == SANDBOX_RADIUS)
		rc = sandbox_allow(filter, sandbox_radius,
				   COUNT(sandbox_radius));
	if (!rc)
		rc = seccomp_load(filter);
	if (rc)
		log_fatal("cannot install the system call filter: %s",
			  strerror(-rc));
	seccomp_release(filter);
}
