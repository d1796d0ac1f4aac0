// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/conf_files.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/mschap.h"
#include "auth/userdb.h"
#include "conf/policy.h"
#include "parent/kept.h"
#include "tls/tls_ctx.h"

/* Made when it is first needed, and kept: to load OpenSSL's provider takes long. */
static struct mschap *conf_mschap;

/* Who hears of certificates that are not of today; are they allowed? */
static struct {
	bool tolerant;
	conf_report report;
	void *ctx;
} conf_when;

/** struct conf_missing - an account that is looked at, and who hears of it */
struct conf_missing {
	const char *path;
	const struct userdb_user *user;
	conf_report report;
	void *ctx;
};

static void conf_warn_missing(void *ctx, const char *what)
{
	const struct conf_missing *m = ctx;
	char text[CONF_PATH_MAX + 500];

	snprintf(text, sizeof(text),
		 "%s: warning: user %s: there is no %s in the configuration",
		 m->path, m->user->name, what);
	m->report(m->ctx, text);
}

/* A warning: the file may be changed before the configuration is. */
static void conf_check_names(const struct conf *conf, const struct userdb *db,
			     conf_report report, void *ctx)
{
	struct conf_missing m = {
		.path = conf->server.users,
		.report = report,
		.ctx = ctx,
	};

	for (size_t i = 0; i < userdb_size(db); i++) {
		m.user = userdb_at(db, i);
		policy_check_names(conf, &m.user->grant, conf_warn_missing, &m);
	}
}

struct userdb *conf_load_users(const struct conf_server *server, conf_report report,
			       void *ctx)
{
	const char *path = server->users;
	struct userdb *db;
	char err[300];
	FILE *in;
	int fd;

	fd = kept_open(path, KEPT_SECRET, err, sizeof(err));
	if (fd < 0) {
		report(ctx, err);
		return NULL;
	}
	in = fdopen(fd, "r");
	if (!in) {
		close(fd);
		report(ctx, "sstpd: out of memory");
		return NULL;
	}
	if (!conf_mschap)
		conf_mschap = mschap_new();
	if (!conf_mschap) {
		fclose(in);
		report(ctx, "sstpd: OpenSSL has no MD4, MS-CHAPv2 needs it: install the legacy provider (Debian 13: openssl-provider-legacy)");
		return NULL;
	}
	db = userdb_load(in, path, server->fold_names, conf_mschap, report, ctx);
	fclose(in);
	return db;
}

static struct userdb *conf_check_users(const struct conf *conf, conf_report report, void *ctx)
{
	struct userdb *db = conf_load_users(&conf->server, report, ctx);
	char text[CONF_PATH_MAX + 40];

	if (db && !userdb_size(db)) {
		snprintf(text, sizeof(text), "%s: warning: nobody is in it", conf->server.users);
		report(ctx, text);
	}
	if (db)
		conf_check_names(conf, db, report, ctx);
	return db;
}

/* It is run as root: who can write it can do everything. */
static unsigned int conf_check_script(const char *path, conf_report report,
				      void *ctx)
{
	const char *wrong = NULL;
	char text[CONF_PATH_MAX + 100];
	struct stat st;

	if (!*path)
		return 0;
	if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		wrong = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		wrong = "is not a program";
	else if (st.st_uid)
		wrong = "is run as root, so it must belong to root";
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		wrong = "is run as root, so others must not be able to write it; chmod go-w";
	if (!wrong)
		return 0;
	snprintf(text, sizeof(text), "%s: %s", path, wrong);
	report(ctx, text);
	return 1;
}

static unsigned int conf_check_scripts(const struct conf_link *link,
				       conf_report report, void *ctx)
{
	return conf_check_script(link->up_script, report, ctx) +
	       conf_check_script(link->down_script, report, ctx);
}

