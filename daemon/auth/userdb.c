// SPDX-License-Identifier: GPL-2.0-or-later
#include "auth/userdb.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "conf/conf_policy.h"
#include "lib/hex.h"
#include "lib/secret_file.h"

typedef int (*userdb_order)(const void *a, const void *b);

struct userdb {
	userdb_order order;
	size_t n;
	size_t room;
	struct userdb_user *users;
};

struct userdb_reader {
	const char *file;
	unsigned int line;
	unsigned int errors;
	struct mschap *mschap;
	userdb_report report;
	void *ctx;
};

static void __attribute__((format(printf, 2, 3)))
userdb_error(struct userdb_reader *r, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	int len;

	len = snprintf(text, sizeof(text), "%s:%u: ", r->file, r->line);
	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - (size_t)len, fmt, ap);
	va_end(ap);
	r->errors++;
	r->report(r->ctx, text);
}

static bool userdb_secret(struct userdb_reader *r, const char *secret,
			  struct userdb_user *user)
{
	size_t prefix = strlen(USERDB_HASH_PREFIX);

	user->no_password = !strcmp(secret, USERDB_NO_PASSWORD);
	if (user->no_password)
		return true;
	if (!strncmp(secret, USERDB_HASH_PREFIX, prefix)) {
		if (hex_decode(secret + prefix, user->nt_hash,
			       sizeof(user->nt_hash)))
			return true;
		userdb_error(r, "%s must be followed by the NT hash, 32 hex digits (sstpctl nt-hash makes one)",
			     USERDB_HASH_PREFIX);
		return false;
	}
	if (!*secret) {
		userdb_error(r, "empty password for \"%s\"", user->name);
		return false;
	}
	if (mschap_nt_hash(r->mschap, secret, strlen(secret),
			   user->nt_hash) < 0) {
		userdb_error(r, "password of \"%s\" is not UTF-8 text of at most %d characters",
			     user->name, MSCHAP_PASSWORD_MAX);
		return false;
	}
	if (strlen(secret) >= sizeof(user->password)) {
		userdb_error(r, "password of \"%s\" is longer than %d bytes",
			     user->name, AUTH_PASSWORD_MAX);
		return false;
	}
	strcpy(user->password, secret);
	return true;
}

static bool userdb_value(const char *name, const char *value,
			 struct policy_user *grant, struct conf_err *err)
{
	const struct conf_key group = { .size = sizeof(grant->group) };
	const struct conf_key *key = conf_find(conf_policy_keys, name);

	if (key)
		return key->parse(key, &grant->policy, value, err);
	if (!strcmp(name, "group"))
		return conf_text(&group, grant->group, value, err);
	if (!strcmp(name, "routes"))
		return conf_prefix_list(value, grant->routes, &grant->n_routes,
					POLICY_ROUTES_MAX, err);
	if (strcmp(name, "ipv6-prefix")) {
		snprintf(err->text, sizeof(err->text),
			 "is no option; sstpd.conf(5) lists them under USERS FILE");
		return false;
	}
	if (conf_prefix(&grant->prefix6, value) &&
	    grant->prefix6.family == AF_INET6 && grant->prefix6.len == 64)
		return true;
	snprintf(err->text, sizeof(err->text),
		 "must be an IPv6 prefix of 64 bits, like 2001:db8:1:7::/64");
	return false;
}

static bool userdb_mark(const char *option, struct userdb_user *user)
{
	bool expired = !strcmp(option, USERDB_EXPIRED);
	bool disabled = !strcmp(option, USERDB_DISABLED);

	user->expired |= expired;
	user->disabled |= disabled;
	return expired || disabled;
}

static bool userdb_options(struct userdb_reader *r, char *options,
			   struct userdb_user *user)
{
	struct conf_err err = { "" };
	char *save, *option, *value;

	for (option = strtok_r(options, " \t", &save); option;
	     option = strtok_r(NULL, " \t", &save)) {
		if (userdb_mark(option, user))
			continue;
		value = strchr(option, '=');
		if (value)
			*value++ = '\0';
		if (value && userdb_value(option, value, &user->grant, &err))
			continue;
		userdb_error(r, "option \"%s\" of \"%s\": %s", option,
			     user->name, value ? err.text :
			     "must be KEY=VALUE, with blanks between options");
		return false;
	}
	return true;
}

static bool userdb_address(struct userdb_reader *r, const char *addr,
			   struct userdb_user *user)
{
	struct in_addr *fixed = &user->grant.fixed;

	if (inet_pton(AF_INET, addr, fixed) == 1 && fixed->s_addr)
		return true;
	userdb_error(r, "third field must be an IPv4 address (a password with a colon in it must be given as %s hash)",
		     USERDB_HASH_PREFIX);
	return false;
}

static bool userdb_line(struct userdb_reader *r, char *line,
			struct userdb_user *user)
{
	char *secret = strchr(line, ':');
	char *addr, *options;

