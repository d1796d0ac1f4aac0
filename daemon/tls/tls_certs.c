// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/tls_certs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "data/settings.h"
#include "lib/log.h"
#include "tls/ocsp.h"
#include "tls/tls_error.h"

struct tls_certs_one {
	X509 *leaf;
	STACK_OF(X509) *chain;
	EVP_PKEY *key;
	struct ocsp_staple staple;
};

struct tls_certs {
	unsigned int n;
	struct tls_certs_one one[CONF_CERTS_MAX];
};

/* ---- life: as long as the context ---------------------------------------------- */

static void tls_certs_free_one(struct tls_certs_one *one)
{
	X509_free(one->leaf);
	sk_X509_pop_free(one->chain, X509_free);
	EVP_PKEY_free(one->key);
	ocsp_staple_free(&one->staple);
}

static void tls_certs_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad,
			   int index, long argl, void *argp)
{
	struct tls_certs *certs = ptr;

	(void)parent;
	(void)ad;
	(void)index;
	(void)argl;
	(void)argp;
	if (!certs)
		return;
	for (unsigned int i = 0; i < certs->n; i++)
		tls_certs_free_one(&certs->one[i]);
	free(certs);
}

static int tls_certs_index = -1;

static struct tls_certs *tls_certs_of(SSL_CTX *ctx)
{
	struct tls_certs *certs;

	if (tls_certs_index < 0)
		tls_certs_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL,
							   tls_certs_free);
	certs = calloc(1, sizeof(*certs));
	if (tls_certs_index < 0 || !certs ||
	    !SSL_CTX_set_ex_data(ctx, tls_certs_index, certs))
		log_fatal("out of memory");
	return certs;
}

/* ---- choice ------------------------------------------------------------------- */

static bool tls_certs_valid_for(X509 *leaf, const char *name)
{
	return X509_check_host(leaf, name, 0,
			       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
			       NULL) == 1;
}

/* The first one, and those that carry its first name too. */
static bool tls_certs_like_first(const struct tls_certs *certs, X509 *leaf)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certs->one[0].leaf,
						NID_subject_alt_name, NULL,
						NULL);
	GENERAL_NAME *wanted = sk_GENERAL_NAME_value(names, 0);
	GENERAL_NAMES *others = X509_get_ext_d2i(leaf, NID_subject_alt_name,
						 NULL, NULL);
	bool like = leaf == certs->one[0].leaf;

	for (int i = 0; wanted && i < sk_GENERAL_NAME_num(others); i++)
		like |= GENERAL_NAME_cmp(wanted,
					 sk_GENERAL_NAME_value(others, i)) == 0;
	GENERAL_NAMES_free(names);
	GENERAL_NAMES_free(others);
	return like;
}

static bool tls_certs_give(SSL *ssl, const struct tls_certs_one *one)
{
	/* 0: of two with the same type of key the first one counts. */
	if (SSL_use_cert_and_key(ssl, one->leaf, one->key, one->chain, 0) == 1)
		return true;
	ERR_clear_error();
	return false;
}

static int tls_certs_on_hello(SSL *ssl, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct tls_certs *certs = arg;
	unsigned int given = 0;
	unsigned int i;

	SSL_certs_clear(ssl);
	for (i = 0; name && i < certs->n; i++)
		if (tls_certs_valid_for(certs->one[i].leaf, name))
			given += tls_certs_give(ssl, &certs->one[i]);
	for (i = 0; !given && i < certs->n; i++)
		if (tls_certs_like_first(certs, certs->one[i].leaf))
			tls_certs_give(ssl, &certs->one[i]);
	return 1;
}

/* ---- reading ------------------------------------------------------------------ */

int tls_no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* Leaf first, then the rest of the chain. */
static bool tls_certs_read_chain(struct tls_certs_one *one, BIO *bio)
{
	X509 *cert;

	one->leaf = PEM_read_bio_X509_AUX(bio, NULL, tls_no_passphrase, NULL);
	one->chain = sk_X509_new_null();
	if (!one->leaf || !one->chain)
		return false;
	while ((cert = PEM_read_bio_X509(bio, NULL, tls_no_passphrase,
					 NULL)))
		if (!sk_X509_push(one->chain, cert))
			log_fatal("out of memory");
	/* The end of the file is how the loop ends. */
	ERR_clear_error();
	return true;
}

/* Return: NULL, or what cannot be used. */
static const char *tls_certs_read(SSL_CTX *ctx, struct tls_certs_one *one,
				  const struct tls_cert_files *files)
{
	BIO *cert = BIO_new_fd(files->cert, BIO_NOCLOSE);
	BIO *key = BIO_new_fd(files->key, BIO_NOCLOSE);
	const char *bad = NULL;

	if (!cert || !key)
		log_fatal("out of memory");
	if (!tls_certs_read_chain(one, cert))
		bad = "certificate";
	else
		one->key = PEM_read_bio_PrivateKey(key, NULL, tls_no_passphrase,
						   NULL);
	if (!bad && !one->key &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_BAD_PASSWORD_READ)
		bad = "private key: it has a passphrase, and nobody could give it; remove it (openssl pkey)";
	else if (!bad && (!one->key ||
		     SSL_CTX_use_cert_and_key(ctx, one->leaf, one->key,
					      one->chain, 1) != 1))
		bad = "private key";
	BIO_free(cert);
	BIO_free(key);
	return bad;
}

