// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/challenge.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "data/session_id.h"
#include "lib/container.h"
#include "lib/hash.h"
#include "lib/log.h"

struct challenge {
	struct hash_node node;
	uint32_t id;
	uint8_t bytes[MSCHAP_CHALLENGE_LEN];
};

static struct hash challenges;	/* by session */

static struct challenge *challenge_of(struct hash_node *node)
{
	return node ? container_of(node, struct challenge, node) : NULL;
}

static struct challenge *challenge_find(uint32_t id)
{
	struct hash_node *node = hash_first(&challenges, hash_u32(id));

	while (node && challenge_of(node)->id != id)
		node = hash_same(node);
	return challenge_of(node);
}

static void challenge_free(struct challenge *c)
{
	hash_remove(&challenges, &c->node);
	free(c);
}

bool challenge_new(uint32_t id, uint8_t out[static MSCHAP_CHALLENGE_LEN])
{
	struct challenge *c;

	if (RAND_bytes(out, MSCHAP_CHALLENGE_LEN) != 1)
		return false;
	c = challenge_find(id);
	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			log_fatal("out of memory");
		c->id = id;
		hash_add(&challenges, &c->node, hash_u32(id));
	}
	memcpy(c->bytes, out, sizeof(c->bytes));
	return true;
}

bool challenge_use(uint32_t id, const struct auth_request *req)
{
	bool md5 = req->method == AUTH_CHAP_MD5;
	const uint8_t *bytes = md5 ? req->md5.challenge : req->auth_challenge;
	struct challenge *c = challenge_find(id);
	bool good;

	if (!c)
		return false;
	good = (!md5 || req->md5.len == sizeof(c->bytes)) &&
	       CRYPTO_memcmp(c->bytes, bytes, sizeof(c->bytes)) == 0;
	challenge_free(c);
	return good;
}

void challenge_drop(uint32_t id)
{
	struct challenge *c = challenge_find(id);

	if (c)
		challenge_free(c);
}

void challenge_drop_engine(uint32_t engine, uint32_t n_engines)
{
	struct challenge *c, *next;

	for (c = challenge_of(hash_any(&challenges)); c; c = next) {
		next = challenge_of(hash_after(&challenges, &c->node));
		if (session_id_engine(c->id, n_engines) == engine)
			challenge_free(c);
	}
}

unsigned int challenge_count(void)
{
	return (unsigned int)challenges.n;
}