	memset(user, 0, sizeof(*user));
	if (!secret || secret == line ||
	    (size_t)(secret - line) >= sizeof(user->name)) {
		userdb_error(r, "must be NAME:PASSWORD, NAME:PASSWORD:ADDRESS or NAME:PASSWORD:ADDRESS:OPTIONS, NAME of 1 to %d characters",
			     AUTH_NAME_MAX);
		return false;
	}
	*secret++ = '\0';
	strcpy(user->name, line);
	addr = strchr(secret, ':');
	if (addr)
		*addr++ = '\0';
	options = addr ? strchr(addr, ':') : NULL;
	if (options)
		*options++ = '\0';
	/* Before options it may be empty. */
	if (addr && (*addr || !options) && !userdb_address(r, addr, user))
		return false;
	if (options && !userdb_options(r, options, user))
		return false;
	return userdb_secret(r, secret, user);
}

static bool userdb_add(struct userdb *db, const struct userdb_user *user)
{
	struct userdb_user *users;
	size_t room;

	if (db->n == db->room) {
		/* No realloc(): the old copy must be wiped. */
		room = db->room ? 2 * db->room : 16;
		users = calloc(room, sizeof(*users));
		if (!users)
			return false;
		if (db->n)
			memcpy(users, db->users, db->n * sizeof(*users));
		OPENSSL_clear_free(db->users, db->n * sizeof(*users));
		db->users = users;
		db->room = room;
	}
	db->users[db->n++] = *user;
	return true;
}

static int userdb_compare(const void *a, const void *b)
{
	return strcmp(((const struct userdb_user *)a)->name,
		      ((const struct userdb_user *)b)->name);
}

/* As account_of() does it: who is one for it cannot be two here. */
static int userdb_compare_folded(const void *a, const void *b)
{
	return strcasecmp(account_name(((const struct userdb_user *)a)->name),
			  account_name(((const struct userdb_user *)b)->name));
}

static void userdb_sort(struct userdb_reader *r, struct userdb *db)
{
	size_t i;

	if (!db->n)
		return;
	qsort(db->users, db->n, sizeof(*db->users), db->order);
	for (i = 1; i < db->n; i++)
		if (!db->order(&db->users[i - 1], &db->users[i]))
			userdb_error(r, "user \"%s\" is in the file twice",
				     db->users[i].name);
}

static void userdb_read(struct userdb_reader *r, FILE *in, struct userdb *db)
{
	char line[USERDB_LINE_MAX];
	struct userdb_user user;
	char *text;
	size_t len;

	while (fgets(line, sizeof(line), in)) {
		r->line++;
		len = strlen(line);
		if (len == sizeof(line) - 1 && line[len - 1] != '\n') {
			userdb_error(r, "line is longer than %d characters",
				     USERDB_LINE_MAX - 2);
			break;
		}
		line[strcspn(line, "\r\n")] = '\0';
		/* Windows' editors put a mark in front of UTF-8. */
		text = line;
		if (r->line == 1 && !strncmp(text, SECRET_FILE_MARK, strlen(SECRET_FILE_MARK)))
			text += strlen(SECRET_FILE_MARK);
		if (!text[strspn(text, " \t")] || *text == '#')
			continue;
		if (userdb_line(r, text, &user) && !userdb_add(db, &user))
			userdb_error(r, "out of memory");
	}
	OPENSSL_cleanse(line, sizeof(line));
	OPENSSL_cleanse(&user, sizeof(user));
}

struct userdb *userdb_load(FILE *in, const char *file, bool fold, struct mschap *mschap,
			   userdb_report report, void *ctx)
{
	struct userdb_reader r = {
		.file = file,
		.mschap = mschap,
		.report = report,
		.ctx = ctx,
	};
	struct userdb *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->order = fold ? userdb_compare_folded : userdb_compare;
	userdb_read(&r, in, db);
	userdb_sort(&r, db);
	if (!r.errors)
		return db;
	userdb_free(db);
	return NULL;
}

void userdb_free(struct userdb *db)
{
	if (!db)
		return;
	OPENSSL_clear_free(db->users, db->room * sizeof(*db->users));
	free(db);
}

const struct userdb_user *userdb_find(const struct userdb *db,
				      const char *name)
{
	const struct userdb_user *user;
	struct userdb_user key;

	if (!db->n)
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	user = bsearch(&key, db->users, db->n, sizeof(key), db->order);
	if (user)
		return user;
	snprintf(key.name, sizeof(key.name), "%s", account_name(name));
	return bsearch(&key, db->users, db->n, sizeof(key), db->order);
}

size_t userdb_size(const struct userdb *db)
{
	return db->n;
}

const struct userdb_user *userdb_at(const struct userdb *db, size_t i)
{
	return &db->users[i];
}
