/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's challenges (MS-CHAPv2, EAP-MSCHAPv2, CHAP-MD5). They are made and
 * remembered here and not in the engine: whoever has broken into an engine and kept
 * the answer of somebody who has left could else let it be judged a second time.
 * A session has one at a time; it is good for one question.
 */
#ifndef SSTPD_CHALLENGE_H
#define SSTPD_CHALLENGE_H

#include <stdbool.h>
#include <stdint.h>

#include "data/login.h"

/**
 * challenge_new() - for session @id; whatever it had before is good no more
 * @out: receives it
 *
 * Return: false if there is no randomness.
 */
bool challenge_new(uint32_t id, uint8_t out[static MSCHAP_CHALLENGE_LEN]);

/** challenge_use() - is the one in @req that of session @id? It is used up now */
bool challenge_use(uint32_t id, const struct auth_request *req);

/** challenge_drop() - the session is gone */
void challenge_drop(uint32_t id);
/** challenge_drop_engine() - all of an engine are; @engine: its number of @n_engines */
void challenge_drop_engine(uint32_t engine, uint32_t n_engines);

/** challenge_count() - how many are not used up */
unsigned int challenge_count(void);

#endif /* SSTPD_CHALLENGE_H */
