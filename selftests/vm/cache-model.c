// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU plugin: what a processor's caches would have missed, by instruction.
 *
 *	-plugin file=cache-model.so,out=FILE
 *
 * The marks are those of insn-count.c. The first begins the model, each further one of
 * the same kind begins to count, so that the caches are warm by then. At the end FILE
 * gets a line "ADDRESS L1 L2 L3" for each instruction that missed: its address, in
 * hexadecimal, and how often what it reads or writes was not in those caches.
 *
 * The model: lines of 64 bytes by physical address, least recently used goes first. What
 * is not in one level is looked for, and put, in the next one as well. No prefetch,
 * nothing of code, nothing of devices, one processor.
 *
 * What is used of QEMU's plugin interface (version 4) is declared here: there is no
 * package with its header.
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
struct qemu_plugin_hwaddr;
struct qemu_info;

enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_MEM_RW = 3 };

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*insn_exec_cb)(unsigned int cpu, void *arg);
typedef void (*mem_cb)(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
		       void *arg);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    insn_exec_cb cb, int flags, void *arg);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_cb cb, int flags,
				      int rw, void *arg);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *addr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *addr);

EXPORT int qemu_plugin_version = 4;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv);

#define LINE_SHIFT	6
#define LEVELS		3
#define WAYS_MAX	16

/* Each set: its lines, plus one so that 0 is none, the one used last first. */
static struct {
	unsigned int sets;
	unsigned int ways;
	uint64_t (*lines)[WAYS_MAX];
} levels[LEVELS] = {
	{ 64, 8, NULL },	/* 32 KiB */
	{ 1024, 16, NULL },	/* 1 MiB */
	{ 16384, 16, NULL },	/* 16 MiB */
};

/* Instructions, as an open hash by address; those of programs are all one. */
#define INSNS	(1 << 21)
static struct insn {
	uint64_t addr;
	uint64_t missed[LEVELS];
} insns[INSNS];
static size_t used;
static bool running;
static char *out;

static struct insn *insn_at(uint64_t addr)
{
	size_t i;

	if (!(addr >> 63))
		addr = 1;
	i = (addr * 0x9e3779b97f4a7c15u) >> 43;
	while (insns[i].addr && insns[i].addr != addr)
		i = (i + 1) % INSNS;
	if (!insns[i].addr && ++used > INSNS / 2) {
		fprintf(stderr, "cache-model: more code than this has room for\n");
		exit(1);
	}
	insns[i].addr = addr;
	return &insns[i];
}

/* Whether the line was there; it is now. */
static bool hits(unsigned int level, uint64_t line)
{
	uint64_t *set = levels[level].lines[line % levels[level].sets];
	unsigned int ways = levels[level].ways, i;

	for (i = 0; i < ways - 1 && set[i] != line + 1; i++)
		;
	if (set[i] == line + 1) {
		memmove(set + 1, set, i * sizeof(*set));
		set[0] = line + 1;
		return true;
	}
	memmove(set + 1, set, (ways - 1) * sizeof(*set));
	set[0] = line + 1;
	return false;
}

static void touch(struct insn *insn, uint64_t line)
{
	for (unsigned int i = 0; i < LEVELS && !hits(i, line); i++)
		insn->missed[i]++;
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *arg)
{
	const struct qemu_plugin_hwaddr *hw;
	uint64_t from, to;

	(void)cpu;
	if (!running)
		return;
	hw = qemu_plugin_get_hwaddr(info, vaddr);
	if (!hw || qemu_plugin_hwaddr_is_io(hw))
		return;
	from = qemu_plugin_hwaddr_phys_addr(hw);
	to = from + (1u << qemu_plugin_mem_size_shift(info)) - 1;
	touch(arg, from >> LINE_SHIFT);
	if (to >> LINE_SHIFT != from >> LINE_SHIFT)
		touch(arg, to >> LINE_SHIFT);
}

static void on_begin(unsigned int cpu, void *arg)
{
	(void)cpu;
	(void)arg;
	running = true;
	for (size_t i = 0; i < INSNS; i++)
		memset(insns[i].missed, 0, sizeof(insns[i].missed));
}

static void on_end(unsigned int cpu, void *arg)
{
	FILE *f = fopen(out, "w");

	(void)cpu;
	(void)arg;
	if (!f) {
		perror(out);
		exit(1);
	}
	running = false;
	for (size_t i = 0; i < INSNS; i++)
		if (insns[i].missed[0])
			fprintf(f, "%" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
				insns[i].addr, insns[i].missed[0], insns[i].missed[1],
				insns[i].missed[2]);
	fclose(f);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	uint8_t code[MARK_LEN];

	(void)id;
	for (size_t i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW,
						 insn_at(qemu_plugin_insn_vaddr(insn)));
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
		fprintf(stderr, "cache-model: needs out=FILE\n");
		return -1;
	}
	out = strdup(argv[0] + 4);
	for (unsigned int i = 0; i < LEVELS; i++)
		levels[i].lines = calloc(levels[i].sets, sizeof(*levels[i].lines));
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
