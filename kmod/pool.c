// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers that are borrowed for a turn of rx_work, which leaves nothing in them: so
 * many as there are such turns at a time, whatever the number of sessions.
 *
 * Each CPU has a spare one, warm from the turn before. One buffer there is always, so
 * that a turn that finds no memory has one to wait for. They are nobody's, and so
 * charged to nobody: no peer, and no user, can have a turn last.
 */
#include "pool.h"

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static DEFINE_PER_CPU(struct sstp_buffer *, sstp_pool_spare);

static struct sstp_buffer *sstp_pool_new(gfp_t gfp)
{
	struct sstp_buffer *buf = kzalloc_obj(*buf, gfp | __GFP_NOWARN);

	if (!buf)
		return NULL;
	if (sstp_buffer_init(buf, gfp))
		goto err_free;
	if (sstp_buffer_grow(buf, gfp))
		goto err_buffer;
	return buf;

err_buffer:
	sstp_buffer_free(buf);
err_free:
	kfree(buf);
	return NULL;
}

static void sstp_pool_free(struct sstp_buffer *buf)
{
	if (!buf)
		return;
	sstp_buffer_free(buf);
	kfree(buf);
}

/* Whatever is left; the spare one of a CPU that does nothing, or is gone, too. */
static struct sstp_buffer *sstp_pool_find(void)
{
	struct sstp_buffer *buf = NULL;
	int cpu;

	for_each_possible_cpu(cpu) {
		buf = xchg(per_cpu_ptr(&sstp_pool_spare, cpu), NULL);
		if (buf)
			break;
	}
	return buf;
}

/**
 * sstp_pool_get - borrow a buffer
 *
 * Context: rx_work. Does not wait for memory to be freed: by what, if not by a session?
 * Return: the buffer, to be given to sstp_pool_put() in the same turn, or NULL.
 */
struct sstp_buffer *sstp_pool_get(void)
{
	struct sstp_buffer *buf = this_cpu_xchg(sstp_pool_spare, NULL);
	unsigned int noreclaim;

	if (buf)
		return buf;
	noreclaim = memalloc_noreclaim_save();
	/* The reserves are for those who cannot do without. */
	buf = sstp_pool_new(GFP_KERNEL | __GFP_NOMEMALLOC);
	memalloc_noreclaim_restore(noreclaim);
	return buf ?: sstp_pool_find();
}

/**
 * sstp_pool_put - give a buffer back
 * @buf: the buffer
 *
 * Context: process.
 */
void sstp_pool_put(struct sstp_buffer *buf)
{
	/* The one that was used last is the warm one. */
	sstp_pool_free(this_cpu_xchg(sstp_pool_spare, buf));
}

int sstp_pool_init(void)
{
	struct sstp_buffer *buf = sstp_pool_new(GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	sstp_pool_put(buf);
	return 0;
}

/* Nobody has borrowed any. */
void sstp_pool_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		sstp_pool_free(xchg(per_cpu_ptr(&sstp_pool_spare, cpu), NULL));
}
