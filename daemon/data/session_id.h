/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of sessions: of 32 bits, never 0, and by its number anybody knows whose
 * engine's a session is. They are used again after some three thousand million
 * connections: whoever takes one has to see that it is free.
 *
 * The engines that were there at the start take turns, so that people have to do with
 * small numbers. That cannot change while there are sessions: whoever came with a reload
 * has numbers of his own, above all of those.
 */
#ifndef SSTPD_DATA_SESSION_ID_H
#define SSTPD_DATA_SESSION_ID_H

#include <stdbool.h>
#include <stdint.h>

/* Engines there can be, and the first number of those that came later. */
#define SESSION_ENGINES_MAX	64
#define SESSION_ID_LATER	3000000000U

/**
 * struct session_ids - those of one engine
 * @first: after @last comes this one again
 * @step: from one to the next
 */
struct session_ids {
	uint32_t first;
	uint32_t step;
	uint32_t last;
};

/** session_ids_of() - engine number @engine, from 0; at the start there were @n_engines */
static inline struct session_ids session_ids_of(uint32_t engine, uint32_t n_engines)
{
	bool later = engine >= n_engines;
	struct session_ids ids = {
		.first = later ? SESSION_ID_LATER + engine : 1 + engine,
		.step = later ? SESSION_ENGINES_MAX : n_engines,
		.last = later ? UINT32_MAX : SESSION_ID_LATER - 1,
	};

	ids.last -= (ids.last - ids.first) % ids.step;
	return ids;
}

/** session_ids_have() - is @id one of them? */
static inline bool session_ids_have(const struct session_ids *ids, uint32_t id)
{
	return id >= ids->first && id <= ids->last && !((id - ids->first) % ids->step);
}

/** session_ids_after() - the one beyond @id, which is one of them */
static inline uint32_t session_ids_after(const struct session_ids *ids, uint32_t id)
{
	return id == ids->last ? ids->first : id + ids->step;
}

/** session_id_engine() - whose is @id, which is not 0? @n_engines: at the start */
static inline uint32_t session_id_engine(uint32_t id, uint32_t n_engines)
{
	return id < SESSION_ID_LATER ? (id - 1) % n_engines :
				       (id - SESSION_ID_LATER) % SESSION_ENGINES_MAX;
}

#endif /* SSTPD_DATA_SESSION_ID_H */
