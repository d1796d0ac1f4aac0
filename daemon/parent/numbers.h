/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that an engine gives its sessions, checked: accounting and CoA know a
 * session by its number, so none may be had twice, and an engine that somebody has taken
 * over must not use all of them up. They begin anew after 2^32 connections.
 *
 * Sessions log in in another order than they were numbered in, so those that are in use
 * are remembered as far back as a login may take: a window, as against replay.
 */
#ifndef SSTPD_NUMBERS_H
#define SSTPD_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/* Logins that may be begun before an earlier connection begins its own. */
#define NUMBERS_WINDOW		65536
/* Connections that no machine takes in so short a time: at once, and per ms. */
#define NUMBERS_BURST		100000
#define NUMBERS_PER_MS		100

/**
 * struct numbers - those of one engine, and of its successors
 * @engine: from 0, of @n_engines
 * @last: the highest turn so far; an engine's turns count its numbers from 0
 * @last_ms: loop_now_ms() when that was
 * @used: a bit for each turn of the window: somebody has logged in by it
 */
struct numbers {
	uint32_t engine;
	uint32_t n_engines;
	uint32_t last;
	uint64_t last_ms;
	uint8_t used[NUMBERS_WINDOW / 8];
};

/** numbers_init() - none was given yet; @now: loop_now_ms() */
void numbers_init(struct numbers *n, uint32_t engine, uint32_t n_engines, uint64_t now);

/** numbers_next() - the first number of the next process of this engine */
uint32_t numbers_next(const struct numbers *n);

/**
 * numbers_may_ask() - may a session that is not in the table yet have number @id?
 *
 * Return: false if somebody had it, or may have had it, or the engine cannot have come
 * so far.
 */
bool numbers_may_ask(struct numbers *n, uint32_t id, uint64_t now);

/** numbers_use() - the login by @id was good: nobody else gets that number */
void numbers_use(struct numbers *n, uint32_t id);

#endif /* SSTPD_NUMBERS_H */
