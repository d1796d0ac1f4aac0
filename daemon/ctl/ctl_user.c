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
#include "ctl/ctl_names.h"

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

/* Reads a line; what is typed at a terminal is asked for, and not shown. */
static bool ctl_read_line(const char *prompt, char *line, size_t size)
{
	struct termios old, quiet;
	bool tty = tcgetattr(STDIN_FILENO, &old) == 0;
	bool ok;

	if (tty) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		/* Now, when nothing that is typed is shown, or lost. */
		fputs(prompt, stderr);
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

/* Who types it does not see it: twice the same is what was meant. */
static bool ctl_read_password(char *line, size_t size)
{
	char again[1024];
	bool same;

	if (!ctl_read_line("password: ", line, size)) {
		ctl_fail("no password on standard input");
		return false;
	}
	if (!isatty(STDIN_FILENO))
		return true;
	same = ctl_read_line("once more: ", again, sizeof(again)) &&
	       !strcmp(line, again);
	OPENSSL_cleanse(again, sizeof(again));
	if (!same)
		ctl_fail("the two passwords are not the same; nothing is changed");
	return same;
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
		OPENSSL_cleanse(line, sizeof(line));
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

/* The configuration that says which users file is the daemon's; NULL after complaints. */
static struct conf *ctl_conf(const struct ctl *ctl)
{
	const char *path = ctl->conf ? ctl->conf : CTL_CONF;
	struct conf *conf = calloc(1, sizeof(*conf));
	char text[500];

	if (!conf)
		ctl_die("out of memory");
	if (!conf_load(conf, path, ctl_complain, NULL) && conf->has_server)
		return conf;
	snprintf(text, sizeof(text), "no users file in %s; name it with -f", path);
	ctl_fail(text);
	conf_clear(conf);
	free(conf);
	return NULL;
}

static int ctl_change(const struct ctl_names *where, struct userfile_change *change)
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
		rc = userfile_change(where->users, change, mschap, err, sizeof(err));
		if (rc)
			rc = ctl_fail(err);
		else if (change->options)
			ctl_names_warn(where, change->name, mschap);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	mschap_free(mschap);
	return rc;
}

static void ctl_list_user_line(void *ctx, const char *name, const char *address,
			  const char *options)
{
	(void)ctx;
	/* As `user add` takes it. */
	if (!*address && *options)
		address = "-";
	printf("%s%s%s%s%s\n", name, *address ? " " : "", address,
	       *options ? " " : "", options);
}

static void ctl_list_user_object(void *ctx, const char *name, const char *address,
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

static int ctl_list_users(const struct ctl *ctl, const char *file)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char err[400];
	int rc;

	json_object_object_add(o, "users", list);
	rc = userfile_list(file, ctl->json ? ctl_list_user_object : ctl_list_user_line,
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

/* ---- what the daemon makes of it --------------------------------------------- */

/* A daemon reads the users file when it is told to: has it? @text says. */
static bool ctl_in_effect(const struct ctl *ctl, bool reload, char *text, size_t size)
{
	char why[400];
	struct json_object *answer = ctl_try(ctl, reload ? "reload\n" : "version\n",
					     why, sizeof(why));

	if (!answer)
		snprintf(text, size, "not in effect: %s", why);
	else
		snprintf(text, size, reload ? "in effect" :
			 "not in effect before `sstpctl reload`");
	if (!answer)
		return false;
	json_object_put(answer);
	return reload;
}

/* @done: what happened to @name, in @file */
static int ctl_say_done(const struct ctl *ctl, const char *done, const char *name,
			const char *file, bool reload)
{
	char text[500];
	bool in_effect = ctl_in_effect(ctl, reload, text, sizeof(text));
	struct json_object *o;

	if (ctl->json) {
		o = json_object_new_object();
		json_object_object_add(o, done, json_object_new_string(name));
		json_object_object_add(o, "in_effect", json_object_new_boolean(in_effect));
		ctl_json(o);
		json_object_put(o);
	} else {
		printf("%s %s in %s; %s\n", done, name, file, text);
	}
	return reload && !in_effect;
}

/* ---- the command -------------------------------------------------------------- */

/** struct ctl_user_options - @file: NULL = that of the configuration */
struct ctl_user_options {
	const char *file;
	bool reload;
};

/* Return: how many words they are. */
static int ctl_user_options(struct ctl_user_options *o, int argc, char **argv)
{
	int n = 0;

	for (; n < argc && *argv[n] == '-'; n++) {
		if (!strcmp(argv[n], "--reload"))
			o->reload = true;
		else if (!strcmp(argv[n], "-f") && n + 1 < argc)
			o->file = argv[++n];
		else
			break;
	}
	return n;
}

static const struct ctl_user_command {
	const char *name;
	const char *done;
	enum userfile_op op;
	int args_max;
	const char *mark;
} ctl_user_commands[] = {
	{ "add", "added", USERFILE_ADD, CTL_ADD_ARGS_MAX, NULL },
	{ "del", "deleted", USERFILE_DEL, 2, NULL },
	{ "passwd", "changed", USERFILE_PASSWD, 2, NULL },
	{ "expire", "expired", USERFILE_MARK, 2, USERDB_EXPIRED },
	{ "disable", "disabled", USERFILE_MARK, 2, USERDB_DISABLED },
	{ "enable", "enabled", USERFILE_MARK, 2, NULL },
};

static const struct ctl_user_command *ctl_user_command(int argc, char **argv)
{
	const struct ctl_user_command *c = ctl_user_commands;
	const size_t n = sizeof(ctl_user_commands) / sizeof(ctl_user_commands[0]);

	for (; c < ctl_user_commands + n; c++)
		if (argc >= 2 && argc <= c->args_max && !strcmp(argv[0], c->name))
			return c;
	return NULL;
}

/* @conf: NULL if the file was named */
static int ctl_user_run(const struct ctl *ctl, const struct ctl_user_options *o,
			const struct conf *conf, int argc, char **argv)
{
	const struct ctl_names where = {
		.conf = conf && !ctl->conf ? CTL_CONF : ctl->conf,
		.dir = CTL_CONF_DIR,
		.users = conf ? conf->server.users : o->file,
	};
	const struct ctl_user_command *command = ctl_user_command(argc, argv);
	struct userfile_change change = { 0 };
	char options[CTL_OPTIONS_MAX];
	int rc;

	if (argc == 1 && !strcmp(argv[0], "list"))
		return ctl_list_users(ctl, where.users);
	if (!command)
		return 2;
	change.op = command->op;
	change.mark = command->mark;
	change.name = argv[1];
	if (argc > 2 && strcmp(argv[2], "-"))
		change.address = argv[2];
	if (argc > 3) {
		if (!ctl_join(options, sizeof(options), argc - 3, argv + 3))
			return ctl_fail("options are too long, or hold a line break");
		change.options = options;
	}
	rc = ctl_change(&where, &change);
	return rc ? rc : ctl_say_done(ctl, command->done, change.name, where.users, o->reload);
}

int ctl_user(const struct ctl *ctl, int argc, char **argv)
{
	struct ctl_user_options o = { NULL };
	int words = ctl_user_options(&o, argc, argv);
	struct conf *conf = NULL;
	int rc;

	argc -= words;
	argv += words;
	if (!argc)
		return 2;
	if (!o.file) {
		conf = ctl_conf(ctl);
		if (!conf)
			return 1;
	}
	rc = ctl_user_run(ctl, &o, conf, argc, argv);
	if (conf) {
		conf_clear(conf);
		free(conf);
	}
	return rc;
}
