// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

/* Nobody has a certificate of that size. */
#define NM_FILES_MAX	(1024 * 1024)

static const char *const nm_files_secrets[] = { "password", "proxy-password", "user.key" };

static bool nm_files_error(GError **error, const char *what, const char *path)
{
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s %s: %s", what, path,
		    g_strerror(errno));
	return false;
}

/* ---- writing ----------------------------------------------------------------------- */

static bool nm_files_put(const char *dir, const char *name, const char *text, size_t len,
			 GError **error)
{
	char *path = g_build_filename(dir, name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (!ok)
		nm_files_error(error, "cannot write", path);
	if (fd >= 0)
		close(fd);
	g_free(path);
	return ok;
}

/* Not a device, and not a FIFO that waits for somebody. */
static bool nm_files_append(GByteArray *to, const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char buf[4096];
	ssize_t n;

	if (fd < 0)
		return nm_files_error(error, "cannot read", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > NM_FILES_MAX) {
		close(fd);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "%s is no file with a certificate or key", path);
		return false;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0 && to->len < NM_FILES_MAX)
		g_byte_array_append(to, (guint8 *)buf, (guint)n);
	close(fd);
	return n == 0 || nm_files_error(error, "cannot read", path);
}

static void nm_files_replace(GByteArray *data, BIO *by)
{
	char *text;
	long len = BIO_get_mem_data(by, &text);

	explicit_bzero(data->data, data->len);
	g_byte_array_set_size(data, 0);
	g_byte_array_append(data, (guint8 *)text, (guint)len);
}

static PKCS12 *nm_files_pkcs12(const GByteArray *data)
{
	const unsigned char *at = data->data;

	return d2i_PKCS12(NULL, &at, (long)data->len);
}

/* @data: of @p12, becomes the key in there, or the certificates; frees @p12 */
static bool nm_files_unpack(GByteArray *data, PKCS12 *p12, const struct nm_file *f,
			    GError **error)
{
	BIO *out = BIO_new(BIO_s_secmem());
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	bool ok;

	ok = out && PKCS12_parse(p12, f->passphrase, &key, &cert, &others) && key && cert;
	if (ok && f->key)
		ok = PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	else if (ok)
		ok = PEM_write_bio_X509(out, cert);
	for (int i = 0; ok && !f->key && i < sk_X509_num(others); i++)
		ok = PEM_write_bio_X509(out, sk_X509_value(others, i));
	if (ok)
		nm_files_replace(data, out);
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "%s is PKCS#12 with another password, without key or certificate, or encrypted as only \"openssl pkcs12 -legacy\" can read: make it anew",
			    f->from);
	sk_X509_pop_free(others, X509_free);
	X509_free(cert);
	EVP_PKEY_free(key);
	PKCS12_free(p12);
	BIO_free(out);
	return ok;
}

/* @data: of an encrypted key, becomes the key itself */
static bool nm_files_decrypt(GByteArray *data, const struct nm_file *f, GError **error)
{
	BIO *in = BIO_new_mem_buf(data->data, (int)data->len);
	BIO *out = BIO_new(BIO_s_secmem());
	EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)f->passphrase) :
			     NULL;
	bool ok = key && out && PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);

	if (ok)
		nm_files_replace(data, out);
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "%s is no key in PEM format, or has another password", f->from);
	EVP_PKEY_free(key);
	BIO_free(out);
	BIO_free(in);
	return ok;
}

static bool nm_files_copy(const char *dir, const struct nm_file *f, GError **error)
{
	GByteArray *data = g_byte_array_new();
	bool ok = nm_files_append(data, f->from, error);
	PKCS12 *p12 = ok ? nm_files_pkcs12(data) : NULL;

	if (p12)
		ok = nm_files_unpack(data, p12, f, error);
	else if (ok && f->key && f->passphrase)
		ok = nm_files_decrypt(data, f, error);
	if (ok && *f->more) {
		g_byte_array_append(data, (const guint8 *)"\n", 1);
		ok = nm_files_append(data, f->more, error);
	}
	ok = ok && nm_files_put(dir, f->name, (char *)data->data, data->len, error);
	if (data->len)
		explicit_bzero(data->data, data->len);
	g_byte_array_unref(data);
	return ok;
}

static bool nm_files_one(const char *dir, const struct nm_file *f, GError **error)
{
	if (f->text)
		return nm_files_put(dir, f->name, f->text, strlen(f->text), error);
	return nm_files_copy(dir, f, error);
}

bool nm_files_write(const char *dir, const char *name, const struct nm_conf *conf,
		    GError **error)
{
	char *above = g_path_get_dirname(dir);

	/* Of one that was killed. */
	nm_files_remove(dir);
	mkdir(above, 0755);
	g_free(above);
	if (mkdir(dir, 0700) < 0)
		return nm_files_error(error, "cannot make", dir);
	for (unsigned int i = 0; i < conf->n_files; i++)
		if (!nm_files_one(dir, &conf->files[i], error))
			return false;
	return nm_files_put(dir, name, conf->text, conf->len, error);
}

/* ---- removing ---------------------------------------------------------------------- */

static void nm_files_unlink(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	unlink(path);
	g_free(path);
}

void nm_files_forget_secrets(const char *dir)
{
	for (size_t i = 0; i < G_N_ELEMENTS(nm_files_secrets); i++)
		nm_files_unlink(dir, nm_files_secrets[i]);
}

void nm_files_remove(const char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	if (!d)
		return;
	while ((name = g_dir_read_name(d)))
		nm_files_unlink(dir, name);
	g_dir_close(d);
	rmdir(dir);
}
