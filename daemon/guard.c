// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "addr.h"
#include "auth.h"
#include "log.h"

#define GUARD_BUCKETS	1024
#define GUARD_WAYS	8
#define GUARD_KEY_LEN	16

/* @failures is 0 in an entry that is free. */
struct guard_entry {
	uint8_t key[GUARD_KEY_LEN];
	uint32_t failures;
	uint64_t last;		/* of the failures */
	uint64_t next;		/* attempt is looked at then */
};

/* @salt: nobody can aim for the bucket of somebody else. */
struct guard {
	uint8_t salt[16];
	struct guard_entry entries[GUARD_BUCKETS][GUARD_WAYS];
};

struct guard *guard_new(void)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (!g || RAND_bytes(g->salt, sizeof(g->salt)) != 1)
		log_fatal("out of memory or randomness");
	return g;
}

void guard_free(struct guard *g)
{
	free(g);
}

/* ---- keys --------------------------------------------------------------------- */

static void guard_key(const struct guard *g, char kind, const void *data,
		      size_t len, uint8_t key[static GUARD_KEY_LEN])
{
	uint8_t in[sizeof(g->salt) + 1 + AUTH_NAME_MAX];
	uint8_t digest[EVP_MAX_MD_SIZE];

	memcpy(in, g->salt, sizeof(g->salt));
	in[sizeof(g->salt)] = (uint8_t)kind;
	memcpy(in + sizeof(g->salt) + 1, data, len);
	if (!EVP_Digest(in, sizeof(g->salt) + 1 + len, digest, NULL,
			EVP_sha256(), NULL))
		log_fatal("no SHA-256");
	memcpy(key, digest, GUARD_KEY_LEN);
}

static void guard_user_key(const struct guard *g, const char *user,
			   uint8_t key[static GUARD_KEY_LEN])
{
	const char *plain = strrchr(user, '\\');
	char name[AUTH_NAME_MAX];
	size_t len;

	if (plain)
		user = plain + 1;
	for (len = 0; user[len] && len < sizeof(name); len++)
		name[len] = (char)tolower((unsigned char)user[len]);
	guard_key(g, 'u', name, len, key);
}

static void guard_source_key(const struct guard *g,
			     const struct sockaddr_storage *source,
			     uint8_t key[static GUARD_KEY_LEN])
{
	uint8_t text[ADDR_SOURCE_LEN];

	addr_source(source, text);
	guard_key(g, 's', text, sizeof(text), key);
}

/* ---- entries ------------------------------------------------------------------ */

static struct guard_entry *guard_bucket(struct guard *g, const uint8_t *key)
{
	return g->entries[(key[0] << 8 | key[1]) % GUARD_BUCKETS];
}

static struct guard_entry *guard_find(struct guard *g, const uint8_t *key)
{
	struct guard_entry *e = guard_bucket(g, key);

	for (int i = 0; i < GUARD_WAYS; i++, e++)
		if (e->failures && !memcmp(e->key, key, GUARD_KEY_LEN))
			return e;
	return NULL;
}

/* The same, but what is old enough is forgotten. */
static struct guard_entry *guard_recall(struct guard *g,
					const struct guard_cfg *cfg,
					const uint8_t *key, uint64_t now)
{
	struct guard_entry *e = guard_find(g, key);

	if (!e || now - e->last < cfg->memory_ms)
		return e;
	memset(e, 0, sizeof(*e));
	return NULL;
}

static struct guard_entry *guard_make(struct guard *g, const uint8_t *key)
{
	struct guard_entry *bucket = guard_bucket(g, key);
	struct guard_entry *e = bucket;

	for (int i = 0; i < GUARD_WAYS; i++)
		if (!bucket[i].failures || bucket[i].last < e->last)
			e = &bucket[i];
	*e = (struct guard_entry){ 0 };
	memcpy(e->key, key, GUARD_KEY_LEN);
	return e;
}

static uint32_t guard_delay(const struct guard_cfg *cfg, uint32_t failures,
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

static void guard_reserve(struct guard_entry *e, const struct guard_cfg *cfg,
			  uint32_t free, uint64_t at)
{
	uint32_t delay = e ? guard_delay(cfg, e->failures, free) : 0;

	if (delay)
		e->next = at + delay;
}

/* ---- attempts ----------------------------------------------------------------- */

uint32_t guard_admit(struct guard *g, const struct guard_cfg *cfg,
		     const struct sockaddr_storage *source, const char *user,
		     uint64_t now)
{
	uint8_t source_key[GUARD_KEY_LEN], user_key[GUARD_KEY_LEN];
	struct guard_entry *s, *u;
	uint64_t at = now;

	if (!cfg->delay_ms)
		return 0;
	guard_source_key(g, source, source_key);
	guard_user_key(g, user, user_key);
	s = guard_recall(g, cfg, source_key, now);
	u = guard_recall(g, cfg, user_key, now);
	if (s && s->next > at)
		at = s->next;
	if (u && u->next > at)
		at = u->next;
	if (at - now > cfg->hold_max_ms)
		return GUARD_REFUSE;
	/* The next one stands in line behind this one. */
	guard_reserve(s, cfg, cfg->source_free, at);
	guard_reserve(u, cfg, cfg->user_free, at);
	return (uint32_t)(at - now);
}

static void guard_count(struct guard *g, const struct guard_cfg *cfg,
			const uint8_t *key, uint32_t free, uint64_t now)
{
	struct guard_entry *e = guard_recall(g, cfg, key, now);
	uint64_t next;

	if (!e)
		e = guard_make(g, key);
	if (e->failures < UINT32_MAX)
		e->failures++;
	e->last = now;
	next = now + guard_delay(cfg, e->failures, free);
	if (next > e->next)
		e->next = next;
}

void guard_failed(struct guard *g, const struct guard_cfg *cfg,
		  const struct sockaddr_storage *source, const char *user,
		  uint64_t now)
{
	uint8_t key[GUARD_KEY_LEN];

	guard_source_key(g, source, key);
	guard_count(g, cfg, key, cfg->source_free, now);
	guard_user_key(g, user, key);
	guard_count(g, cfg, key, cfg->user_free, now);
}

void guard_succeeded(struct guard *g, const char *user)
{
	uint8_t key[GUARD_KEY_LEN];
	struct guard_entry *e;

	guard_user_key(g, user, key);
	e = guard_find(g, key);
	if (e)
		memset(e, 0, sizeof(*e));
}
