// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/numbers.h"

#include <string.h>

/* How many numbers an engine has. */
static uint32_t numbers_turns(const struct numbers *n)
{
	return (n->ids.last - n->ids.first) / n->ids.step + 1;
}

/* The turn of @id that is nearest to the last one. */
static uint64_t numbers_turn(const struct numbers *n, uint32_t id)
{
	uint64_t turns = numbers_turns(n);
	uint64_t ahead = (turns + (id - n->ids.first) / n->ids.step - n->last % turns) % turns;

	return ahead <= turns / 2 ? n->last + ahead : n->last + ahead - turns;
}

static bool numbers_is_old(const struct numbers *n, uint64_t turn)
{
	return turn + NUMBERS_WINDOW <= n->last;
}

static void numbers_set(struct numbers *n, uint64_t turn, bool used)
{
	uint8_t *byte = &n->used[turn % NUMBERS_WINDOW / 8];
	uint8_t bit = (uint8_t)(1u << turn % 8);

	*byte = (uint8_t)(used ? *byte | bit : *byte & ~bit);
}

static bool numbers_is_used(const struct numbers *n, uint64_t turn)
{
	return n->used[turn % NUMBERS_WINDOW / 8] & 1u << turn % 8;
}

void numbers_init(struct numbers *n, uint32_t engine, uint32_t n_engines, uint64_t now)
{
	memset(n, 0, sizeof(*n));
	/* The first turn comes after this one, and those before it are nobody's. */
	memset(n->used, 0xff, sizeof(n->used));
	n->ids = session_ids_of(engine, n_engines);
	n->last = 2 * (uint64_t)numbers_turns(n) - 1;
	n->credit = NUMBERS_BURST;
	n->credit_ms = now;
}

void numbers_resume(struct numbers *n, uint32_t id)
{
	uint32_t turns = numbers_turns(n), next;

	if (id < n->ids.first)
		return;
	next = (id - n->ids.first) / n->ids.step + 1;
	n->last = 2 * (uint64_t)turns - 1 + next % turns;
}

uint32_t numbers_next(const struct numbers *n)
{
	uint64_t turn = (n->last + 1) % numbers_turns(n);

	return (uint32_t)(n->ids.first + turn * n->ids.step);
}

static bool numbers_afford(struct numbers *n, uint64_t ahead, uint64_t now)
{
	uint64_t ms = now - n->credit_ms;

	n->credit_ms = now;
	n->credit += (ms < NUMBERS_BURST ? ms : NUMBERS_BURST) * NUMBERS_PER_MS;
	if (n->credit > NUMBERS_BURST)
		n->credit = NUMBERS_BURST;
	if (ahead > n->credit)
		return false;
	n->credit -= ahead;
	return true;
}

static void numbers_advance(struct numbers *n, uint64_t turn)
{
	if (turn >= n->last + NUMBERS_WINDOW) {
		memset(n->used, 0, sizeof(n->used));
		n->last = turn;
	}
	while (n->last < turn)
		numbers_set(n, ++n->last, false);
}

enum numbers_verdict numbers_ask(struct numbers *n, uint32_t id, uint64_t now)
{
	uint64_t turn;

	if (!session_ids_have(&n->ids, id))
		return NUMBERS_FORGED;
	turn = numbers_turn(n, id);
	if (numbers_is_old(n, turn))
		return NUMBERS_LATE;
	if (turn <= n->last)
		return numbers_is_used(n, turn) ? NUMBERS_FORGED : NUMBERS_GOOD;
	if (!numbers_afford(n, turn - n->last, now))
		return NUMBERS_FORGED;
	numbers_advance(n, turn);
	return NUMBERS_GOOD;
}

void numbers_use(struct numbers *n, uint32_t id)
{
	uint64_t turn = numbers_turn(n, id);

	/* Else the bit is another's by now. */
	if (turn <= n->last && !numbers_is_old(n, turn))
		numbers_set(n, turn, true);
}
