// SPDX-License-Identifier: GPL-2.0-or-later
#include "auth/userfile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "auth/userdb.h"
#include "data/login.h"
#include "lib/secret_file.h"

#define USERFILE_MAX	(16 * 1024 * 1024)

/* The file while it is changed: locked, read, about to be replaced. */
struct userfile {
	char path[PATH_MAX];
	int fd;
	struct stat st;
	char *text;
	size_t len;
	char *err;
	size_t err_len;
};

static int userfile_fail(struct userfile *f, const char *what)
{
	snprintf(f->err, f->err_len, "%s: %s", f->path, what);
	return -1;
}

/* ---- reading ------------------------------------------------------------------ */

/* Whoever held the lock may have put another file in its place. */
static bool userfile_is_current(struct userfile *f)
{
	struct stat now;

	return stat(f->path, &now) == 0 && fstat(f->fd, &f->st) == 0 &&
	       now.st_ino == f->st.st_ino && now.st_dev == f->st.st_dev;
}

static int userfile_lock(struct userfile *f)
{
	for (;;) {
		f->fd = secret_file_open(f->path, f->err, f->err_len);
		if (f->fd < 0)
			return -1;
		if (flock(f->fd, LOCK_EX) < 0)
			return userfile_fail(f, strerror(errno));
		if (userfile_is_current(f))
			return 0;
		close(f->fd);
	}
}

static int userfile_read(struct userfile *f)
{
	ssize_t n = 0;

	if (f->st.st_size > USERFILE_MAX)
		return userfile_fail(f, "is too large");
	f->text = OPENSSL_zalloc((size_t)f->st.st_size + 1);
	if (!f->text)
		return userfile_fail(f, "out of memory");
	while (f->len < (size_t)f->st.st_size &&
	       (n = read(f->fd, f->text + f->len,
			 (size_t)f->st.st_size - f->len)) > 0)
		f->len += (size_t)n;
	if (!strncmp(f->text, SECRET_FILE_MARK, strlen(SECRET_FILE_MARK))) {
		f->len -= strlen(SECRET_FILE_MARK);
		memmove(f->text, f->text + strlen(SECRET_FILE_MARK), f->len + 1);
	}
	return n < 0 ? userfile_fail(f, strerror(errno)) : 0;
}

static int userfile_open(struct userfile *f, const char *path, bool make,
			 char *err, size_t err_len)
{
	int fd;

	*f = (struct userfile){ .fd = -1, .err = err, .err_len = err_len };
	fd = make ? open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd >= 0)
		close(fd);
	/* Of a symbolic link, what it points to is replaced. */
	if (!realpath(path, f->path)) {
		snprintf(f->path, sizeof(f->path), "%s", path);
		return userfile_fail(f, strerror(errno));
	}
	return userfile_lock(f) < 0 ? -1 : userfile_read(f);
}

static void userfile_close(struct userfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	OPENSSL_clear_free(f->text, f->len + 1);
}

/* ---- lines -------------------------------------------------------------------- */

struct userfile_line {
	const char *text;	/* without its end */
	int len;
	int name_len;		/* 0: a comment, or empty */
	int secret_len;
	const char *address;	/* third field, or "" */
	int address_len;
	const char *options;	/* fourth field, or "" */
	int options_len;
};

/* The next field of a line that ends at @end; "" if there is none. */
static const char *userfile_field(const char **at, const char *end, int *len)
{
	const char *field = *at;
	const char *colon;

	*len = 0;
	if (!field)
		return "";
	colon = memchr(field, ':', (size_t)(end - field));
	*at = colon ? colon + 1 : NULL;
	*len = (int)((colon ? colon : end) - field);
	return field;
}

