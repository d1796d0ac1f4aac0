// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_import.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define IMPORT_DIR	"/etc/sstpd"

/* ---- entries ------------------------------------------------------------------------ */

static char *import_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		ctl_die("out of memory");
	return copy;
}

void import_add(struct import_list *list, const char *section, const char *key,
		const char *value, unsigned int line)
{
	struct import_entry *e;

	list->entries = reallocarray(list->entries, list->n + 1, sizeof(*e));
	if (!list->entries)
		ctl_die("out of memory");
	e = &list->entries[list->n++];
	*e = (struct import_entry){ .section = import_copy(section), .key = import_copy(key),
				    .value = import_copy(value), .line = line };
}

void import_free(struct import_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];

		OPENSSL_cleanse(e->value, strlen(e->value));
		free(e->section);
		free(e->key);
		free(e->value);
	}
	free(list->entries);
}

const char *import_take(struct import_list *list, const char *section, const char *key)
{
	for (size_t i = 0; i < list->n; i++) {
		struct import_entry *e = &list->entries[i];

		if (e->used || strcmp(e->section, section) || strcmp(e->key, key))
			continue;
		e->used = true;
		return e->value;
	}
	return NULL;
}

/* Passwords and secrets are not for the terminal. */
static bool import_is_secret(const char *key)
{
	return strstr(key, "password") || strstr(key, "secret") || !strcmp(key, "server") ||
	       !strcmp(key, "auth-server") || !strcmp(key, "acct-server") ||
	       !strcmp(key, "dae-server");
}

void import_lose(struct import_output *out, const struct import_list *list,
		 struct import_entry *e, const char *why)
{
	e->used = true;
	fprintf(out->lost, "%s:%u: ", list->file, e->line);
	if (*e->section)
		fprintf(out->lost, "[%s] ", e->section);
	fprintf(out->lost, "%s", e->key);
	if (*e->value)
		fprintf(out->lost, " %s", import_is_secret(e->key) ? "..." : e->value);
	fprintf(out->lost, ": %s\n", why);
}

void import_lose_rest(struct import_output *out, struct import_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->entries[i].used)
			import_lose(out, list, &list->entries[i], "no equivalent");
}

char *import_word(char **text)
{
	char *from = *text, *to, *word, quote = '\0';

	from += strspn(from, " \t\r\n");
	if (!*from || *from == '#')
		return NULL;
	for (word = to = from; *from; from++) {
		if (quote ? *from == quote : *from == '"' || *from == '\'')
			quote = quote ? '\0' : *from;
		else if (*from == '\\' && from[1])
			*to++ = *++from;
		else if (!quote && strchr(" \t\r\n", *from))
			break;
		else
			*to++ = *from;
	}
	*text = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

/* ---- the command --------------------------------------------------------------------- */


/* What is there stays: it may be in use. */
static FILE *import_make(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		ctl_die("import: %s: %s", path, strerror(errno));
	return fdopen(fd, "w");
}

/* Only what has something in it stays. */
static void import_done(FILE *f, const char *dir, const char *name)
{
	bool empty = ftell(f) == 0;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (fclose(f))
		ctl_die("import: %s: %s", path, strerror(errno));
	if (empty)
		unlink(path);
}

/* accel-ppp's has sections, a file of pppd's options has none. */
static bool import_is_accel(FILE *in)
{
	char line[4096];
	bool found = false;

	while (!found && fgets(line, sizeof(line), in))
		found = line[strspn(line, " \t")] == '[';
	rewind(in);
	return found;
}

static void import_run(struct import_output *out, struct import_list *list, FILE *in)
{
	const char *name = strrchr(list->file, '/') ? strrchr(list->file, '/') + 1 : list->file;

	fprintf(out->conf, "# From %s, by sstpctl import. Check it with: sstpd -t\n", list->file);
	if (import_is_accel(in)) {
		accel_read(list, in);
		accel_convert(out, list);
	} else {
		peer_read(list, in);
		peer_convert(out, list, name);
	}
	import_lose_rest(out, list);
}

int ctl_import(const struct ctl *ctl, int argc, char **argv)
{
	struct import_output out = { .conf = stdout, .lost = stderr, .dir = IMPORT_DIR };
	struct import_list list = { NULL };
	char dir[PATH_MAX];
	bool into = argc > 1 && !strcmp(argv[0], "--into");
	FILE *in;

	(void)ctl;
	if (argc != (into ? 3 : 1))
		ctl_die("import: which FILE? It needs an accel-ppp.conf or a file of /etc/ppp/peers");
	list.file = argv[argc - 1];
	in = fopen(list.file, "r");
	if (!in)
		ctl_die("import: %s: %s", list.file, strerror(errno));
	if (into) {
		/* It goes into the configuration, which takes no other. */
		if (!realpath(argv[1], dir))
			ctl_die("import: %s: %s", argv[1], strerror(errno));
		out.dir = dir;
		out.conf = import_make(out.dir, "sstpd.conf");
		out.users = import_make(out.dir, "users");
		out.secret = import_make(out.dir, "secret");
	}
	import_run(&out, &list, in);
	fclose(in);
	if (into) {
		import_done(out.conf, out.dir, "sstpd.conf");
		import_done(out.users, out.dir, "users");
		import_done(out.secret, out.dir, "secret");
	}
	import_free(&list);
	return 0;
}