/* Once the daemon serves, an old one is better than none: a warning then. */
static bool conf_in_time(const struct conf_cert *conf, char *err, size_t err_len)
{
	char text[CONF_PATH_MAX + 200], why[150];
	bool ok;
	int fd;

	if (!conf_when.report)
		return true;
	fd = kept_open(conf->certificate, KEPT_PLAIN, err, err_len);
	if (fd < 0)
		return false;
	ok = tls_certs_in_time(fd, why, sizeof(why));
	close(fd);
	if (ok)
		return true;
	snprintf(err, err_len, "%.150s: %.100s (\"allow-expired\")", conf->certificate, why);
	if (!conf_when.tolerant)
		return false;
	snprintf(text, sizeof(text), "%s: warning: %s", conf->certificate, why);
	conf_when.report(conf_when.ctx, text);
	return true;
}

/*
 * Say it of the file that is wrong, if it is one: whoever uses them has descriptors
 * alone. Not before something is: reading them takes long.
 */
static bool conf_blame(const struct conf_cert *conf, const struct tls_cert_files *files,
		       char *err, size_t err_len)
{
	char why[200];
	bool key;

	if (tls_certs_check(files, &key, why, sizeof(why)))
		return false;
	snprintf(err, err_len, "%s: %s", key ? conf->key : conf->certificate, why);
	return true;
}

static bool conf_open_cert(const struct conf_cert *conf,
			   struct tls_cert_files *files, char *err,
			   size_t err_len)
{
	if (!conf_in_time(conf, err, err_len))
		return false;
	files->cert = kept_open(conf->certificate, KEPT_PLAIN, err, err_len);
	if (files->cert >= 0)
		files->key = kept_open(conf->key, KEPT_SECRET, err, err_len);
	return files->key >= 0;
}

/* -1 with the reason in @err */
static int conf_open_ca(const char *path, char *err, size_t err_len)
{
	int fd = kept_open(path, KEPT_PLAIN, err, err_len);

	if (fd < 0 || tls_ctx_has_ca(fd))
		return fd;
	snprintf(err, err_len, "%s: there is no certificate in it", path);
	close(fd);
	return -1;
}

static bool conf_check_client_ca(const struct conf_server *server,
				 SSL_CTX *ssl_ctx, char *err, size_t err_len)
{
	int fd;
	bool ok;

	if (!*server->client_ca)
		return true;
	fd = conf_open_ca(server->client_ca, err, err_len);
	if (fd < 0)
		return false;
	ok = tls_ctx_ask_clients(ssl_ctx, fd, false, err, err_len);
	close(fd);
	return ok;
}

/* Reports for itself: the name of the file says more than the number. */
static unsigned int conf_check_ocsp(const struct conf_server *server,
				    SSL_CTX *ssl_ctx, conf_report report,
				    void *ctx)
{
	char text[2 * CONF_PATH_MAX + 200], err[CONF_PATH_MAX + 150];
	unsigned int errors = 0;
	int fd;

	for (uint32_t i = 0; i < server->n_certs; i++) {
		const char *path = server->certs[i].ocsp;

		if (!*path)
			continue;
		fd = kept_open(path, KEPT_PLAIN, err, sizeof(err));
		if (fd < 0 ||
		    !tls_certs_staple(ssl_ctx, i, fd, err, sizeof(err))) {
			snprintf(text, sizeof(text), "%s: %s", path, err);
			report(ctx, text);
			errors++;
		}
		if (fd >= 0)
			close(fd);
	}
	return errors;
}

/* Do certificates, keys and ciphers go together? */
static unsigned int conf_check_tls(const struct conf_server *server,
				   conf_report report, void *ctx)
{
	struct tls_cert_files files[CONF_CERTS_MAX];
	SSL_CTX *ssl_ctx = NULL;
	char text[CONF_PATH_MAX + 320], err[CONF_PATH_MAX + 300];
	bool opened = true;
	unsigned int errors = 1;
	unsigned int i;

	memset(files, 0xff, sizeof(files));
	for (i = 0; i < server->n_certs && opened; i++)
		opened = conf_open_cert(&server->certs[i], &files[i], text,
					sizeof(text));
	if (opened) {
		ssl_ctx = tls_ctx_server(&server->tls, files, server->n_certs,
					 err, sizeof(err));
		if (ssl_ctx && !conf_check_client_ca(server, ssl_ctx, err,
						     sizeof(err))) {
			SSL_CTX_free(ssl_ctx);
			ssl_ctx = NULL;
		}
		snprintf(text, sizeof(text), "[server]: %s", err);
		for (uint32_t n = 0; n < server->n_certs && !ssl_ctx; n++)
			if (conf_blame(&server->certs[n], &files[n], text, sizeof(text)))
				break;
	}
	if (ssl_ctx)
		errors = conf_check_ocsp(server, ssl_ctx, report, ctx);
	else
		report(ctx, text);
	while (i--) {
		close(files[i].cert);
		close(files[i].key);
	}
	SSL_CTX_free(ssl_ctx);
	return errors;
}