int tls_certs_use(SSL_CTX *ctx, const struct tls_cert_files *files,
		  unsigned int n, char *err, size_t err_len)
{
	struct tls_certs *certs = tls_certs_of(ctx);
	const char *bad;
	char reason[120];

	for (unsigned int i = 0; i < n; i++) {
		certs->n = i + 1;
		bad = tls_certs_read(ctx, &certs->one[i], &files[i]);
		if (!bad)
			continue;
		tls_error_text(reason, sizeof(reason));
		if (n > 1)
			snprintf(err, err_len, "cannot use %s number %u: %s",
				 bad, i + 1, reason);
		else
			snprintf(err, err_len, "cannot use the %s: %s", bad,
				 reason);
		return -1;
	}
	SSL_CTX_set_cert_cb(ctx, tls_certs_on_hello, certs);
	return 0;
}

/* ---- OCSP --------------------------------------------------------------------- */

/* After the choice: which one was it? */
static int tls_certs_on_status(SSL *ssl, void *arg)
{
	const X509 *leaf = SSL_get_certificate(ssl);
	const struct tls_certs *certs = arg;

	for (unsigned int i = 0; leaf && i < certs->n; i++)
		if (!X509_cmp(leaf, certs->one[i].leaf))
			return ocsp_staple_show(ssl, &certs->one[i].staple);
	return SSL_TLSEXT_ERR_NOACK;
}

bool tls_certs_staple(SSL_CTX *ctx, unsigned int number, int fd, char *err,
		      size_t err_len)
{
	struct tls_certs *certs = SSL_CTX_get_ex_data(ctx, tls_certs_index);
	struct tls_certs_one *one = &certs->one[number];

	if (!ocsp_staple_read(&one->staple, fd, one->leaf, err, err_len))
		return false;
	SSL_CTX_set_tlsext_status_cb(ctx, tls_certs_on_status);
	SSL_CTX_set_tlsext_status_arg(ctx, certs);
	return true;
}

/* NULL if there is none */
static X509 *tls_certs_leaf(int fd)
{
	BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
	X509 *cert = NULL;

	if (bio)
		cert = PEM_read_bio_X509_AUX(bio, NULL, tls_no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return cert;
}

bool tls_certs_until(int fd, time_t *until)
{
	X509 *cert = tls_certs_leaf(fd);
	struct tm tm;
	bool known = cert && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm);

	if (known)
		*until = timegm(&tm);
	X509_free(cert);
	return known;
}

bool tls_certs_in_time(int fd, char *err, size_t err_len)
{
	X509 *cert = tls_certs_leaf(fd);
	const char *wrong = NULL;

	if (cert && X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		wrong = "the certificate has expired";
	else if (cert && X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		wrong = "the certificate is not valid yet: is the clock right?";
	X509_free(cert);
	if (wrong)
		snprintf(err, err_len, "%s", wrong);
	return !wrong;
}

/* Return: whether it can; @has_leaf: the certificate alone can be read */
static bool tls_certs_try(SSL_CTX *ctx, const struct tls_cert_files *files, bool *has_leaf,
			  char *err, size_t err_len)
{
	struct tls_certs_one one = { .leaf = NULL };
	const char *bad = tls_certs_read(ctx, &one, files);
	char reason[120];

	*has_leaf = one.leaf;
	tls_certs_free_one(&one);
	if (!bad)
		return true;
	tls_error_text(reason, sizeof(reason));
	snprintf(err, err_len, "cannot use the %s: %s", bad, reason);
	return false;
}

int tls_certs_show(SSL_CTX *ctx, const struct tls_cert_files *files, char *err,
		   size_t err_len)
{
	bool has_leaf;

	return tls_certs_try(ctx, files, &has_leaf, err, err_len) ? 0 : -1;
}

bool tls_certs_check(const struct tls_cert_files *files, bool *key, char *err,
		     size_t err_len)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	bool ok;

	if (!ctx)
		log_fatal("out of memory");
	/* Somebody may have read them already. */
	lseek(files->cert, 0, SEEK_SET);
	lseek(files->key, 0, SEEK_SET);
	ok = tls_certs_try(ctx, files, key, err, err_len);
	SSL_CTX_free(ctx);
	return ok;
}

/* With its length behind it: what is said is not moved from one file to the next. */
static bool tls_certs_digest_one(EVP_MD_CTX *md, int fd)
{
	int64_t len = fd < 0 ? -1 : 0;
	uint8_t buf[16384];
	ssize_t n = 0;

	if (fd >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		return false;
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		if (EVP_DigestUpdate(md, buf, (size_t)n) != 1)
			break;
		len += n;
	}
	OPENSSL_cleanse(buf, sizeof(buf));
	return n == 0 && (fd < 0 || lseek(fd, 0, SEEK_SET) == 0) &&
	       EVP_DigestUpdate(md, &len, sizeof(len)) == 1;
}

bool tls_certs_digest(const int *files, unsigned int n, uint8_t digest[TLS_CERTS_DIGEST])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = tls_certs_digest_one(md, files[i]);
	ok = ok && EVP_DigestFinal_ex(md, digest, NULL) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}
