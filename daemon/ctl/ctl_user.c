// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_user.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <json-c/json.h>
#include <openssl/crypto.h>

#include "auth/mschap.h"
#include "auth/userdb.h"
#include "auth/userfile.h"
#include "conf/conf.h"

#define CTL_CONF	"/etc/sstpd/sstpd.conf"

/* Prefix, 32 hex digits. */
#define CTL_SECRET_MAX	64

#define CTL_OPTIONS_MAX		700
#define CTL_ADD_ARGS_MAX	40

static int ctl_fail(const char *text)
{
	fprintf(stderr, "sstpctl: %s\n", text);
	return 1;
}

/* ---- passwords ---------------------------------------------------------------- */

/* Reads a line; what is typed at a terminal is not shown. */
static bool ctl_read_password(char *line, size_t size)
{
	struct termios old, quiet;
	bool tty = tcgetattr(STDIN_FILENO, &old) == 0;
	bool ok;

	if (tty) {
		fputs("password: ", stderr);
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	ok = fgets(line, (int)size, stdin);
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	if (ok)
		line[strcspn(line, "\r\n")] = '\0';
	return ok;
}

static struct mschap *ctl_mschap(void)
{
	struct mschap *mschap = mschap_new();

	if (!mschap)
		ctl_fail("OpenSSL has no MD4: install the legacy provider (Debian 13: openssl-provider-legacy)");
	return mschap;
}

/* What stands for a password from stdin in the users file. */
static bool ctl_secret(struct mschap *mschap, char secret[static CTL_SECRET_MAX])
{
	uint8_t hash[MSCHAP_NT_HASH_LEN];
	char line[1024];
	char text[120];
	size_t len;
	int rc;

	if (!ctl_read_password(line, sizeof(line))) {
		ctl_fail("no password on standard input");
		return false;
	}
	rc = mschap_nt_hash(mschap, line, strlen(line), hash);
	OPENSSL_cleanse(line, sizeof(line));
	if (rc < 0) {
		snprintf(text, sizeof(text),
			 "the password is not UTF-8 text of at most %d characters",
			 MSCHAP_PASSWORD_MAX);
		ctl_fail(text);
		return false;
	}
	strcpy(secret, USERDB_HASH_PREFIX);
	len = strlen(secret);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(secret + len + 2 * i, 3, "%02x", hash[i]);
	OPENSSL_cleanse(hash, sizeof(hash));
	return true;
}

/* {@key: @value}, for programs */
static void ctl_print(const char *key, const char *value)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, key, json_object_new_string(value));
	ctl_json(o);
	json_object_put(o);
}

int ctl_nt_hash(const struct ctl *ctl)
{
	struct mschap *mschap = ctl_mschap();
	char secret[CTL_SECRET_MAX];
	bool ok;

	if (!mschap)
		return 1;
	ok = ctl_secret(mschap, secret);
	if (ok && ctl->json)
		ctl_print("nt_hash", secret);
	else if (ok)
		puts(secret);
	mschap_free(mschap);
	return !ok;
}

/* ---- users file --------------------------------------------------------------- */

static void ctl_complain(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

/* The users file that the daemon is configured for. */
static bool ctl_default_file(char path[static CONF_PATH_MAX])
{
	struct conf *conf = calloc(1, sizeof(*conf));
	bool ok;

	if (!conf)
		return false;
	ok = !conf_load(conf, CTL_CONF, ctl_complain, NULL) &&
	     conf->has_server;
	if (ok)
		memcpy(path, conf->server.users, CONF_PATH_MAX);
	else
		ctl_fail("no users file in " CTL_CONF "; name it with -f");
	conf_clear(conf);
	free(conf);
	return ok;
}

static int ctl_change(const char *path, struct userfile_change *change)
{
	struct mschap *mschap = ctl_mschap();
	char secret[CTL_SECRET_MAX] = "";
	char err[400];
	int rc = 1;

	if (!mschap)
		return 1;
	change->secret = secret;
	if (change->op == USERFILE_DEL || change->op == USERFILE_MARK ||
	    ctl_secret(mschap, secret)) {
		rc = userfile_change(path, change, mschap, err, sizeof(err));
		if (rc)
			rc = ctl_fail(err);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	mschap_free(mschap);
	return rc;
}

static void ctl_list_line(void *ctx, const char *name, const char *address,
			  const char *options)
{
	(void)ctx;
	/* As `user add` takes it. */
	if (!*address && *options)
		address = "-";
	printf("%s%s%s%s%s\n", name, *address ? " " : "", address,
	       *options ? " " : "", options);
}

static void ctl_list_object(void *ctx, const char *name, const char *address,
			  const char *options)
{
	struct json_object *user = json_object_new_object();

	json_object_object_add(user, "name", json_object_new_string(name));
	if (*address)
		json_object_object_add(user, "address",
				       json_object_new_string(address));
	if (*options)
		json_object_object_add(user, "options",
				       json_object_new_string(options));
	json_object_array_add(ctx, user);
}

static int ctl_list(const struct ctl *ctl, const char *file)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char err[400];
	int rc;

	json_object_object_add(o, "users", list);
	rc = userfile_list(file, ctl->json ? ctl_list_object : ctl_list_line,
			   list, err, sizeof(err));
	if (rc)
		rc = ctl_fail(err);
	else if (ctl->json)
		ctl_json(o);
	json_object_put(o);
	return rc;
}

/* What is written into one field must not become another line. */
static bool ctl_join(char *text, size_t size, int n, char **words)
{
	size_t len = 0;

	*text = '\0';
	for (int i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					i ? " " : "", words[i]);
	return len < size && !strpbrk(text, "\r\n");
}

int ctl_user(const struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		const char *done;
		enum userfile_op op;
		int args_max;
		const char *mark;
	} commands[] = {
		{ "add", "added", USERFILE_ADD, CTL_ADD_ARGS_MAX, NULL },
		{ "del", "deleted", USERFILE_DEL, 2, NULL },
		{ "passwd", "changed", USERFILE_PASSWD, 2, NULL },
		{ "expire", "expired", USERFILE_MARK, 2, USERDB_EXPIRED },
		{ "disable", "disabled", USERFILE_MARK, 2, USERDB_DISABLED },
		{ "enable", "enabled", USERFILE_MARK, 2, NULL },
	};
	char path[CONF_PATH_MAX], options[CTL_OPTIONS_MAX];
	const char *file = NULL;
	int rc;

	if (argc >= 2 && !strcmp(argv[0], "-f")) {
		file = argv[1];
		argc -= 2;
		argv += 2;
	}
	if (!file && argc && ctl_default_file(path))
		file = path;
	if (!file)
		return argc ? 1 : 2;
	if (argc == 1 && !strcmp(argv[0], "list"))
		return ctl_list(ctl, file);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct userfile_change change = {
			.op = commands[i].op,
			.mark = commands[i].mark,
		};

		if (argc < 2 || argc > commands[i].args_max ||
		    strcmp(argv[0], commands[i].name))
			continue;
		change.name = argv[1];
		if (argc > 2 && strcmp(argv[2], "-"))
			change.address = argv[2];
		if (argc > 3) {
			if (!ctl_join(options, sizeof(options), argc - 3,
				      argv + 3))
				return ctl_fail("options are too long, or hold a line break");
			change.options = options;
		}
		rc = ctl_change(file, &change);
		if (!rc && ctl->json)
			ctl_print(commands[i].done, change.name);
		return rc;
	}
	return 2;
}
