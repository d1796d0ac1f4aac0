/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a users file (userdb.h). Comments, order, owner and mode stay; the
 * new file takes the place of the old one at once, so that a reader has one or
 * the other; changes at the same time wait for each other. A change that would
 * leave a file with errors is refused.
 */
#ifndef SSTPD_USERFILE_H
#define SSTPD_USERFILE_H

#include <stddef.h>
#include <stdio.h>

#include "auth/mschap.h"

enum userfile_op {
	USERFILE_ADD,
	USERFILE_DEL,
	USERFILE_PASSWD,	/* and the password has not expired any more */
	USERFILE_MARK,
};

/**
 * struct userfile_change
 * @op: what to do
 * @name: account
 * @secret: add, passwd: what goes into the second field
 * @address: add: for the third field, or NULL
 * @options: add: for the fourth field, or NULL
 * @mark: mark: a word for the fourth field, or NULL to take them away
 */
struct userfile_change {
	enum userfile_op op;
	const char *name;
	const char *secret;
	const char *address;
	const char *options;
	const char *mark;
};

/**
 * userfile_change() - change the file at @path
 *
 * Only USERFILE_ADD makes a file that is not there yet, for its owner alone.
 *
 * Return: 0, or -1 with the reason in @err.
 */
int userfile_change(const char *path, const struct userfile_change *change,
		    struct mschap *mschap, char *err, size_t err_len);

/* An account; @address and @options are empty if it has none of its own. */
typedef void (*userfile_each)(void *ctx, const char *name, const char *address,
			      const char *options);

/** userfile_list() - call @each for every account; 0 or -1 with @err */
int userfile_list(const char *path, userfile_each each, void *ctx, char *err,
		  size_t err_len);

#endif /* SSTPD_USERFILE_H */
