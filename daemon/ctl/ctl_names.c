// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_names.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/userdb.h"
#include "conf/policy.h"
#include "ctl/ctl_ask.h"

/** struct names_search - @path: of the configuration that was found, NULL = none */
struct names_search {
	const struct ctl_names *where;
	const char *path;
	const char *user;
};

static void names_silent(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* ---- the account ------------------------------------------------------------------- */

static struct userdb *names_users(const char *path, struct mschap *mschap)
{
	FILE *in = fopen(path, "re");
	struct userdb *db;

	if (!in)
		return NULL;
	db = userdb_load(in, path, false, mschap, names_silent, NULL);
	fclose(in);
	return db;
}

/* ---- the configuration ------------------------------------------------------------- */

static bool names_load(struct conf *conf, const char *path)
{
	if (!conf_load(conf, path, names_silent, NULL) && conf->has_server)
		return true;
	conf_clear(conf);
	return false;
}

static bool names_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* The first of @found that has that users file. */
static const char *names_find(struct conf *conf, const glob_t *found, const char *users)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		if (!names_load(conf, found->gl_pathv[i]))
			continue;
		if (names_same_file(conf->server.users, users))
			return found->gl_pathv[i];
		conf_clear(conf);
	}
	return NULL;
}

/* ---- both -------------------------------------------------------------------------- */

static void names_warn(void *ctx, const char *what)
{
	const struct names_search *s = ctx;

	if (s->path)
		fprintf(stderr, "sstpctl: warning: %s has no %s, which user %s needs; add it, or give the user another option\n",
			s->path, what, s->user);
	else
		fprintf(stderr, "sstpctl: warning: user %s needs %s, and no configuration in %s that can be read has this users file: `sstpd -t -c` with the one that has it says whether that is there\n",
			s->user, what, s->where->dir);
}

/* Without a configuration of that file all that is named is not there, in @conf. */
static void names_check(struct names_search *s, struct conf *conf,
			const struct policy_user *grant)
{
	glob_t found = { 0 };
	char pattern[300];

	snprintf(pattern, sizeof(pattern), "%s/*.conf", s->where->dir);
	if (s->where->conf)
		s->path = names_load(conf, s->where->conf) ? s->where->conf : NULL;
	else if (!glob(pattern, 0, NULL, &found))
		s->path = names_find(conf, &found, s->where->users);
	policy_check_names(conf, grant, names_warn, s);
	globfree(&found);
	conf_clear(conf);
}

void ctl_names_warn(const struct ctl_names *where, const char *name, struct mschap *mschap)
{
	struct names_search search = { .where = where, .user = name };
	struct userdb *db = names_users(where->users, mschap);
	const struct userdb_user *user = db ? userdb_find(db, name) : NULL;
	struct conf *conf = calloc(1, sizeof(*conf));

	if (!conf)
		ctl_die("out of memory");
	if (user)
		names_check(&search, conf, &user->grant);
	free(conf);
	userdb_free(db);
}
