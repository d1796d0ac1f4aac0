/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that hold secrets: who may read them is checked before they are used. */
#ifndef SSTPD_SECRET_FILE_H
#define SSTPD_SECRET_FILE_H

#include <stddef.h>

/* What editors of Windows put in front of UTF-8, and nobody sees. */
#define SECRET_FILE_MARK	"\xef\xbb\xbf"

/**
 * secret_file_open() - open a file that holds secrets, for reading
 * @err: receives what is wrong and what to do about it
 *
 * Refuses a file that every user of the machine could read or change.
 *
 * Return: descriptor, or -1.
 */
int secret_file_open(const char *path, char *err, size_t err_len);

/**
 * secret_file_line() - first line of such a file, without its line end, or a mark
 * @out: receives the line; wiped on failure
 *
 * Return: 0, or -1 with the reason in @err.
 */
int secret_file_line(const char *path, char *out, size_t size, char *err,
		     size_t err_len);

#endif /* SSTPD_SECRET_FILE_H */
