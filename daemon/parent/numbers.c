// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/numbers.h"

#include <string.h>

#include "data/session_id.h"

/* How many numbers an engine has: 0 is none, and the last round may be short of one. */
static uint32_t numbers_turns(const struct numbers *n)
{
	return (UINT32_MAX - 1 - n->engine) / n->n_engines + 1;
}

static uint32_t numbers_turn(const struct numbers *n, uint32_t id)
{
	return (id - 1) / n->n_engines;
}

static bool numbers_is_used(const struct numbers *n, uint32_t turn)
{
	turn %= NUMBERS_WINDOW;
	return n->used[turn / 8] & 1u << turn % 8;
}

static void numbers_set(struct numbers *n, uint32_t turn, bool used)
{
	uint8_t bit;

	turn %= NUMBERS_WINDOW;
	bit = (uint8_t)(1u << turn % 8);
	if (used)
		n->used[turn / 8] |= bit;
	else
		n->used[turn / 8] &= (uint8_t)~bit;
}

static void numbers_advance(struct numbers *n, uint32_t by, uint64_t now)
{
	uint32_t turns = numbers_turns(n);

	n->last_ms = now;
	if (by >= NUMBERS_WINDOW) {
		memset(n->used, 0, sizeof(n->used));
		n->last = (uint32_t)(((uint64_t)n->last + by) % turns);
		return;
	}
	while (by--) {
		n->last = n->last + 1 == turns ? 0 : n->last + 1;
		numbers_set(n, n->last, false);
	}
}

void numbers_init(struct numbers *n, uint32_t engine, uint32_t n_engines, uint64_t now)
{
	memset(n, 0, sizeof(*n));
	n->engine = engine;
	n->n_engines = n_engines;
	/* The first that may be is turn 0, and none before it. */
	memset(n->used, 0xff, sizeof(n->used));
	n->last = numbers_turns(n) - 1;
	n->last_ms = now;
}

uint32_t numbers_next(const struct numbers *n)
{
	return session_id_after(n->last * n->n_engines + 1 + n->engine, n->engine,
				n->n_engines);
}

bool numbers_may_ask(struct numbers *n, uint32_t id, uint64_t now)
{
	uint32_t turns = numbers_turns(n);
	uint32_t turn = numbers_turn(n, id);
	uint64_t most = NUMBERS_BURST + (now - n->last_ms) * NUMBERS_PER_MS;
	uint32_t ahead;

	if (!id || session_id_engine(id, n->n_engines) != n->engine)
		return false;
	ahead = (uint32_t)(((uint64_t)turn + turns - n->last) % turns);
	if (ahead > turns - NUMBERS_WINDOW || !ahead)
		return !numbers_is_used(n, turn);
	if (ahead > most || ahead > turns / 2)
		return false;
	numbers_advance(n, ahead, now);
	return true;
}

void numbers_use(struct numbers *n, uint32_t id)
{
	numbers_set(n, numbers_turn(n, id), true);
}
