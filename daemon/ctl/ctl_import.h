/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `sstpctl import`: the configuration of another program as one of ours. What there is no
 * equivalent for is said, line by line; nothing is dropped in silence.
 */
#ifndef SSTPD_CTL_IMPORT_H
#define SSTPD_CTL_IMPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/ctl_ask.h"

/** ctl_import() - "import [--into DIRECTORY] FILE"; Return: exit status */
int ctl_import(const struct ctl *ctl, int argc, char **argv);

/**
 * struct import_entry - what a line of the other file says
 * @section: "" in a file without any
 * @value: "" if there is none
 * @used: it has its place in ours, or needs none
 */
struct import_entry {
	char *section;
	char *key;
	char *value;
	unsigned int line;
	bool used;
};

/** struct import_list - all of a file */
struct import_list {
	const char *file;
	size_t n;
	struct import_entry *entries;
};

/**
 * struct import_output - what becomes of it
 * @conf: our configuration
 * @lost: what has no equivalent, a line each
 * @dir: where our files are, or will be
 * @users, @secret: lines for files that others must not read; NULL = they are not wished
 */
struct import_output {
	FILE *conf;
	FILE *lost;
	const char *dir;
	FILE *users;
	FILE *secret;
};

/* For those who read another's files. */

void import_add(struct import_list *list, const char *section, const char *key,
		const char *value, unsigned int line);
void import_free(struct import_list *list);
/** import_take() - value of the first entry of that name, which is used now; NULL = none */
const char *import_take(struct import_list *list, const char *section, const char *key);
/** import_lose() - say that there is no equivalent, and why or what to do */
void import_lose(struct import_output *out, const struct import_list *list,
		 struct import_entry *e, const char *why);
/** import_lose_rest() - every entry that nobody has used */
void import_lose_rest(struct import_output *out, struct import_list *list);
/** import_word() - the next word of *@text, quotes taken off in place; NULL at the end */
char *import_word(char **text);

/* What is read, and its translation. */

void accel_read(struct import_list *list, FILE *in);
void accel_convert(struct import_output *out, struct import_list *list);
void peer_read(struct import_list *list, FILE *in);
/** peer_convert() - @name: of the client, unless the file has one */
void peer_convert(struct import_output *out, struct import_list *list, const char *name);

#endif /* SSTPD_CTL_IMPORT_H */
