// SPDX-License-Identifier: GPL-2.0-or-later
/* What the filters of the children say to system calls, on every machine. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "boundary/sandbox.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PROGRAM_MAX	4096

/* Of those whose headers have the numbers of ours: F_SETFL, O_ASYNC, SOCK_STREAM. */
static const struct machine {
	const char *name;
	uint32_t arch;
	bool big_endian;
} machines[] = {
	{ "x86_64", SCMP_ARCH_X86_64, false },
	{ "i386", SCMP_ARCH_X86, false },
	{ "arm", SCMP_ARCH_ARM, false },
	{ "aarch64", SCMP_ARCH_AARCH64, false },
	{ "riscv64", SCMP_ARCH_RISCV64, false },
	{ "s390x", SCMP_ARCH_S390X, true },
};

struct program {
	const struct machine *machine;
	struct sock_filter code[PROGRAM_MAX];
	size_t n;
};

static bool is_foreign(const struct machine *m)
{
	return m->big_endian != (__BYTE_ORDER == __BIG_ENDIAN);
}

/* The filter of @kind as that machine would load it, in our byte order. */
static void compile(struct program *p, const struct machine *m, enum sandbox_kind kind)
{
	scmp_filter_ctx filter = sandbox_begin();
	FILE *file = tmpfile();

	assert_non_null(filter);
	assert_non_null(file);
	if (m->arch != seccomp_arch_native()) {
		assert_int_equal(seccomp_arch_remove(filter, seccomp_arch_native()), 0);
		assert_int_equal(seccomp_arch_add(filter, m->arch), 0);
	}
	assert_int_equal(sandbox_fill(filter, kind), 0);
	assert_int_equal(seccomp_export_bpf(filter, fileno(file)), 0);
	seccomp_release(filter);
	rewind(file);
	p->machine = m;
	p->n = fread(p->code, sizeof(p->code[0]), PROGRAM_MAX, file);
	fclose(file);
	assert_in_range(p->n, 1, PROGRAM_MAX - 1);
	for (size_t i = 0; i < p->n && is_foreign(m); i++) {
		p->code[i].code = __builtin_bswap16(p->code[i].code);
		p->code[i].k = __builtin_bswap32(p->code[i].k);
	}
}

/* What the kernel's interpreter does with what libseccomp writes. */
static uint32_t answer(const struct program *p, const uint32_t *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->code[i];
		bool yes = false;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(f->k / 4 < 16);
			a = data[f->k / 4];
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			i += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= f->k;
			break;
		default:
			fail_msg("%s: unknown instruction %#x", p->machine->name, f->code);
		}
		i += yes ? f->jt : f->jf;
	}
	fail_msg("%s: the program has no end", p->machine->name);
	return 0;
}

/* libseccomp's numbers of what goes through socketcall(), and which number that has. */
static bool is_multiplexed(int call)
{
	return call < -100 && call > -121;
}

static int number_of(const struct program *p, const char *call)
{
	return seccomp_syscall_resolve_name_arch(p->machine->arch, call);
}

static const char *says(const struct program *p, const char *name, uint32_t arg0,
			uint32_t arg1, uint32_t arg2, uint32_t arg3)
{
	uint32_t args[] = { arg0, arg1, arg2, arg3 };
	uint32_t data[16] = { 0, p->machine->arch };
	int call = number_of(p, name);

	if (is_multiplexed(call)) {
		args[0] = (uint32_t)-call - 100;
		call = number_of(p, "socketcall");
	}
	assert_true(call >= 0);
	data[0] = (uint32_t)call;
	for (size_t i = 0; i < COUNT(args); i++)
		data[4 + 2 * i + p->machine->big_endian] = args[i];
	switch (answer(p, data)) {
	case SECCOMP_RET_ALLOW:
		return "allowed";
	case SECCOMP_RET_KILL_PROCESS:
		return "killed";
	case SECCOMP_RET_ERRNO | EPERM:
		return "refused";
	}
	return "?";
}

static void expect(const struct program *p, const char *call, const uint32_t arg[static 4],
		   const char *answer)
{
	const char *is = says(p, call, arg[0], arg[1], arg[2], arg[3]);

	if (strcmp(is, answer) != 0)
		fail_msg("%s: %s(%#x, %#x, %#x, %#x) is %s, not %s", p->machine->name, call,
			 arg[0], arg[1], arg[2], arg[3], is, answer);
}

#define EXPECT(p, answer, call, ...)	expect(p, call, (uint32_t[4]){ __VA_ARGS__ }, answer)

#define R	PROT_READ
#define X	PROT_EXEC

