// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 2759 section 9.2, RFC 3079 section 3.5.3; tests/vectors/mschapv2.json. */
#include "rig/vectors.h"

#include "auth/mschap.h"

static struct json_object *file;
static struct mschap *m;

struct exchange {
	const char *user;
	const char *password;
	uint8_t auth[MSCHAP_CHALLENGE_LEN];
	uint8_t peer[MSCHAP_CHALLENGE_LEN];
	uint8_t challenge[8];
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	const char *auth_response;
	uint8_t hlak[MSCHAP_HLAK_LEN];
};

static size_t exchange_count(void)
{
	return json_object_array_length(vec_get(file, "exchanges"));
}

static void exchange_load(size_t i, struct exchange *x)
{
	struct json_object *o = json_object_array_get_idx(vec_get(file, "exchanges"), i);

	x->user = vec_str(o, "user");
	x->password = vec_str(o, "password");
	x->auth_response = vec_str(o, "auth_response");
	vec_bytes(o, "auth_challenge", x->auth, sizeof(x->auth));
	vec_bytes(o, "peer_challenge", x->peer, sizeof(x->peer));
	vec_bytes(o, "challenge_hash", x->challenge, sizeof(x->challenge));
	vec_bytes(o, "nt_hash", x->nt_hash, sizeof(x->nt_hash));
	vec_bytes(o, "nt_response", x->nt_response, sizeof(x->nt_response));
	vec_bytes(o, "hlak", x->hlak, sizeof(x->hlak));
}

static void each_step(void **state)
{
	char auth_response[MSCHAP_AUTH_RESPONSE_LEN + 1];
	uint8_t out[MSCHAP_HLAK_LEN];
	struct exchange x;
	size_t i;

	(void)state;
	assert_int_equal(exchange_count(), 2);
	for (i = 0; i < exchange_count(); i++) {
		exchange_load(i, &x);
		assert_int_equal(mschap_nt_hash(m, x.password, strlen(x.password), out), 0);
		assert_memory_equal(out, x.nt_hash, sizeof(x.nt_hash));
		assert_int_equal(mschap_challenge_hash(m, x.peer, x.auth, x.user, out), 0);
		assert_memory_equal(out, x.challenge, sizeof(x.challenge));
		assert_int_equal(mschap_nt_response(m, x.challenge, x.nt_hash, out), 0);
		assert_memory_equal(out, x.nt_response, sizeof(x.nt_response));
		assert_int_equal(mschap_auth_response(m, x.nt_hash, x.nt_response,
						      x.challenge, auth_response), 0);
		assert_string_equal(auth_response, x.auth_response);
		assert_int_equal(mschap_hlak(m, x.nt_hash, x.nt_response, out), 0);
		assert_memory_equal(out, x.hlak, sizeof(x.hlak));
	}
}

static void whole_exchange(void **state)
{
	struct mschap_result res;
	struct exchange x;
	size_t i;

	(void)state;
	for (i = 0; i < exchange_count(); i++) {
		exchange_load(i, &x);
		assert_int_equal(mschap_compute(m, x.nt_hash, x.user, x.auth, x.peer, &res), 0);
		assert_memory_equal(res.nt_response, x.nt_response, sizeof(x.nt_response));
		assert_string_equal(res.auth_response, x.auth_response);
		assert_memory_equal(res.hlak, x.hlak, sizeof(x.hlak));
		assert_int_equal(mschap_verify(m, x.nt_hash, x.user, x.auth, x.peer,
					       x.nt_response, &res), 1);
		assert_memory_equal(res.hlak, x.hlak, sizeof(x.hlak));
	}
}

