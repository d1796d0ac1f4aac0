/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of sessions: of 32 bits, never 0, and by its number anybody knows whose
 * engine's a session is. They are used again after some four thousand million
 * connections: whoever takes one has to see that it is free.
 */
#ifndef SSTPD_DATA_SESSION_ID_H
#define SSTPD_DATA_SESSION_ID_H

#include <stdint.h>

/** session_id_engine() - which of @n_engines has this number, from 0 */
static inline uint32_t session_id_engine(uint32_t id, uint32_t n_engines)
{
	return (id - 1) % n_engines;
}

/** session_id_after() - the first number of that engine beyond @id; from 1 on at the end */
static inline uint32_t session_id_after(uint32_t id, uint32_t engine, uint32_t n_engines)
{
	uint64_t next = (uint64_t)id - id % n_engines + 1 + engine;

	if (next <= id)
		next += n_engines;
	return next <= UINT32_MAX ? (uint32_t)next : 1 + engine;
}

#endif /* SSTPD_DATA_SESSION_ID_H */
