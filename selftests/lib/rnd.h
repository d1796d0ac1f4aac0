/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same for the same seed (splitmix64). */
#ifndef SELFTESTS_RND_H
#define SELFTESTS_RND_H

#include <stdint.h>

/* The next one, from 0 to @below - 1. */
static inline uint32_t rnd(uint64_t *state, uint32_t below)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

#endif /* SELFTESTS_RND_H */
