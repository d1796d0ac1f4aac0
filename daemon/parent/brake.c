// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/brake.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "data/login.h"
#include "lib/addr.h"
#include "lib/log.h"

#define BRAKE_BUCKETS	1024
#define BRAKE_WAYS	8
#define BRAKE_KEY_LEN	16

/* How long it counts that a user has logged in at a source. */
#define BRAKE_KNOWN_MS	(UINT64_C(30) * 24 * 3600 * 1000)

/* Free is an entry whose @last is 0. */
struct brake_entry {
	uint8_t key[BRAKE_KEY_LEN];
	uint32_t failures;
	uint64_t last;		/* of the failures, or of the good logins */
	uint64_t next;		/* attempt is looked at then */
};

typedef struct brake_entry brake_table[BRAKE_BUCKETS][BRAKE_WAYS];

/* @salt: nobody can aim for the bucket of somebody else. */
struct brake {
	uint8_t salt[16];
	brake_table failed;	/* by source, by user, by both */
	brake_table known;	/* by both: good logins, and failures after them */
};

/* What an attempt is looked up by. */
struct brake_keys {
	uint8_t source[BRAKE_KEY_LEN];
	uint8_t user[BRAKE_KEY_LEN];
	uint8_t both[BRAKE_KEY_LEN];
};

struct brake *brake_new(void)
{
	struct brake *g = calloc(1, sizeof(*g));

	if (!g || RAND_bytes(g->salt, sizeof(g->salt)) != 1)
		log_fatal("out of memory or randomness");
	return g;
}

void brake_free(struct brake *g)
{
	free(g);
}

/* ---- keys --------------------------------------------------------------------- */

static void brake_key(const struct brake *g, char kind, const void *data,
		      size_t len, uint8_t key[static BRAKE_KEY_LEN])
{
	uint8_t in[sizeof(g->salt) + 1 + ADDR_SOURCE_LEN + AUTH_NAME_MAX];
	uint8_t digest[EVP_MAX_MD_SIZE];

	memcpy(in, g->salt, sizeof(g->salt));
	in[sizeof(g->salt)] = (uint8_t)kind;
	memcpy(in + sizeof(g->salt) + 1, data, len);
	if (!EVP_Digest(in, sizeof(g->salt) + 1 + len, digest, NULL,
			EVP_sha256(), NULL))
		log_fatal("no SHA-256");
	memcpy(key, digest, BRAKE_KEY_LEN);
}

static struct brake_keys brake_keys(const struct brake *g,
				    const struct sockaddr_storage *source,
				    const char *user)
{
	/* Whose it is does not matter yet: nobody is to have more guesses by a capital. */
	const struct account account = account_of(ACCOUNT_CLAIMED, true, user);
	uint8_t both[ADDR_SOURCE_LEN + AUTH_NAME_MAX];
	uint8_t *name = both + ADDR_SOURCE_LEN;
	struct brake_keys keys;
	size_t len = strlen(account.key + 1);

	addr_source(source, both);
	memcpy(name, account.key + 1, len);
	brake_key(g, 's', both, ADDR_SOURCE_LEN, keys.source);
	brake_key(g, 'u', name, len, keys.user);
	brake_key(g, 'b', both, ADDR_SOURCE_LEN + len, keys.both);
	return keys;
}

/* ---- entries ------------------------------------------------------------------ */

static struct brake_entry *brake_find(brake_table table, const uint8_t *key)
{
	struct brake_entry *e = table[(key[0] << 8 | key[1]) % BRAKE_BUCKETS];

	for (int i = 0; i < BRAKE_WAYS; i++, e++)
		if (e->last && !memcmp(e->key, key, BRAKE_KEY_LEN))
			return e;
	return NULL;
}

/* The same, but what is old enough is forgotten. */
static struct brake_entry *brake_recall(brake_table table, uint64_t memory_ms,
					const uint8_t *key, uint64_t now)
{
	struct brake_entry *e = brake_find(table, key);

	if (!e || now - e->last < memory_ms)
		return e;
	memset(e, 0, sizeof(*e));
	return NULL;
}

static struct brake_entry *brake_make(brake_table table, const uint8_t *key)
{
	struct brake_entry *bucket = table[(key[0] << 8 | key[1]) % BRAKE_BUCKETS];
	struct brake_entry *e = bucket;

	for (int i = 0; i < BRAKE_WAYS; i++)
		if (bucket[i].last < e->last)
			e = &bucket[i];
	*e = (struct brake_entry){ 0 };
	memcpy(e->key, key, BRAKE_KEY_LEN);
	return e;
}

static uint32_t brake_delay(const struct brake_cfg *cfg, uint32_t failures,
			    uint32_t free)
{
	uint64_t delay = cfg->delay_ms;

	if (failures <= free)
		return 0;
	for (uint32_t i = free + 1; i < failures && delay < cfg->delay_max_ms;
	     i++)
		delay *= 2;
	return delay < cfg->delay_max_ms ? (uint32_t)delay : cfg->delay_max_ms;
}

