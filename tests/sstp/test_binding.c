// SPDX-License-Identifier: GPL-2.0-or-later
/* MS-SSTP section 4.7 and further vectors, see tests/vectors/binding.json. */
#include "rig/vectors.h"

#include <openssl/evp.h>

#include "sstp/binding.h"

struct vector {
	uint8_t hash;
	uint8_t nonce[SSTP_NONCE_LEN];
	struct binding_cert cert;
	uint8_t hlak[BINDING_HLAK_LEN];
	uint8_t cmk[BINDING_HASH_MAX];
	uint8_t mac[BINDING_HASH_MAX];
	uint8_t connected[SSTP_CONNECTED_LEN];
};

static struct json_object *file;

static size_t vector_count(void)
{
	return json_object_array_length(vec_get(file, "vectors"));
}

static struct json_object *vector_load(size_t i, struct vector *v)
{
	struct json_object *o = json_object_array_get_idx(vec_get(file, "vectors"), i);
	size_t len;

	memset(v, 0, sizeof(*v));
	v->hash = vec_int(o, "hash_protocol");
	len = binding_hash_len(v->hash);
	vec_bytes(o, "nonce", v->nonce, sizeof(v->nonce));
	vec_bytes(o, "cert_hash", v->hash == SSTP_HASH_SHA1 ? v->cert.sha1 : v->cert.sha256,
		  len);
	vec_bytes(o, "hlak", v->hlak, sizeof(v->hlak));
	vec_bytes(o, "cmk", v->cmk, len);
	vec_bytes(o, "cmac", v->mac, len);
	vec_bytes(o, "call_connected", v->connected, sizeof(v->connected));
	return o;
}

static enum binding_result verify(const struct vector *v)
{
	return binding_verify(v->connected, SSTP_HASH_SHA1 | SSTP_HASH_SHA256, v->nonce,
			      &v->cert, v->hlak);
}

/* What a wrong MAC looks like, so that a failing test names the mistake. */
static void explain(struct json_object *o, const uint8_t *mac, size_t len)
{
	struct json_object_iterator it, end;
	uint8_t wrong[BINDING_HASH_MAX];

	if (!vec_has(o, "wrong"))
		return;
	it = json_object_iter_begin(vec_get(o, "wrong"));
	end = json_object_iter_end(vec_get(o, "wrong"));
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);

		vec_bytes(vec_get(o, "wrong"), name, wrong, len);
		if (!memcmp(mac, wrong, len))
			fail_msg("%s: the mistake is %s", vec_str(o, "id"), name);
	}
}

static void vectors_cmk_and_mac(void **state)
{
	uint8_t cmk[BINDING_HASH_MAX], mac[BINDING_HASH_MAX];
	struct json_object *o;
	struct vector v;
	size_t i, len;

	(void)state;
	assert_int_equal(vector_count(), 10);
	for (i = 0; i < vector_count(); i++) {
		o = vector_load(i, &v);
		len = binding_hash_len(v.hash);
		assert_int_equal(binding_cmk(v.hash, v.hlak, cmk), 0);
		assert_memory_equal(cmk, v.cmk, len);
		assert_int_equal(binding_mac(v.hash, v.hlak, v.connected, mac), 0);
		explain(o, mac, len);
		assert_memory_equal(mac, v.mac, len);
	}
}

static void vectors_verify(void **state)
{
	struct vector v;
	size_t i;

	(void)state;
	for (i = 0; i < vector_count(); i++) {
		vector_load(i, &v);
		assert_int_equal(verify(&v), BINDING_OK);
	}
}

static void vectors_are_what_a_client_sends(void **state)
{
	uint8_t pkt[SSTP_CONNECTED_LEN];
	struct vector v;
	struct wbuf w;
	size_t i;

	(void)state;
	for (i = 0; i < vector_count(); i++) {
		vector_load(i, &v);
		w = wbuf_of(pkt, sizeof(pkt));
		sstp_put_connected(&w, v.hash, v.nonce, binding_cert_hash(&v.cert, v.hash),
				   binding_hash_len(v.hash));
		assert_false(w.bad);
		assert_int_equal(w.len, SSTP_CONNECTED_LEN);
		assert_int_equal(binding_sign(pkt, v.hlak), 0);
		assert_memory_equal(pkt, v.connected, sizeof(pkt));
	}
}

