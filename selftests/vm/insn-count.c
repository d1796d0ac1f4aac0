// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU plugin: counts the instructions that the guest executes, by address,
 * between two marks.
 *
 *	-plugin file=insn-count.so,out=FILE
 *
 * The guest sets a mark by executing one of two NOPs that no compiler emits
 * (selftests/profile-mark.c). At the second FILE gets a line "ADDRESS COUNT TIMES"
 * for each block of code that ran in between: where it begins, in hexadecimal,
 * the instructions executed, and how often the block was entered.
 *
 * What is used of QEMU's plugin interface (version 4) is declared here: there is
 * no package with its header.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT	__attribute__((visibility("default")))

#define MARK_LEN	8
static const uint8_t mark_begin[MARK_LEN] = { 0x0f, 0x1f, 0x84, 0x00, 'b', 's', 's', 't' };
static const uint8_t mark_end[MARK_LEN] = { 0x0f, 0x1f, 0x84, 0x00, 'e', 's', 's', 't' };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_info;

typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;

enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_INLINE_ADD_U64 };

typedef uint64_t qemu_plugin_id_t;
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*insn_exec_cb)(unsigned int cpu, void *arg);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    insn_exec_cb cb, int flags, void *arg);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op,
						       qemu_plugin_u64 entry, uint64_t imm);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

EXPORT int qemu_plugin_version = 4;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv);

/* Blocks, as an open hash by address; the scoreboard has a counter for each. */
#define BLOCKS	(1 << 20)
static uint64_t addrs[BLOCKS];
static uint64_t before[BLOCKS];
static size_t insns[BLOCKS];
static size_t used;
static struct qemu_plugin_scoreboard *counters;
static char *out;

static qemu_plugin_u64 counter(size_t i)
{
	return (qemu_plugin_u64){ counters, i * sizeof(uint64_t) };
}

static size_t block(uint64_t addr)
{
	size_t i = (addr * 0x9e3779b97f4a7c15u) >> 44;

	while (addrs[i] && addrs[i] != addr)
		i = (i + 1) % BLOCKS;
	if (!addrs[i] && ++used > BLOCKS / 2) {
		fprintf(stderr, "insn-count: more code than this has room for\n");
		exit(1);
	}
	addrs[i] = addr;
	return i;
}

static void on_begin(unsigned int cpu, void *arg)
{
	(void)cpu;
	(void)arg;
	for (size_t i = 0; i < BLOCKS; i++)
		if (addrs[i])
			before[i] = qemu_plugin_u64_sum(counter(i));
}

static void on_end(unsigned int cpu, void *arg)
{
	FILE *f = fopen(out, "w");
	uint64_t n;

	(void)cpu;
	(void)arg;
	if (!f) {
		perror(out);
		exit(1);
	}
	for (size_t i = 0; i < BLOCKS; i++) {
		n = addrs[i] ? qemu_plugin_u64_sum(counter(i)) - before[i] : 0;
		if (n)
			fprintf(f, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", addrs[i], n,
				n / insns[i]);
	}
	fclose(f);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), at = block(qemu_plugin_tb_vaddr(tb));
	struct qemu_plugin_insn *insn;
	uint8_t code[MARK_LEN];

	(void)id;
	/* The clock cuts blocks short now and then. */
	if (n > insns[at])
		insns[at] = n;
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64,
							  counter(at), n);
	for (size_t i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (qemu_plugin_insn_data(insn, code, sizeof(code)) != MARK_LEN)
			continue;
		if (!memcmp(code, mark_begin, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		else if (!memcmp(code, mark_end, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "insn-count: needs out=FILE\n");
		return -1;
	}
	out = strdup(argv[0] + 4);
	counters = qemu_plugin_scoreboard_new(BLOCKS * sizeof(uint64_t));
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