/* What libcs of each machine call, for what the processes do. */
static const struct expectation {
	const char *call;
	uint32_t arg[4];
	const char *engine;
	const char *only_on; /* NULL: wherever there is this call */
} expectations[] = {
	{ "read", { 0 }, "allowed", NULL },
	{ "futex", { 0 }, "allowed", NULL },
	{ "futex_time64", { 0 }, "allowed", NULL },
	{ "clock_gettime64", { 0 }, "allowed", NULL },
	{ "ppoll_time64", { 0 }, "allowed", NULL },
	{ "timerfd_settime64", { 0 }, "allowed", NULL },
	{ "_llseek", { 0 }, "allowed", NULL },
	{ "fstat64", { 0 }, "allowed", NULL },
	{ "fstatat64", { 3, 1, 1, AT_EMPTY_PATH }, "allowed", NULL },
	{ "fstatat64", { 3, 1, 1, 0 }, "refused", NULL },
	{ "statx", { 3, 1, AT_EMPTY_PATH, 1 }, "allowed", NULL },
	{ "statx", { 3, 1, 0, 1 }, "refused", NULL },
	{ "recv", { 0 }, "allowed", NULL },
	{ "send", { 0 }, "allowed", NULL },
	{ "sigreturn", { 0 }, "allowed", NULL },
	{ "fcntl64", { 3, F_GETFL }, "allowed", NULL },
	{ "fcntl64", { 3, F_SETFL, O_NONBLOCK }, "allowed", NULL },
	{ "fcntl64", { 3, F_SETOWN, 1 }, "killed", NULL },
	{ "fcntl", { 3, F_SETOWN, 1 }, "killed", NULL },
	{ "mmap2", { 0, 4096, R, 0 }, "allowed", NULL },
	{ "mmap2", { 0, 4096, R | X, 0 }, "killed", NULL },
	{ "mprotect", { 4096, 4096, R, 0 }, "allowed", NULL },
	{ "mprotect", { 4096, 4096, R | X, 0 }, "killed", NULL },
	{ "mmap", { 0, 4096, R, 0 }, "allowed", "x86_64" },
	{ "mmap", { 0, 4096, R | X, 0 }, "killed", "x86_64" },
	/* With a pointer to its arguments: the filter sees none of them. */
	{ "mmap", { 4096, 0, X, 0 }, "refused", "i386" },
	{ "mmap", { 4096, 0, X, 0 }, "allowed", "s390x" },
	{ "setuid32", { 0 }, "killed", NULL },
	{ "setresgid32", { 0 }, "killed", NULL },
	{ "execve", { 0 }, "killed", NULL },
	{ "openat", { 0 }, "refused", NULL },
};

static void engine(void **state)
{
	struct program *p = malloc(sizeof(*p));

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(machines); i++) {
		compile(p, &machines[i], SANDBOX_ENGINE);
		for (size_t j = 0; j < COUNT(expectations); j++) {
			const struct expectation *e = &expectations[j];

			if (e->only_on ? !strcmp(e->only_on, p->machine->name) :
					 number_of(p, e->call) >= 0)
				expect(p, e->call, e->arg, e->engine);
		}
	}
	free(p);
}

/* What a machine has one call for has to be there in each filter. */
static void all_kinds(void **state)
{
	struct program *p = malloc(sizeof(*p));

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(machines); i++) {
		for (int kind = SANDBOX_ENGINE; kind <= SANDBOX_RESOLVER; kind++) {
			compile(p, &machines[i], (enum sandbox_kind)kind);
			EXPECT(p, "allowed", "sendmsg", 3, 0, 0, 0);
			EXPECT(p, "killed", "execve", 0, 0, 0, 0);
		}
	}
	free(p);
}

static void sockets(void **state)
{
	struct program *p = malloc(sizeof(*p));

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(machines); i++) {
		compile(p, &machines[i], SANDBOX_ENGINE);
		EXPECT(p, "refused", "socket", AF_INET, SOCK_STREAM, 0, 0);
		EXPECT(p, "allowed", "accept4", 3, 0, 0, 0);
		EXPECT(p, "allowed", "setsockopt", 3, SOL_TCP, 1, 0);
		compile(p, &machines[i], SANDBOX_DIALLER);
		EXPECT(p, "allowed", "socket", AF_INET, SOCK_STREAM, 0, 0);
		/* See sandbox_sees_arguments() for the others. */
		if (p->machine->arch == SCMP_ARCH_X86 || p->machine->arch == SCMP_ARCH_S390X)
			continue;
		EXPECT(p, "killed", "socket", AF_NETLINK, SOCK_RAW, 0, 0);
		EXPECT(p, "refused", "socket", AF_UNIX, SOCK_STREAM, 0, 0);
	}
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engine),
		cmocka_unit_test(all_kinds),
		cmocka_unit_test(sockets),
	};

	/* Filters are made, not installed: what the kernel can do does not matter. */
	assert_int_equal(seccomp_api_set(3), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