static void published_response_and_keys(void **state)
{
	struct json_object *o = vec_get(file, "nt_response_only");
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN], keys[MSCHAP_HLAK_LEN];
	uint8_t response[MSCHAP_NT_RESPONSE_LEN], hlak[MSCHAP_HLAK_LEN];
	const char *password = vec_str(o, "password");

	(void)state;
	vec_bytes(o, "nt_response", response, sizeof(response));
	vec_bytes(o, "send_key", keys, MSCHAP_KEY_LEN);
	vec_bytes(o, "recv_key", keys + MSCHAP_KEY_LEN, MSCHAP_KEY_LEN);
	assert_int_equal(mschap_nt_hash(m, password, strlen(password), nt_hash), 0);
	assert_int_equal(mschap_hlak(m, nt_hash, response, hlak), 0);
	assert_memory_equal(hlak, keys, sizeof(keys));
}

static void wrong_response_leaves_no_key(void **state)
{
	static const struct mschap_result wiped;
	struct mschap_result res;
	struct exchange x;

	(void)state;
	exchange_load(0, &x);
	memset(&res, 0xff, sizeof(res));
	x.nt_response[23] ^= 1;
	assert_int_equal(mschap_verify(m, x.nt_hash, x.user, x.auth, x.peer,
				       x.nt_response, &res), 0);
	assert_memory_equal(&res, &wiped, sizeof(res));
	x.nt_response[23] ^= 1;
	x.auth[0] ^= 1;
	assert_int_equal(mschap_verify(m, x.nt_hash, x.user, x.auth, x.peer,
				       x.nt_response, &res), 0);
}

static void domain_is_not_hashed(void **state)
{
	uint8_t with[8], without[8];
	struct exchange x;

	(void)state;
	exchange_load(0, &x);
	assert_int_equal(mschap_challenge_hash(m, x.peer, x.auth, "User", without), 0);
	assert_int_equal(mschap_challenge_hash(m, x.peer, x.auth, "CORP\\User", with), 0);
	assert_memory_equal(with, without, 8);
	assert_int_equal(mschap_challenge_hash(m, x.peer, x.auth, "", with), 0);
	assert_memory_not_equal(with, without, 8);
}

