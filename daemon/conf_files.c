// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mschap.h"
#include "secret_file.h"
#include "tls_ctx.h"
#include "userdb.h"

static void conf_warn_name(const char *path, const struct userdb_user *user,
			   const char *kind, const char *name,
			   conf_report report, void *ctx)
{
	char text[CONF_PATH_MAX + 500];

	snprintf(text, sizeof(text),
		 "%s: warning: user %s: there is no [%s %s] in the configuration",
		 path, user->name, kind, name);
	report(ctx, text);
}

/* A warning: the file may be changed before the configuration is. */
static void conf_check_names(const struct conf *conf, const struct userdb *db,
			     conf_report report, void *ctx)
{
	const char *path = conf->server.users;

	for (size_t i = 0; i < userdb_size(db); i++) {
		const struct userdb_user *user = userdb_at(db, i);
		const struct policy_user *g = &user->grant;

		if (*g->group && !conf_group_find(conf, g->group))
			conf_warn_name(path, user, "group", g->group, report,
				       ctx);
		if (!conf_pool_find(conf, g->policy.pool))
			conf_warn_name(path, user, "pool", g->policy.pool,
				       report, ctx);
		if (!conf_pool_find(conf, g->policy.pool6))
			conf_warn_name(path, user, "pool", g->policy.pool6,
				       report, ctx);
	}
}

struct userdb *conf_load_users(const char *path, conf_report report, void *ctx)
{
	struct mschap *mschap;
	struct userdb *db;
	char err[300];
	FILE *in;
	int fd;

	fd = secret_file_open(path, err, sizeof(err));
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
	mschap = mschap_new();
	if (!mschap) {
		fclose(in);
		report(ctx, "sstpd: OpenSSL has no MD4, MS-CHAPv2 needs it: install the legacy provider (Debian 13: openssl-provider-legacy)");
		return NULL;
	}
	db = userdb_load(in, path, mschap, report, ctx);
	fclose(in);
	mschap_free(mschap);
	return db;
}

static unsigned int conf_check_users(const struct conf *conf, conf_report report,
				     void *ctx)
{
	struct userdb *db = conf_load_users(conf->server.users, report, ctx);

	if (db)
		conf_check_names(conf, db, report, ctx);
	userdb_free(db);
	return !db;
}

static unsigned int conf_check_readable(const char *path, conf_report report,
					void *ctx)
{
	char text[CONF_PATH_MAX + 100];

	if (!*path || access(path, R_OK) == 0)
		return 0;
	snprintf(text, sizeof(text), "%s: %s", path, strerror(errno));
	report(ctx, text);
	return 1;
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

static bool conf_open_cert(const struct conf_cert *conf,
			   struct tls_cert_files *files, char *err,
			   size_t err_len)
{
	files->key = secret_file_open(conf->key, err, err_len);
	files->cert = open(conf->certificate, O_RDONLY | O_CLOEXEC);
	if (files->cert < 0)
		snprintf(err, err_len, "%s: %s", conf->certificate,
			 strerror(errno));
	return files->key >= 0 && files->cert >= 0;
}

static bool conf_check_client_ca(const struct conf_server *server,
				 SSL_CTX *ssl_ctx, char *err, size_t err_len)
{
	int fd;
	bool ok;

	if (!*server->client_ca)
		return true;
	fd = open(server->client_ca, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(err, err_len, "%s: %s", server->client_ca,
			 strerror(errno));
		return false;
	}
	ok = tls_ctx_ask_clients(ssl_ctx, fd, false, err, err_len);
	close(fd);
	return ok;
}

/* Reports for itself: the name of the file says more than the number. */
static unsigned int conf_check_ocsp(const struct conf_server *server,
				    SSL_CTX *ssl_ctx, conf_report report,
				    void *ctx)
{
	char text[CONF_PATH_MAX + 200], err[150];
	unsigned int errors = 0;
	int fd;

	for (uint32_t i = 0; i < server->n_certs; i++) {
		const char *path = server->certs[i].ocsp;

		if (!*path)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			snprintf(err, sizeof(err), "%s", strerror(errno));
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
	char text[320], err[300];
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
	int ca = open(eap->ca, O_RDONLY | O_CLOEXEC);
	char text[400], err[300] = "";
	SSL_CTX *ssl_ctx = NULL;

	if (ca < 0)
		snprintf(err, sizeof(err), "%s: %s", eap->ca, strerror(errno));
	else if (conf_open_cert(&eap->cert, &files, err, sizeof(err)))
		ssl_ctx = tls_ctx_eap(server, &files, ca, err, sizeof(err));
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

static unsigned int conf_check_client_files(const struct conf_client *client,
					    conf_report report, void *ctx)
{
	char section[CONF_NAME_MAX + 10];
	unsigned int errors;

	errors = conf_check_readable(client->ca, report, ctx) +
		 conf_check_readable(client->cert, report, ctx) +
		 conf_check_readable(client->key, report, ctx) +
		 conf_check_scripts(&client->link, report, ctx);
	snprintf(section, sizeof(section), "client %s", client->name);
	if (auth_allows(&client->link.auth, AUTH_EAP_TLS))
		errors += conf_check_eap(&client->eap, false, section, report,
					 ctx);
	return errors;
}

unsigned int conf_check_files(const struct conf *conf, conf_report report,
			      void *ctx)
{
	unsigned int errors = 0;
	uint32_t i;

	for (i = 0; i < conf->n_clients; i++)
		errors += conf_check_client_files(&conf->clients[i], report,
						  ctx);
	if (!conf->has_server)
		return errors;
	errors += conf_check_scripts(&conf->server.link, report, ctx);
	errors += conf_check_tls(&conf->server, report, ctx);
	if (auth_allows(&conf->server.link.auth, AUTH_EAP_TLS))
		errors += conf_check_eap(&conf->server.eap, true, "server",
					 report, ctx);
	if (conf->server.backends & CONF_BACKEND_USERS)
		errors += conf_check_users(conf, report, ctx);
	return errors;
}