/* Every wrong MAC of the file must be refused. */
static void mistakes_are_refused(void **state)
{
	struct json_object_iterator it, end;
	unsigned int n = 0;
	struct vector v;
	size_t i;

	(void)state;
	for (i = 0; i < vector_count(); i++) {
		struct json_object *o = vector_load(i, &v);

		if (!vec_has(o, "wrong"))
			continue;
		it = json_object_iter_begin(vec_get(o, "wrong"));
		end = json_object_iter_end(vec_get(o, "wrong"));
		for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
			const char *name = json_object_iter_peek_name(&it);

			vec_bytes(vec_get(o, "wrong"), name, v.connected + 80,
				  binding_hash_len(v.hash));
			assert_int_equal(verify(&v), strcmp(name, "hlak_zero") ?
					 BINDING_BAD_MAC : BINDING_ZERO_KEY);
			n++;
		}
	}
	assert_int_equal(n, 18);
}

static void any_flipped_bit_is_refused(void **state)
{
	struct vector v;
	size_t bit;

	(void)state;
	vector_load(3, &v);
	for (bit = 0; bit < 8 * SSTP_CONNECTED_LEN; bit++) {
		v.connected[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(verify(&v), BINDING_OK);
		v.connected[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(verify(&v), BINDING_OK);
}

static void each_field_has_its_verdict(void **state)
{
	struct vector v;

	(void)state;
	vector_load(3, &v);
	assert_int_equal(binding_verify(v.connected, SSTP_HASH_SHA1, v.nonce, &v.cert, v.hlak),
			 BINDING_BAD_HASH);
	v.connected[15] = 3;
	assert_int_equal(verify(&v), BINDING_BAD_HASH);
	v.connected[15] = 0;
	assert_int_equal(verify(&v), BINDING_BAD_HASH);
	vector_load(3, &v);
	v.connected[16] ^= 1;
	assert_int_equal(verify(&v), BINDING_BAD_NONCE);
	vector_load(3, &v);
	v.connected[79] ^= 1;
	assert_int_equal(verify(&v), BINDING_BAD_CERT);
	vector_load(3, &v);
	v.hlak[31] ^= 1;
	assert_int_equal(verify(&v), BINDING_BAD_MAC);
	/* Vector 1 is SHA-1: twelve bytes of padding behind each value. */
	vector_load(1, &v);
	v.connected[68] = 1;
	assert_int_equal(verify(&v), BINDING_BAD_PADDING);
	vector_load(1, &v);
	v.connected[111] = 1;
	assert_int_equal(verify(&v), BINDING_BAD_PADDING);
}

/* The MAC covers what was received, reserved bits included. */
static void reserved_bits_are_covered(void **state)
{
	struct vector v;

	(void)state;
	vector_load(3, &v);
	v.connected[1] = 0xff;
	v.connected[2] = 0xf0;
	assert_int_equal(verify(&v), BINDING_BAD_MAC);
	assert_int_equal(binding_sign(v.connected, v.hlak), 0);
	assert_int_equal(verify(&v), BINDING_OK);
}

static void certificate_fingerprints(void **state)
{
	struct json_object *o = vec_get(file, "certificate");
	const char *base64 = vec_str(o, "der_base64");
	uint8_t sha1[BINDING_SHA1_LEN], sha256[BINDING_HASH_MAX];
	struct binding_cert cert;
	uint8_t der[1024];
	int len;

	(void)state;
	len = EVP_DecodeBlock(der, (const unsigned char *)base64, strlen(base64));
	assert_true(len > 0);
	/* EVP_DecodeBlock() counts the padding as zero bytes. */
	len -= strlen(base64) - strcspn(base64, "=");
	vec_bytes(o, "sha1", sha1, sizeof(sha1));
	vec_bytes(o, "sha256", sha256, sizeof(sha256));
	assert_int_equal(binding_cert_init(&cert, der, len), 0);
	assert_memory_equal(cert.sha1, sha1, sizeof(sha1));
	assert_memory_equal(cert.sha256, sha256, sizeof(sha256));
}

static int load(void **state)
{
	(void)state;
	file = vectors_load("binding");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	json_object_put(file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_cmk_and_mac),
		cmocka_unit_test(vectors_verify),
		cmocka_unit_test(vectors_are_what_a_client_sends),
		cmocka_unit_test(mistakes_are_refused),
		cmocka_unit_test(any_flipped_bit_is_refused),
		cmocka_unit_test(each_field_has_its_verdict),
		cmocka_unit_test(reserved_bits_are_covered),
		cmocka_unit_test(certificate_fingerprints),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