/* Do certificate, key and CA of EAP-TLS go together? */
static unsigned int conf_check_eap(const struct conf_eap_tls *eap, bool server,
				   const char *section, conf_report report,
				   void *ctx)
{
	struct tls_cert_files files = { -1, -1 };
	char text[CONF_PATH_MAX + 400], err[CONF_PATH_MAX + 300] = "";
	int ca = conf_open_ca(eap->ca, err, sizeof(err));
	SSL_CTX *ssl_ctx = NULL;

	if (ca >= 0 && conf_open_cert(&eap->cert, &files, err, sizeof(err))) {
		ssl_ctx = tls_ctx_eap(server, &files, ca, err, sizeof(err));
		if (!ssl_ctx)
			conf_blame(&eap->cert, &files, err, sizeof(err));
	}
	if (!ssl_ctx) {
		snprintf(text, sizeof(text), "[%s] EAP-TLS: %s", section, err);
		report(ctx, text);
	}
	if (files.cert >= 0)
		close(files.cert);
	if (files.key >= 0)
		close(files.key);
	if (ca >= 0)
		close(ca);
	SSL_CTX_free(ssl_ctx);
	return !ssl_ctx;
}

/* Whom is the server's certificate of PEAP checked against? */
static unsigned int conf_check_peap(const struct conf_eap_tls *eap, const char *section,
				    conf_report report, void *ctx)
{
	char text[CONF_PATH_MAX + 400], err[CONF_PATH_MAX + 300];
	int ca = conf_open_ca(eap->ca, err, sizeof(err));

	if (ca >= 0) {
		close(ca);
		return 0;
	}
	snprintf(text, sizeof(text), "[%s] PEAP: %s", section, err);
	report(ctx, text);
	return 1;
}

/* NULL after a complaint */
static SSL_CTX *conf_client_ctx(const struct conf_client *client,
				const struct tls_cert_files *files, char *err,
				size_t err_len)
{
	SSL_CTX *ssl_ctx;
	int ca = -1;

	if (*client->ca)
		ca = conf_open_ca(client->ca, err, err_len);
	if (*client->ca && ca < 0)
		return NULL;
	ssl_ctx = tls_ctx_client(&client->tls, ca, err, err_len);
	if (ca >= 0)
		close(ca);
	if (ssl_ctx && files->cert >= 0 &&
	    tls_certs_show(ssl_ctx, files, err, err_len) < 0) {
		SSL_CTX_free(ssl_ctx);
		ssl_ctx = NULL;
	}
	return ssl_ctx;
}

/* What its engine would end over. */
static unsigned int conf_check_client_tls(const struct conf_client *client,
					  const char *section, conf_report report,
					  void *ctx)
{
	struct tls_cert_files files = { -1, -1 };
	char text[CONF_PATH_MAX + 400], err[CONF_PATH_MAX + 300] = "";
	SSL_CTX *ssl_ctx = NULL;
	struct conf_cert conf;

	memcpy(conf.certificate, client->cert, sizeof(conf.certificate));
	memcpy(conf.key, client->key, sizeof(conf.key));
	if (!*client->cert || conf_open_cert(&conf, &files, err, sizeof(err))) {
		ssl_ctx = conf_client_ctx(client, &files, err, sizeof(err));
		if (!ssl_ctx && *client->cert)
			conf_blame(&conf, &files, err, sizeof(err));
	}
	if (!ssl_ctx) {
		snprintf(text, sizeof(text), "[%s]: %s", section, err);
		report(ctx, text);
	}
	if (files.cert >= 0)
		close(files.cert);
	if (files.key >= 0)
		close(files.key);
	SSL_CTX_free(ssl_ctx);
	return !ssl_ctx;
}

