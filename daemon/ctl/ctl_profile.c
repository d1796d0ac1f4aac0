// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_profile.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "auth/userdb.h"
#include "conf/conf_value.h"
#include "lib/secret_file.h"
#include "lib/text.h"

/** struct profile_wish - what the command line says */
struct profile_wish {
	const char *user;
	const char *kind;
	const char *conf;
	const char *server;
	struct ctl_profile *profile;
};

static void profile_complain(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

/* What is written into a script must be one word, and nothing else. */
static bool profile_is_word(const char *text, size_t len)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_/%~+=,?&");

	return len && n >= len;
}

/* ---- the certificate --------------------------------------------------------------- */

/** struct profile_chain - a certificate, and those behind it in the file */
struct profile_chain {
	X509 *leaf;
	STACK_OF(X509) *others;
};

static void profile_read_chain(struct profile_chain *chain, const char *path)
{
	FILE *in = fopen(path, "r");
	X509 *cert;

	chain->leaf = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
	chain->others = sk_X509_new_null();
	if (!chain->leaf || !chain->others)
		ctl_die("profile: %s holds no certificate that can be read", path);
	while ((cert = PEM_read_X509(in, NULL, NULL, NULL)))
		sk_X509_push(chain->others, cert);
	fclose(in);
}

/* The first name that can be dialled, or address; false if there is none. */
static bool profile_cert_name(X509 *cert, char *name, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	*name = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !*name; i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *text = n->d.ia5;

		if (n->type == GEN_DNS && *ASN1_STRING_get0_data(text) != '*')
			snprintf(name, size, "%.*s", ASN1_STRING_length(text),
				 (const char *)ASN1_STRING_get0_data(text));
		else if (n->type == GEN_IPADD)
			inet_ntop(ASN1_STRING_length(text) == 4 ? AF_INET : AF_INET6,
				  ASN1_STRING_get0_data(text), name, (socklen_t)size);
	}
	GENERAL_NAMES_free(names);
	return *name;
}

static bool profile_is_trusted(const struct profile_chain *chain)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = store && ctx && X509_STORE_set_default_paths(store) == 1 &&
		  X509_STORE_CTX_init(ctx, store, chain->leaf, chain->others) == 1 &&
		  X509_verify_cert(ctx) == 1;

	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return ok;
}

/* The first address of a revocation list. */
static void profile_revocation(X509 *cert, char *url, size_t size)
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points,
						   NULL, NULL);

	for (int i = 0; i < sk_DIST_POINT_num(points) && !*url; i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);
		GENERAL_NAMES *names = point->distpoint && !point->distpoint->type ?
				       point->distpoint->name.fullname : NULL;
		const GENERAL_NAME *n = names ? sk_GENERAL_NAME_value(names, 0) : NULL;

		if (n && n->type == GEN_URI)
			snprintf(url, size, "%.*s", ASN1_STRING_length(n->d.ia5),
				 (const char *)ASN1_STRING_get0_data(n->d.ia5));
		if (!profile_is_word(url, strlen(url)))
			*url = '\0';
	}
	CRL_DIST_POINTS_free(points);
}

static void profile_certificate(struct ctl_profile *p, const char *path)
{
	struct profile_chain chain;
	uint8_t digest[CONF_PIN_LEN];

	profile_read_chain(&chain, path);
	if (!*p->server && !profile_cert_name(chain.leaf, p->server, sizeof(p->server)))
		ctl_die("profile: the certificate %s names no host; say --server NAME", path);
	if (!profile_is_word(p->server, strlen(p->server)))
		ctl_die("profile: the certificate or host = names no host; say --server NAME");
	if (X509_check_host(chain.leaf, p->server, 0, 0, NULL) != 1 &&
	    X509_check_ip_asc(chain.leaf, p->server, 0) != 1)
		fprintf(stderr, "sstpctl: warning: %s is not in the certificate %s: clients will refuse it\n",
			p->server, path);
	p->private_ca = !profile_is_trusted(&chain);
	X509_digest(chain.leaf, EVP_sha256(), digest, NULL);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(p->pin + 2 * i, 3, "%02x", digest[i]);
	profile_revocation(chain.leaf, p->revocation, sizeof(p->revocation));
	X509_free(chain.leaf);
	sk_X509_pop_free(chain.others, X509_free);
}

/* ---- the user ---------------------------------------------------------------------- */

/* Has the account of @user no password? With RADIUS behind it, that is not known. */
static bool profile_by_certificate(const struct conf *conf, const char *user)
{
	const char *path = conf->server.users;
	const struct userdb_user *found;
	struct mschap *mschap;
	struct userdb *db;
	bool none = false;
	char err[400];
	FILE *in;
	int fd;

	if (!(conf->server.backends & CONF_BACKEND_USERS))
		return false;
	fd = secret_file_open(path, err, sizeof(err));
	if (fd < 0)
		ctl_die("%s", err);
	in = fdopen(fd, "r");
	mschap = mschap_new();
	if (!in || !mschap)
		ctl_die("OpenSSL has no MD4: install the legacy provider (Debian 13: openssl-provider-legacy)");
	db = userdb_load(in, path, conf->server.fold_names, mschap, profile_complain, NULL);
	fclose(in);
	mschap_free(mschap);
	if (!db)
		ctl_die("profile: %s has errors", path);
	found = userdb_find(db, user);
	if (found)
		none = found->no_password;
	else if (!(conf->server.backends & CONF_BACKEND_RADIUS))
		ctl_die("profile: %s has no user \"%s\"; sstpctl user add makes one", path, user);
	userdb_free(db);
	return none;
}