/* Splits off the next line at *@at; false at the end. */
static bool userfile_next(const char **at, struct userfile_line *line)
{
	size_t len = strcspn(*at, "\n");
	const char *end = *at + len;
	const char *field;

	if (!**at)
		return false;
	*line = (struct userfile_line){ .text = *at, .address = "", .options = "" };
	*at = *end ? end + 1 : end;
	if (len && line->text[len - 1] == '\r')
		len--;
	line->len = (int)len;
	if (!len || *line->text == '#')
		return true;
	field = line->text;
	end = line->text + len;
	userfile_field(&field, end, &line->name_len);
	userfile_field(&field, end, &line->secret_len);
	line->address = userfile_field(&field, end, &line->address_len);
	/* It may hold colons. */
	if (field) {
		line->options = field;
		line->options_len = (int)(end - field);
	}
	return true;
}

static bool userfile_is(const struct userfile_line *line, const char *name)
{
	return line->name_len && (size_t)line->name_len == strlen(name) &&
	       !memcmp(line->text, name, (size_t)line->name_len);
}

/* ---- changing ----------------------------------------------------------------- */

static bool userfile_word_is(const char *word, size_t len, const char *mark)
{
	return len == strlen(mark) && !memcmp(word, mark, len);
}

/* The options but for marks: all of them, or just that the password has expired. */
static void userfile_put_options(FILE *out, const struct userfile_line *line, bool all,
				 const char *mark)
{
	const char *at = line->options, *end = at + line->options_len;
	const char *before = "";
	size_t len;

	for (; at < end; at += len) {
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		for (len = 0; at + len < end && at[len] != ' ' && at[len] != '\t';)
			len++;
		if (!len || userfile_word_is(at, len, USERDB_EXPIRED) ||
		    (all && userfile_word_is(at, len, USERDB_DISABLED)))
			continue;
		fprintf(out, "%s%.*s", before, (int)len, at);
		before = " ";
	}
	if (mark)
		fprintf(out, "%s%s", before, mark);
}

/* What is between address and end of the line may have become nothing. */
static void userfile_put(FILE *out, const char *name, const char *secret, int secret_len,
			 const struct userfile_line *line, bool all, const char *mark)
{
	char *options = NULL;
	size_t len = 0;
	FILE *text = open_memstream(&options, &len);

	if (!text)
		return;
	userfile_put_options(text, line, all, mark);
	fclose(text);
	fprintf(out, "%s:%.*s", name, secret_len, secret);
	if (line->address_len || len)
		fprintf(out, ":%.*s", line->address_len, line->address);
	if (len)
		fprintf(out, ":%s", options);
	fputc('\n', out);
	free(options);
}

static void userfile_put_changed(FILE *out, const struct userfile_line *line,
				 const struct userfile_change *change)
{
	const char *secret = line->text + line->name_len + 1;

	if (change->op == USERFILE_PASSWD)
		userfile_put(out, change->name, change->secret, (int)strlen(change->secret),
			     line, false, NULL);
	else if (change->op == USERFILE_MARK)
		userfile_put(out, change->name, secret, line->secret_len, line, true,
			     change->mark);
	else if (change->op == USERFILE_ADD)
		fprintf(out, "%.*s\n", line->len, line->text);
}

static void userfile_put_new(FILE *out, const struct userfile_change *change)
{
	fprintf(out, "%s:%s", change->name, change->secret);
	if (change->address || change->options)
		fprintf(out, ":%s", change->address ? change->address : "");
	if (change->options)
		fprintf(out, ":%s", change->options);
	fputc('\n', out);
}

/* Return: whether the account was there. */
static bool userfile_apply(const struct userfile *f, FILE *out,
			   const struct userfile_change *change)
{
	const char *at = f->text;
	struct userfile_line line;
	bool found = false;

	while (userfile_next(&at, &line)) {
		if (userfile_is(&line, change->name)) {
			found = true;
			userfile_put_changed(out, &line, change);
		} else {
			fprintf(out, "%.*s\n", line.len, line.text);
		}
	}
	if (change->op == USERFILE_ADD)
		userfile_put_new(out, change);
	return found;
}

static void userfile_complain(void *ctx, const char *line)
{
	struct userfile *f = ctx;

	/* The first one will do. */
	if (!*f->err)
		snprintf(f->err, f->err_len, "%s", line);
}