/* U+1D11E needs a surrogate pair: the same hash as its UTF-16 bytes. */
static void password_encodings(void **state)
{
	static const char *const refused[] = {
		"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\x80", "ab\xc3(", "\xf8\x88\x80\x80\x80",
	};
	uint8_t a[MSCHAP_NT_HASH_LEN], b[MSCHAP_NT_HASH_LEN];
	char longest[MSCHAP_PASSWORD_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(mschap_nt_hash(m, refused[i], strlen(refused[i]), a), -1);
	assert_int_equal(mschap_nt_hash(m, "\xf0\x9d\x84\x9e", 4, a), 0);
	assert_int_equal(mschap_nt_hash(m, "", 0, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(mschap_nt_hash(m, longest, MSCHAP_PASSWORD_MAX, a), 0);
	assert_int_equal(mschap_nt_hash(m, longest, MSCHAP_PASSWORD_MAX + 1, a), -1);
}

/* MD4 of nothing, RFC 1320 A.5: the hash of the empty password. */
static void empty_password(void **state)
{
	uint8_t expect[MSCHAP_NT_HASH_LEN], hash[MSCHAP_NT_HASH_LEN];

	(void)state;
	hex_decode("31d6cfe0d16ae931b73c59d7e0c089c0", expect, sizeof(expect));
	assert_int_equal(mschap_nt_hash(m, "", 0, hash), 0);
	assert_memory_equal(hash, expect, sizeof(hash));
}

static int load(void **state)
{
	(void)state;
	file = vectors_load("mschapv2");
	m = mschap_new();
	return m ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	mschap_free(m);
	mschap_free(NULL);
	json_object_put(file);
	return 0;
}

struct change {
	uint8_t old_hash[MSCHAP_NT_HASH_LEN];
	uint8_t new_hash[MSCHAP_NT_HASH_LEN];
	uint8_t password[MSCHAP_NEW_PASSWORD_LEN];
	uint8_t check[MSCHAP_NT_HASH_LEN];
};

static struct json_object *change_load(struct change *c)
{
	struct json_object *o = vec_get(file, "change_password");
	const char *old_password = vec_str(o, "old_password");
	const char *new_password = vec_str(o, "new_password");

	assert_int_equal(mschap_nt_hash(m, old_password, strlen(old_password), c->old_hash), 0);
	assert_int_equal(mschap_nt_hash(m, new_password, strlen(new_password), c->new_hash), 0);
	vec_bytes(o, "encrypted_password", c->password, sizeof(c->password));
	vec_bytes(o, "encrypted_hash", c->check, sizeof(c->check));
	return o;
}

static void new_password(void **state)
{
	uint8_t auth[MSCHAP_CHALLENGE_LEN], peer[MSCHAP_CHALLENGE_LEN];
	uint8_t nt_response[MSCHAP_NT_RESPONSE_LEN];
	uint8_t got[MSCHAP_NT_HASH_LEN], check[MSCHAP_NT_HASH_LEN];
	uint8_t password[MSCHAP_NEW_PASSWORD_LEN];
	struct mschap_result res;
	struct json_object *o;
	struct change c;

	(void)state;
	o = change_load(&c);
	assert_int_equal(mschap_change(m, c.old_hash, c.password, c.check, got), 1);
	assert_memory_equal(got, c.new_hash, sizeof(got));
	/* Our own, which is another one each time. */
	assert_int_equal(mschap_make_change(m, c.old_hash, vec_str(o, "new_password"), password,
					    check, got), 0);
	assert_memory_equal(got, c.new_hash, sizeof(got));
	assert_memory_equal(check, c.check, sizeof(check));
	assert_memory_not_equal(password, c.password, sizeof(password));
	assert_int_equal(mschap_change(m, c.old_hash, password, check, got), 1);
	assert_memory_equal(got, c.new_hash, sizeof(got));
	vec_bytes(o, "auth_challenge", auth, sizeof(auth));
	vec_bytes(o, "peer_challenge", peer, sizeof(peer));
	vec_bytes(o, "nt_response", nt_response, sizeof(nt_response));
	assert_int_equal(mschap_verify(m, got, vec_str(o, "user"), auth, peer, nt_response, &res),
			 1);
}

/* Whoever does not know the old one: any length comes out, and no hash that fits. */
static void new_password_of_a_stranger(void **state)
{
	static const uint8_t zero[MSCHAP_NT_HASH_LEN];
	uint8_t got[MSCHAP_NT_HASH_LEN];
	struct change c;
	size_t i;

	(void)state;
	for (i = 0; i < 8 * sizeof(c.old_hash); i++) {
		change_load(&c);
		c.old_hash[i / 8] ^= 1u << i % 8;
		assert_int_equal(mschap_change(m, c.old_hash, c.password, c.check, got), 0);
		assert_memory_equal(got, zero, sizeof(got));
		change_load(&c);
		c.check[i / 8] ^= 1u << i % 8;
		assert_int_equal(mschap_change(m, c.old_hash, c.password, c.check, got), 0);
	}
	/* Every bit of the length, and of the password before it. */
	for (i = 0; i < 20 * 8; i++) {
		change_load(&c);
		c.password[MSCHAP_NEW_PASSWORD_LEN - 1 - i / 8] ^= 1u << i % 8;
		assert_int_equal(mschap_change(m, c.old_hash, c.password, c.check, got), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step),
		cmocka_unit_test(whole_exchange),
		cmocka_unit_test(published_response_and_keys),
		cmocka_unit_test(wrong_response_leaves_no_key),
		cmocka_unit_test(domain_is_not_hashed),
		cmocka_unit_test(password_encodings),
		cmocka_unit_test(empty_password),
		cmocka_unit_test(new_password),
		cmocka_unit_test(new_password_of_a_stranger),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
