// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

int secret_file_open(const char *path, char *err, size_t err_len)
{
	struct stat st;
	int fd;

	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		snprintf(err, err_len, "cannot open %s: %s", path,
			 strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		snprintf(err, err_len, "%s is not a regular file", path);
	} else if (st.st_mode & 07) {
		snprintf(err, err_len,
			 "%s is open to every user (mode %04o): chmod 600 %s",
			 path, (unsigned int)st.st_mode & 07777, path);
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

int secret_file_line(const char *path, char *out, size_t size, char *err,
		     size_t err_len)
{
	const size_t mark = strlen(SECRET_FILE_MARK);
	size_t have = 0;
	ssize_t n = 0;
	char *end;
	int fd;

	fd = secret_file_open(path, err, err_len);
	if (fd < 0)
		return -1;
	while (have < size && (n = read(fd, out + have, size - have)) > 0)
		have += (size_t)n;
	close(fd);
	if (have >= mark && !memcmp(out, SECRET_FILE_MARK, mark)) {
		have -= mark;
		memmove(out, out + mark, have);
	}
	end = memchr(out, '\n', have);
	if (!end && have < size)
		end = out + have;
	if (end && end > out && end[-1] == '\r')
		end--;
	if (n < 0 || !end || end == out || memchr(out, '\0', end - out)) {
		OPENSSL_cleanse(out, size);
		snprintf(err, err_len,
			 "%s must begin with a line of 1 to %zu characters",
			 path, size - 1);
		return -1;
	}
	OPENSSL_cleanse(end, size - (size_t)(end - out));
	return 0;
}