static int userfile_check(struct userfile *f, char *text, size_t len,
			  struct mschap *mschap)
{
	struct userdb *db;
	FILE *in;

	if (!len)
		return 0;
	in = fmemopen(text, len, "r");
	if (!in)
		return userfile_fail(f, "out of memory");
	*f->err = '\0';
	db = userdb_load(in, f->path, false, mschap, userfile_complain, f);
	fclose(in);
	userdb_free(db);
	return db ? 0 : -1;
}

static bool userfile_sync_dir(const struct userfile *f)
{
	char dir[PATH_MAX];
	int fd;

	snprintf(dir, sizeof(dir), "%s", f->path);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	fsync(fd);
	close(fd);
	return true;
}

static int userfile_replace(struct userfile *f, const char *text, size_t len)
{
	char temp[PATH_MAX + 8];
	int error = 0;
	int fd;

	snprintf(temp, sizeof(temp), "%s.XXXXXX", f->path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return userfile_fail(f, strerror(errno));
	if (fchown(fd, f->st.st_uid, f->st.st_gid) < 0 ||
	    fchmod(fd, f->st.st_mode & 07777) < 0 ||
	    write(fd, text, len) != (ssize_t)len || fsync(fd) < 0 ||
	    rename(temp, f->path) < 0)
		error = errno ? errno : ENOSPC;
	close(fd);
	if (!error && userfile_sync_dir(f))
		return 0;
	if (error)
		unlink(temp);
	return userfile_fail(f, strerror(error ? error : errno));
}

static bool userfile_name_ok(const char *name)
{
	if (!*name || strlen(name) > AUTH_NAME_MAX || *name == '#' ||
	    strchr(name, ':'))
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

static int userfile_do(struct userfile *f, const struct userfile_change *change,
		       struct mschap *mschap)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool found;
	int rc = -1;

	if (!out)
		return userfile_fail(f, "out of memory");
	found = userfile_apply(f, out, change);
	if (fclose(out))
		userfile_fail(f, "out of memory");
	else if (found && change->op == USERFILE_ADD)
		userfile_fail(f, "has this user already");
	else if (!found && change->op != USERFILE_ADD)
		userfile_fail(f, "has no such user");
	else if (userfile_check(f, text, len, mschap) == 0)
		rc = userfile_replace(f, text, len);
	OPENSSL_cleanse(text, len);
	free(text);
	return rc;
}

int userfile_change(const char *path, const struct userfile_change *change,
		    struct mschap *mschap, char *err, size_t err_len)
{
	struct in_addr address;
	struct userfile f;
	int rc;

	if (change->address &&
	    inet_pton(AF_INET, change->address, &address) != 1) {
		snprintf(err, err_len, "\"%s\" is no IPv4 address",
			 change->address);
		return -1;
	}
	if (!userfile_name_ok(change->name)) {
		snprintf(err, err_len,
			 "a user name has 1 to %d characters, no colon, and no # at its beginning",
			 AUTH_NAME_MAX);
		return -1;
	}
	rc = userfile_open(&f, path, change->op == USERFILE_ADD, err, err_len);
	if (!rc)
		rc = userfile_do(&f, change, mschap);
	userfile_close(&f);
	return rc;
}

int userfile_list(const char *path, userfile_each each, void *ctx, char *err,
		  size_t err_len)
{
	char name[AUTH_NAME_MAX + 1], address[USERDB_LINE_MAX], options[USERDB_LINE_MAX];
	struct userfile_line line;
	struct userfile f;
	const char *at;

	if (userfile_open(&f, path, false, err, err_len) < 0) {
		userfile_close(&f);
		return -1;
	}
	at = f.text;
	while (userfile_next(&at, &line)) {
		if (!line.name_len)
			continue;
		snprintf(name, sizeof(name), "%.*s", line.name_len, line.text);
		snprintf(address, sizeof(address), "%.*s", line.address_len,
			 line.address);
		snprintf(options, sizeof(options), "%.*s", line.options_len,
			 line.options);
		each(ctx, name, address, options);
	}
	userfile_close(&f);
	return 0;
}
