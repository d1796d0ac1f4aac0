// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "conf/conf.h"
#include "lib/secret_file.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL		0x0008U
#endif

#define KEPT_MAX		(64 << 20)

/*
 * @fd: memory that has no address in this process, whose own memory holds no password.
 * @lock: for the lock alone, it can be neither read nor written; NULL of an empty file
 */
struct kept_file {
	STAILQ_ENTRY(kept_file) next;
	char path[CONF_PATH_MAX];
	enum kept_kind kind;
	int fd;
	size_t len;
	void *lock;
};

STAILQ_HEAD(kept_list, kept_file);

static struct kept_list kept_now = STAILQ_HEAD_INITIALIZER(kept_now);
static struct kept_list kept_draft = STAILQ_HEAD_INITIALIZER(kept_draft);
static bool kept_drafting;

static void kept_free(struct kept_file *f)
{
	if (f->lock && mprotect(f->lock, f->len, PROT_READ | PROT_WRITE) == 0)
		OPENSSL_cleanse(f->lock, f->len);
	if (f->lock)
		munmap(f->lock, f->len);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static void kept_clear(struct kept_list *list)
{
	struct kept_file *f;

	while ((f = STAILQ_FIRST(list))) {
		STAILQ_REMOVE_HEAD(list, next);
		kept_free(f);
	}
}

static struct kept_file *kept_find(struct kept_list *list, const char *path,
				   enum kept_kind kind)
{
	struct kept_file *f;

	STAILQ_FOREACH(f, list, next)
		if (f->kind == kind && !strcmp(f->path, path))
			return f;
	return NULL;
}

/* ---- copies ----------------------------------------------------------------------- */

static int kept_memfd(void)
{
	int fd = memfd_create("sstpd", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	/* Before Linux 6.3 there is no such flag. */
	return fd < 0 && errno == EINVAL ? memfd_create("sstpd", MFD_CLOEXEC) : fd;
}

/* Return: bytes, or -1 with errno. */
static ssize_t kept_copy_bytes(int from, int to)
{
	unsigned char part[4096];
	ssize_t n, done = 0;

	while ((n = pread(from, part, sizeof(part), done)) > 0) {
		n = write(to, part, (size_t)n);
		if (n <= 0 || done + n > KEPT_MAX)
			break;
		done += n;
	}
	OPENSSL_cleanse(part, sizeof(part));
	if (n > 0)
		errno = EFBIG;
	return n ? -1 : done;
}

/* A copy of @from, at its beginning; -1 with errno */
static int kept_copy(int from, size_t *len)
{
	int fd = kept_memfd();
	ssize_t n;

	if (fd < 0)
		return -1;
	n = kept_copy_bytes(from, fd);
	if (n >= 0 && lseek(fd, 0, SEEK_SET) == 0) {
		*len = (size_t)n;
		return fd;
	}
	close(fd);
	return -1;
}

static void kept_lock_one(struct kept_file *f)
{
	if (!f->len)
		return;
	if (f->lock)
		munmap(f->lock, f->len);
	f->lock = mmap(NULL, f->len, PROT_READ, MAP_SHARED, f->fd, 0);
	if (f->lock == MAP_FAILED)
		f->lock = NULL;
	else if (mlock(f->lock, f->len) == 0)
		mprotect(f->lock, f->len, PROT_NONE);
}

/* ---- reading ---------------------------------------------------------------------- */

static int kept_open_disk(const char *path, enum kept_kind kind, char *err,
			  size_t err_len)
{
	struct stat st;
	int fd;

	if (kind == KEPT_SECRET)
		return secret_file_open(path, err, err_len);
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		snprintf(err, err_len, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	snprintf(err, err_len, "%s is not a regular file", path);
	close(fd);
	return -1;
}

static struct kept_file *kept_read(const char *path, enum kept_kind kind, char *err,
				   size_t err_len)
{
	struct kept_file *f = calloc(1, sizeof(*f));
	int fd;

	fd = f ? kept_open_disk(path, kind, err, err_len) : -1;
	if (fd < 0) {
		free(f);
		return NULL;
	}
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->kind = kind;
	f->fd = kept_copy(fd, &f->len);
	if (f->fd < 0) {
		snprintf(err, err_len, "cannot read %s: %s", path, strerror(errno));
		kept_free(f);
		f = NULL;
	} else {
		kept_lock_one(f);
	}
	close(fd);
	return f;
}

/* ---- handing out ------------------------------------------------------------------ */

int kept_open(const char *path, enum kept_kind kind, char *err, size_t err_len)
{
	struct kept_list *list = kept_drafting ? &kept_draft : &kept_now;
	struct kept_file *f = kept_find(list, path, kind);
	size_t len;
	int fd;

	if (!f) {
		f = kept_read(path, kind, err, err_len);
		if (!f)
			return -1;
		STAILQ_INSERT_TAIL(list, f, next);
	}
	/* Each time another one: a shared one would be at its end for the second reader. */
	fd = kept_copy(f->fd, &len);
	if (fd < 0)
		snprintf(err, err_len, "no copy of %s can be made: %s", path,
			 strerror(errno));
	return fd;
}

static bool kept_same_bytes(int a, int b)
{
	unsigned char x[4096], y[4096];
	off_t at = 0;
	ssize_t n, m;

	do {
		n = pread(a, x, sizeof(x), at);
		m = pread(b, y, sizeof(y), at);
		at += n;
	} while (n > 0 && n == m && !memcmp(x, y, (size_t)n));
	OPENSSL_cleanse(x, sizeof(x));
	OPENSSL_cleanse(y, sizeof(y));
	return !n && !m;
}

bool kept_is_current(const char *path, enum kept_kind kind)
{
	struct kept_file *f = kept_find(&kept_now, path, kind);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool same = f && fd >= 0 && kept_same_bytes(f->fd, fd);

	if (fd >= 0)
		close(fd);
	return same;
}

/* ---- drafts ----------------------------------------------------------------------- */

void kept_begin(void)
{
	kept_clear(&kept_draft);
	kept_drafting = true;
}

void kept_accept(bool all)
{
	struct kept_file *f, *old;

	if (all)
		kept_clear(&kept_now);
	STAILQ_FOREACH(f, &kept_draft, next) {
		old = kept_find(&kept_now, f->path, f->kind);
		if (!old)
			continue;
		STAILQ_REMOVE(&kept_now, old, kept_file, next);
		kept_free(old);
	}
	STAILQ_CONCAT(&kept_now, &kept_draft);
	kept_drafting = false;
}

void kept_refuse(void)
{
	kept_clear(&kept_draft);
	kept_drafting = false;
}

void kept_lock(void)
{
	struct kept_file *f;

	STAILQ_FOREACH(f, &kept_now, next)
		kept_lock_one(f);
}

void kept_wipe(void)
{
	kept_clear(&kept_draft);
	kept_clear(&kept_now);
}
