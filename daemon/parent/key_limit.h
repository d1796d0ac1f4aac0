/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the TLS keys of a session in the kernel have been used. An AES-GCM key is
 * good for 2^24.5 records (RFC 9846 5.5). Where the kernel cannot change keys, or the
 * peer does not, the session ends before that, in order, and the client comes again.
 */
#ifndef SSTPD_KEY_LIMIT_H
#define SSTPD_KEY_LIMIT_H

#include "conf/conf.h"
#include "lib/reason.h"
#include "parent/table.h"

/**
 * key_limit_init() - before the first session
 * @conf: at-key-limit, key-limit
 * @disconnect: ends a session
 * @reconnect: has that client replace its connection, which goes on until then; NULL, or
 *	why it does not
 */
void key_limit_init(const struct conf_main *conf,
		    bool (*disconnect)(uint32_t id, enum reason reason),
		    const char *(*reconnect)(uint32_t client));

/** key_limit_up() - the tunnel of @e stands; no-op where the kernel has no keys */
void key_limit_up(struct entry *e);
/** key_limit_resume() - it has stood for a while, made by another process */
void key_limit_resume(struct entry *e);
/** key_limit_down() - it does not any more */
void key_limit_down(struct entry *e);

/** key_limit_applies() - is there such a limit for @tls, "TLSv1.3 TLS_AES_128_GCM_SHA256"? */
bool key_limit_applies(const char *tls);

/** key_limit_records() - that limit, in TLS records */
uint32_t key_limit_records(void);
/** key_limit_renew_at() - records after which a client replaces its connection, 0 = never */
uint32_t key_limit_renew_at(const struct entry *e);
/** key_limit_fixed() - why do the keys of @e, in the kernel, not change; NULL if they do */
const char *key_limit_fixed(const struct entry *e);

/**
 * key_limit_next_ms() - when to look again, in ms
 * @used: records under the key that has been used more
 * @before: the same at the last look
 * @limit: it may not come to that
 *
 * Return: 0 if it would come to that before two more looks, or could before one.
 */
uint32_t key_limit_next_ms(uint64_t used, uint64_t before, uint64_t limit);

#endif /* SSTPD_KEY_LIMIT_H */
