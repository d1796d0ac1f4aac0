/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that an engine gives its sessions, checked: accounting and CoA know a
 * session by its number, so none may be had twice, and an engine that somebody has taken
 * over must not use all of them up. They begin anew in the end (session_id.h).
 *
 * Sessions log in in another order than they were numbered in, so those that are in use
 * are remembered as far back as nearly all logins take: a window, as against replay.
 */
#ifndef SSTPD_NUMBERS_H
#define SSTPD_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/session_id.h"

/* Connections that may come before an earlier one logs in. */
#define NUMBERS_WINDOW		65536
/* Connections that no machine takes in so short a time: at once, and per ms. */
#define NUMBERS_BURST		100000
#define NUMBERS_PER_MS		100

enum numbers_verdict {
	NUMBERS_GOOD,
	NUMBERS_LATE,		/* nobody knows any more whether it was in use */
	NUMBERS_FORGED,		/* it was, or the engine cannot have come so far */
};

/**
 * struct numbers - those of one engine, and of its successors
 * @ids: all that it has
 * @last: the highest turn so far; turns count an engine's numbers, and go on counting
 *	when these begin anew
 * @credit: how far ahead the next one may be, as of @credit_ms (loop_now_ms())
 * @used: a bit for each turn of the window: somebody has logged in by it
 */
struct numbers {
	struct session_ids ids;
	uint64_t last;
	uint64_t credit;
	uint64_t credit_ms;
	uint8_t used[NUMBERS_WINDOW / 8];
};

/** numbers_init() - none was given yet; @n_engines: session_ids_of(); @now: loop_now_ms() */
void numbers_init(struct numbers *n, uint32_t engine, uint32_t n_engines, uint64_t now);

/** numbers_resume() - another process has given numbers up to @id, and lower ones */
void numbers_resume(struct numbers *n, uint32_t id);

/** numbers_next() - the first number of the next process of this engine */
uint32_t numbers_next(const struct numbers *n);

/** numbers_ask() - a session that is not in the table yet wants to log in as @id */
enum numbers_verdict numbers_ask(struct numbers *n, uint32_t id, uint64_t now);

/** numbers_use() - the login by @id was good: nobody else gets that number */
void numbers_use(struct numbers *n, uint32_t id);

#endif /* SSTPD_NUMBERS_H */