static unsigned int conf_check_client_certs(const struct conf_client *client,
					    conf_report report, void *ctx)
{
	char section[CONF_NAME_MAX + 10];
	unsigned int errors;

	snprintf(section, sizeof(section), "client %s", client->name);
	errors = conf_check_client_tls(client, section, report, ctx);
	if (auth_allows(&client->link.auth, AUTH_EAP_TLS))
		errors += conf_check_eap(&client->eap, false, section, report,
					 ctx);
	if (auth_allows(&client->link.auth, AUTH_PEAP))
		errors += conf_check_peap(&client->eap, section, report, ctx);
	return errors;
}

static void conf_check_begin(bool tolerant, conf_report report, void *ctx)
{
	conf_when.tolerant = tolerant;
	conf_when.report = report;
	conf_when.ctx = ctx;
}

static unsigned int conf_check_all_certs(const struct conf *conf, conf_report report,
					 void *ctx)
{
	unsigned int errors = 0;

	for (uint32_t i = 0; i < conf->n_clients; i++)
		errors += conf_check_client_certs(&conf->clients[i], report, ctx);
	if (!conf->has_server)
		return errors;
	errors += conf_check_tls(&conf->server, report, ctx);
	if (auth_allows(&conf->server.link.auth, AUTH_EAP_TLS))
		errors += conf_check_eap(&conf->server.eap, true, "server", report, ctx);
	return errors;
}

unsigned int conf_check_certs(const struct conf *conf, conf_report report, void *ctx)
{
	conf_check_begin(true, report, ctx);
	return conf_check_all_certs(conf, report, ctx);
}

/* It is there, or its directory is. */
static bool conf_can_write(const char *path, char *why, size_t why_len)
{
	const char *name = strrchr(path, '/');
	char dir[CONF_PATH_MAX];

	if (!access(path, W_OK))
		return true;
	snprintf(dir, sizeof(dir), "%.*s", name && name > path ? (int)(name - path) : 1,
		 name ? path : ".");
	if (!access(dir, W_OK | X_OK))
		return true;
	snprintf(why, why_len, "%s: cannot write to %s: %s", path, dir, strerror(errno));
	return false;
}

/* What only a start looks at. */
static unsigned int conf_check_start(const struct conf *conf, conf_report report, void *ctx)
{
	const char *spool = conf->radius.n_acct ? conf->radius.spool : "";
	const char *user = conf->main.user, *keylog = conf->main.keylog;
	const struct passwd *pw = *user ? getpwnam(user) : NULL;
	char why[2 * CONF_PATH_MAX + 100];
	unsigned int errors = 0;

	if (*user && (!pw || !pw->pw_uid)) {
		snprintf(why, sizeof(why), "[global] user: no unprivileged user \"%s\"", user);
		report(ctx, why);
		errors++;
	}
	if (*keylog && !conf_can_write(keylog, why, sizeof(why))) {
		report(ctx, why);
		errors++;
	}
	if (*spool && !conf_can_write(spool, why, sizeof(why))) {
		strncat(why, " (a warning: records that wait are lost with a restart)",
			sizeof(why) - strlen(why) - 1);
		report(ctx, why);
	}
	return errors;
}

unsigned int conf_check_files(const struct conf *conf, bool again, struct userdb **users,
			      conf_report report, void *ctx)
{
	struct userdb *db = NULL;
	unsigned int errors;

	conf_check_begin(again || conf->main.allow_expired, report, ctx);
	errors = conf_check_all_certs(conf, report, ctx);
	if (!again)
		errors += conf_check_start(conf, report, ctx);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		errors += conf_check_scripts(&conf->clients[i].link, report, ctx);
	if (!conf->has_server)
		return errors;
	errors += conf_check_scripts(&conf->server.link, report, ctx);
	if (conf->server.backends & CONF_BACKEND_USERS) {
		db = conf_check_users(conf, report, ctx);
		errors += !db;
	}
	if (users)
		*users = db;
	else
		userdb_free(db);
	return errors;
}