static enum auth_method_id profile_method(const struct conf *conf,
					  const struct ctl_profile_kind *kind,
					  const char *user)
{
	bool by_certificate = profile_by_certificate(conf, user);

	for (int i = 0; i < AUTH_METHODS_MAX && kind->methods[i]; i++) {
		uint8_t bits = (uint8_t)kind->methods[i];

		if (by_certificate != (kind->methods[i] == AUTH_EAP_TLS) && by_certificate)
			continue;
		/* What RADIUS is asked for may be this. */
		if (bits == AUTH_EAP_MSCHAPV2)
			bits |= AUTH_EAP_RADIUS;
		if (auth_allows(&conf->server.link.auth, bits))
			return kind->methods[i];
	}
	ctl_die("profile: %s has no way to log in that this server allows%s", kind->name,
		by_certificate ? " to a user without a password" : "");
}

/* ---- the command --------------------------------------------------------------------- */

static uint16_t profile_port(const struct conf *conf)
{
	const struct sockaddr_storage *ss = &conf->server.listen[0];

	return ntohs(ss->ss_family == AF_INET ?
		     ((const struct sockaddr_in *)ss)->sin_port :
		     ((const struct sockaddr_in6 *)ss)->sin6_port);
}

/* "HOST" or "HOST:PORT", "[IPV6]:PORT" */
static void profile_server(struct ctl_profile *p, const char *where)
{
	const char *colon = strrchr(where, ':');
	char *end = NULL;
	bool port = colon && (colon == strchr(where, ':') || colon[-1] == ']');
	size_t len = port ? (size_t)(colon - where) : strlen(where);
	unsigned long value = port ? strtoul(colon + 1, &end, 10) : 443;

	if (*where == '[' && len > 2) {
		where++;
		len -= 2;
	}
	if (!len || len >= sizeof(p->server) || !value || value > 65535 || (end && *end) ||
	    !profile_is_word(where, len))
		ctl_die("profile: --server needs NAME or NAME:PORT");
	snprintf(p->server, sizeof(p->server), "%.*s", (int)len, where);
	p->port = (uint16_t)value;
}

/* A name is written where lines and comments have a meaning. */
static void profile_user(struct ctl_profile *p, const char *user)
{
	for (const char *s = user; *s; s += text_char(s))
		if (!text_char(s) || *s == ';' || *s == '#')
			ctl_die("profile: the name of this user cannot be written into a configuration");
	if (!*user || strlen(user) >= sizeof(p->user))
		ctl_die("profile: the name of the user is empty, or too long");
	strcpy(p->user, user);
}

static void profile_option(struct profile_wish *w, const char *option, const char *value)
{
	struct conf_err err = { "" };

	if (!value)
		ctl_die("profile: %s needs a value", option);
	if (!strcmp(option, "--for"))
		w->kind = value;
	else if (!strcmp(option, "--server"))
		w->server = value;
	else if (!strcmp(option, "--conf"))
		w->conf = value;
	else if (strcmp(option, "--routes"))
		ctl_die("profile: \"%s\" is neither --for, --server, --routes nor --conf", option);
	else if (!conf_prefix_list(value, w->profile->routes, &w->profile->n_routes,
				   CONF_ROUTES_MAX, &err))
		ctl_die("profile: --routes %s", err.text);
}

static bool profile_routes_ipv6(const struct ctl_profile *p)
{
	for (uint32_t i = 0; i < p->n_routes; i++)
		if (p->routes[i].family == AF_INET6)
			return true;
	return false;
}

static void profile_fill(struct ctl_profile *p, const struct conf *conf,
			 const struct profile_wish *w, const struct ctl_profile_kind *kind)
{
	p->port = profile_port(conf);
	profile_user(p, w->user);
	if (w->server)
		profile_server(p, w->server);
	else
		snprintf(p->server, sizeof(p->server), "%s", conf->server.host);
	p->method = profile_method(conf, kind, p->user);
	p->client_cert = conf->server.client_cert == CONF_CERT_REQUIRE;
	p->tls13 = conf->server.tls.min_version == TLS1_3_VERSION;
	p->ipv6 = conf->server.link.ipv6;
	if (profile_routes_ipv6(p) && !p->ipv6)
		ctl_die("profile: --routes: %s has no \"ipv6 = yes\", its sessions carry no IPv6",
			w->conf);
	snprintf(p->path_prefix, sizeof(p->path_prefix), "%s", conf->server.web.path_prefix);
	profile_certificate(p, conf->server.certs[0].certificate);
}

int ctl_profile(const struct ctl *ctl, int argc, char **argv)
{
	struct ctl_profile profile = { .n_routes = 0 };
	struct profile_wish w = { .conf = ctl->conf ? ctl->conf : CTL_CONF, .profile = &profile };
	const struct ctl_profile_kind *kind;
	struct conf *conf;

	if (!argc || *argv[0] == '-')
		ctl_die("profile: whose? It needs the name of a user, and --for KIND");
	w.user = argv[0];
	for (int i = 1; i < argc; i += 2)
		profile_option(&w, argv[i], argv[i + 1]);
	kind = ctl_profile_kind(w.kind);
	if (!kind)
		ctl_die("profile: say --for windows, mikrotik, networkmanager or sstpd");
	conf = calloc(1, sizeof(*conf));
	if (!conf || conf_load(conf, w.conf, profile_complain, NULL) || !conf->has_server)
		ctl_die("profile: %s has no [server] that can be read", w.conf);
	profile_fill(&profile, conf, &w, kind);
	conf_clear(conf);
	free(conf);
	kind->print(stdout, &profile);
	return 0;
}