/* ---- attempts ----------------------------------------------------------------- */

/* What an attempt falls under, with the failures that are free there. */
struct brake_scope {
	struct brake_entry *e;
	uint32_t free;
};

#define BRAKE_SCOPES	3

/* That a user was at a source before outlives what failed there. */
static struct brake_entry *brake_recall_known(struct brake *g, const struct brake_cfg *cfg,
					      const uint8_t *key, uint64_t now)
{
	struct brake_entry *e = brake_recall(g->known, BRAKE_KNOWN_MS, key, now);

	if (e && now - e->last >= cfg->memory_ms) {
		e->failures = 0;
		e->next = 0;
	}
	return e;
}

/* A user who was here before is alone with what failed here since then. */
static void brake_scopes(struct brake *g, const struct brake_cfg *cfg,
			 const struct brake_keys *keys, uint64_t now,
			 struct brake_scope scopes[static BRAKE_SCOPES])
{
	struct brake_entry *known = brake_recall_known(g, cfg, keys->both, now);
	const struct brake_scope all[BRAKE_SCOPES] = {
		{ brake_recall(g->failed, cfg->memory_ms, keys->source, now),
		  cfg->source_free },
		{ brake_recall(g->failed, cfg->memory_ms, keys->user, now),
		  cfg->user_free },
		{ brake_recall(g->failed, cfg->memory_ms, keys->both, now),
		  cfg->user_free },
	};

	memset(scopes, 0, BRAKE_SCOPES * sizeof(*scopes));
	if (known)
		scopes[0] = (struct brake_scope){ known, cfg->user_free };
	else
		memcpy(scopes, all, sizeof(all));
}

uint32_t brake_admit(struct brake *g, const struct brake_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now)
{
	const struct brake_keys keys = brake_keys(g, source, user);
	struct brake_scope scopes[BRAKE_SCOPES];
	uint64_t at = now;
	uint32_t delay;

	if (!cfg->delay_ms)
		return 0;
	brake_scopes(g, cfg, &keys, now, scopes);
	for (int i = 0; i < BRAKE_SCOPES; i++)
		if (scopes[i].e && scopes[i].e->next > at)
			at = scopes[i].e->next;
	if (at - now > cfg->hold_max_ms)
		return BRAKE_REFUSE;
	/* The next one stands in line behind this one. */
	for (int i = 0; i < BRAKE_SCOPES; i++) {
		delay = scopes[i].e ? brake_delay(cfg, scopes[i].e->failures,
						  scopes[i].free) : 0;
		if (delay)
			scopes[i].e->next = at + delay;
	}
	return (uint32_t)(at - now);
}

static void brake_punish(struct brake_entry *e, const struct brake_cfg *cfg,
			 uint32_t free, uint64_t now)
{
	uint64_t next;

	if (e->failures < UINT32_MAX)
		e->failures++;
	e->last = now;
	next = now + brake_delay(cfg, e->failures, free);
	if (next > e->next)
		e->next = next;
}

/* Return: it is the first failure of that key. */
static bool brake_count(struct brake *g, const struct brake_cfg *cfg,
			const uint8_t *key, uint32_t free, uint64_t now)
{
	struct brake_entry *e = brake_recall(g->failed, cfg->memory_ms, key, now);

	if (!e)
		e = brake_make(g->failed, key);
	brake_punish(e, cfg, free, now);
	return e->failures == 1;
}

void brake_failed(struct brake *g, const struct brake_cfg *cfg,
		  const struct sockaddr_storage *source, const char *user,
		  uint64_t now)
{
	const struct brake_keys keys = brake_keys(g, source, user);
	struct brake_entry *known = brake_recall_known(g, cfg, keys.both, now);

	if (known)
		brake_punish(known, cfg, cfg->user_free, now);
	brake_count(g, cfg, keys.user, cfg->user_free, now);
	if (brake_count(g, cfg, keys.both, cfg->user_free, now))
		brake_count(g, cfg, keys.source, cfg->source_free, now);
}

static void brake_clear(brake_table table, const uint8_t *key)
{
	struct brake_entry *e = brake_find(table, key);

	if (e)
		memset(e, 0, sizeof(*e));
}

void brake_succeeded(struct brake *g, const struct brake_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now)
{
	const struct brake_keys keys = brake_keys(g, source, user);
	struct brake_entry *e = brake_find(g->known, keys.both);
	struct brake_entry *s = brake_find(g->failed, keys.source);
	uint32_t delay;

	if (!e && s) {
		delay = brake_delay(cfg, s->failures, cfg->source_free);
		s->next = s->next > now + delay ? s->next - delay : now;
	}
	if (!e)
		e = brake_make(g->known, keys.both);
	e->failures = 0;
	e->next = 0;
	e->last = now;
	brake_clear(g->failed, keys.user);
	brake_clear(g->failed, keys.both);
}
