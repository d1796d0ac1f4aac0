// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As long as a line of sstpd.conf may be. */
#define NM_LINE_MAX	198
#define NM_USER_MAX	255
#define NM_PASSWORD_MAX	255
#define NM_PROXY_PORT	8080

enum nm_kind {
	NM_TEXT,
	NM_YESNO,
	NM_NUMBER,
};

/**
 * struct nm_key - one that editors write
 * @note: said of it where it is "yes", or is there at all if it is no NM_YESNO
 */
struct nm_key {
	const char *name;
	enum nm_kind kind;
	const char *note;
};

#define NM_NOTE_EAP_CHECK \
	"is not known here: the certificate of the EAP server must be for the name in tls-remotename, or of the gateway"

static const struct nm_key nm_keys[] = {
	{ "ca-cert", NM_TEXT, NULL },
	{ "connection-type", NM_TEXT, NULL },
	{ "crl-file", NM_TEXT, NULL },
	{ "domain", NM_TEXT, NULL },
	{ "gateway", NM_TEXT, NULL },
	{ "ignore-cert-warn", NM_YESNO,
	  "is of no effect: a certificate that is not good is refused; ca-cert may be a file with the certificate of the server's own CA" },
	{ "lcp-echo-failure", NM_NUMBER, NULL },
	{ "lcp-echo-interval", NM_NUMBER, NULL },
	/* There is no MPPE inside of TLS, and no compression. */
	{ "mppe-stateful", NM_YESNO, NULL },
	{ "mtu", NM_NUMBER, NULL },
	{ "no-secret", NM_TEXT, NULL },
	{ "no-vj-comp", NM_YESNO, NULL },
	{ "nobsdcomp", NM_YESNO, NULL },
	{ "nodeflate", NM_YESNO, NULL },
	/* NetworkManager's own. */
	{ "password-flags", NM_TEXT, NULL },
	{ "proxy-password-flags", NM_TEXT, NULL },
	{ "proxy-port", NM_NUMBER, NULL },
	{ "proxy-server", NM_TEXT, NULL },
	{ "proxy-user", NM_TEXT, NULL },
	{ "refuse-chap", NM_YESNO, NULL },
	{ "refuse-eap", NM_YESNO, NULL },
	/* That is refused in any case. */
	{ "refuse-mschap", NM_YESNO, NULL },
	{ "refuse-mschapv2", NM_YESNO, NULL },
	{ "refuse-pap", NM_YESNO, NULL },
	{ "require-mppe", NM_YESNO, NULL },
	{ "require-mppe-128", NM_YESNO, NULL },
	{ "require-mppe-40", NM_YESNO, NULL },
	{ "tls-ca-cert", NM_TEXT, NULL },
	/* The name of the server is said in TLS anyway. */
	{ "tls-ext", NM_YESNO, NULL },
	{ "tls-identity", NM_TEXT, NULL },
	/* The highest that both know is taken. */
	{ "tls-max-version", NM_TEXT, NULL },
	{ "tls-remotename", NM_TEXT, NULL },
	{ "tls-subject-name", NM_TEXT, NULL },
	{ "tls-user-cert", NM_TEXT, NULL },
	{ "tls-user-key", NM_TEXT, NULL },
	{ "tls-user-key-secret-flags", NM_TEXT, NULL },
	/* It is checked in any case. */
	{ "tls-verify-key-usage", NM_YESNO, NULL },
	{ "tls-verify-method", NM_TEXT, NULL },
	{ "unit", NM_NUMBER, NULL },
	{ "user", NM_TEXT, NULL },
	{ "uuid", NM_TEXT, NULL },
};

static bool __attribute__((format(printf, 2, 3)))
nm_wrong(struct nm_conf *conf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(conf->err, sizeof(conf->err), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- values ------------------------------------------------------------------------ */

/* Empty is what editors leave of a field that was cleared. */
static const char *nm_data(const struct nm_settings *s, const char *key)
{
	const char *value = s->data(s->ctx, key);

	return value && *value ? value : NULL;
}

static const char *nm_secret(const struct nm_settings *s, const char *key)
{
	const char *value = s->secret(s->ctx, key);

	return value && *value ? value : NULL;
}

static bool nm_yes(const struct nm_settings *s, const char *key)
{
	const char *value = nm_data(s, key);

	return value && !strcmp(value, "yes");
}

static bool nm_has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* What would end before its end, or be another one, when it is read. */
static const char *nm_objection(const char *value)
{
	size_t len = strlen(value);

	if (nm_has_control(value))
		return "has a control character";
	if (*value == ' ' || value[len - 1] == ' ')
		return "begins or ends with a blank";
	if (*value == ';' || strstr(value, " ;"))
		return "has a semicolon behind a blank";
	return NULL;
}

/* @key: of sstpd.conf; @of: NetworkManager's, for the complaint */
static bool nm_put(struct nm_conf *conf, const char *key, const char *value, const char *of)
{
	const char *why = *value ? nm_objection(value) : "is empty";
	size_t room = sizeof(conf->text) - conf->len;
	int n;

	if (why)
		return nm_wrong(conf, "%s: the value %s", of, why);
	n = snprintf(conf->text + conf->len, room, "%s = %s\n", key, value);
	if (n < 0 || (size_t)n >= room || n > NM_LINE_MAX + 1) {
		conf->text[conf->len] = '\0';
		return nm_wrong(conf, "%s: the value is too long", of);
	}
	conf->len += (size_t)n;
	return true;
}

static bool nm_number(struct nm_conf *conf, const struct nm_settings *s, const char *key,
		      unsigned long min, unsigned long max, unsigned long *out)
{
	const char *value = nm_data(s, key);
	char *end;

	if (!value)
		return true;
	errno = 0;
	*out = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || *out < min || *out > max)
		return nm_wrong(conf, "%s: must be a number from %lu to %lu", key, min, max);
	return true;
}

/* What somebody has meant as a restriction must not be overlooked for its spelling. */
static bool nm_check_words(struct nm_conf *conf, const struct nm_settings *s)
{
	for (size_t i = 0; i < sizeof(nm_keys) / sizeof(nm_keys[0]); i++) {
		const char *value = nm_data(s, nm_keys[i].name);

		if (value && nm_keys[i].kind == NM_YESNO && strcmp(value, "yes") &&
		    strcmp(value, "no"))
			return nm_wrong(conf, "%s: must be yes or no", nm_keys[i].name);
	}
	return true;
}

/* ---- files ------------------------------------------------------------------------- */

/* A character of @*in, as editors write bytes that are not UTF-8: \ooo, and \\. */
static char nm_unescaped(const char **in)
{
	unsigned int n = 0, byte = 0;

	if (**in != '\\')
		return *(*in)++;
	for (const char *p = *in + 1; n < 3 && *p >= '0' && *p <= '7'; p++, n++)
		byte = byte * 8 + (unsigned int)(*p - '0');
	if (n == 3 && byte && byte < 256) {
		*in += 4;
		return (char)byte;
	}
	*in += (*in)[1] == '\\' ? 2 : 1;
	return '\\';
}

/* Some write a path, some the URL of one. */
static bool nm_path(struct nm_conf *conf, const char *key, const char *value,
		    char path[static NM_CONF_PATH])
{
	size_t len = 0;

	if (!strncmp(value, "file://", 7))
		value += 7;
	while (*value && len < NM_CONF_PATH - 1)
		path[len++] = nm_unescaped(&value);
	path[len] = '\0';
	if (*value)
		return nm_wrong(conf, "%s: the path is too long", key);
	if (*path != '/')
		return nm_wrong(conf, "%s: must be an absolute path", key);
	return true;
}

static struct nm_file *nm_file(struct nm_conf *conf, const char *name)
{
	struct nm_file *f = &conf->files[conf->n_files++];

	f->name = name;
	return f;
}

/* @to, of sstpd.conf, is the file @name with what there is to be read by @key */
static struct nm_file *nm_put_file(struct nm_conf *conf, const struct nm_settings *s,
				   const char *to, const char *name, const char *of)
{
	char path[NM_CONF_PATH];

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	return nm_put(conf, to, path, of) ? nm_file(conf, name) : NULL;
}

static bool nm_copy(struct nm_conf *conf, const struct nm_settings *s, const char *to,
		    const char *name, const char *key)
{
	const char *value = nm_data(s, key);
	struct nm_file *f;

	if (!value)
		return true;
	f = nm_put_file(conf, s, to, name, key);
	return f && nm_path(conf, key, value, f->from);
}

static bool nm_secret_file(struct nm_conf *conf, const struct nm_settings *s, const char *to,
			   const char *key)
{
	const char *value = nm_secret(s, key);
	struct nm_file *f;

	if (!value)
		return nm_wrong(conf, "%s: there is none", key);
	/* The first line of a file. */
	if (strpbrk(value, "\r\n"))
		return nm_wrong(conf, "%s: has a line break", key);
	if (strlen(value) > NM_PASSWORD_MAX)
		return nm_wrong(conf, "%s: is longer than %d characters", key, NM_PASSWORD_MAX);
	f = nm_put_file(conf, s, to, key, key);
	if (f)
		f->text = value;
	return f;
}

/* ---- parts of the section ------------------------------------------------------------ */

static bool nm_server(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *value = nm_data(s, "gateway");

	if (!value)
		return nm_wrong(conf, "gateway: there is none");
	return nm_put(conf, "server", value, "gateway") &&
	       nm_copy(conf, s, "tls-ca", "ca.pem", "ca-cert");
}

static bool nm_proxy(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *server = nm_data(s, "proxy-server");
	const char *user = nm_data(s, "proxy-user");
	unsigned long port = 0;
	char text[NM_LINE_MAX];

	/* Editors write a port, and 0 as well, where there is no proxy. */
	if (!server)
		return true;
	if (!nm_number(conf, s, "proxy-port", 0, 65535, &port))
		return false;
	if (strlen(server) > sizeof(text) - 16)
		return nm_wrong(conf, "proxy-server: the value is too long");
	if (nm_objection(server))
		return nm_wrong(conf, "proxy-server: the value %s", nm_objection(server));
	snprintf(text, sizeof(text), strchr(server, ':') ? "[%s]:%lu" : "%s:%lu", server,
		 port ? port : NM_PROXY_PORT);
	if (!nm_put(conf, "proxy", text, "proxy-server"))
		return false;
	if (!user)
		return true;
	return nm_put(conf, "proxy-user", user, "proxy-user") &&
	       nm_secret_file(conf, s, "proxy-password-file", "proxy-password");
}

/* DOMAIN\NAME */
static bool nm_user(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *domain = nm_data(s, "domain");
	const char *user = nm_data(s, "user");
	char text[NM_USER_MAX + 1];
	int n;

	if (!user)
		user = s->user && *s->user ? s->user : NULL;
	if (!user)
		return nm_wrong(conf, "user: there is none");
	n = snprintf(text, sizeof(text), "%s%s%s", domain ? domain : "", domain ? "\\" : "",
		     user);
	if (n < 0 || (size_t)n >= sizeof(text))
		return nm_wrong(conf, "user: the value is too long");
	return nm_put(conf, "user", text, domain ? "domain and user" : "user");
}

static bool nm_by_password(struct nm_conf *conf, const struct nm_settings *s)
{
	static const struct {
		const char *refused;
		const char *method;
	} methods[] = {
		{ "refuse-mschapv2", "mschapv2" },
		{ "refuse-eap", "eap-mschapv2, peap" },
		{ "refuse-chap", "chap-md5" },
		{ "refuse-pap", "pap" },
	};
	char auth[64] = "";

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (nm_yes(s, methods[i].refused))
			continue;
		if (*auth)
			strcat(auth, ", ");
		strcat(auth, methods[i].method);
	}
	if (!*auth)
		return nm_wrong(conf, "refuse-...: every way to log in by password is refused");
	return nm_user(conf, s) && nm_put(conf, "auth", auth, "refuse-...") &&
	       nm_secret_file(conf, s, "password-file", "password");
}

/* Its CA, and lists of revoked certificates, are in one file. */
static bool nm_eap_ca(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *crl = nm_data(s, "crl-file");
	unsigned int before = conf->n_files;

	if (!nm_copy(conf, s, "eap-tls-ca", "eap-ca.pem", "tls-ca-cert"))
		return false;
	if (!crl)
		return true;
	if (conf->n_files == before)
		return nm_wrong(conf, "crl-file: goes with tls-ca-cert, which is not there");
	return nm_path(conf, "crl-file", crl, conf->files[before].more);
}

static bool nm_eap_name(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *name = nm_data(s, "tls-remotename");
	const char *method = nm_data(s, "tls-verify-method");

	if (!name || (method && strcmp(method, "name")))
		return true;
	return nm_put(conf, "eap-tls-name", name, "tls-remotename");
}

static bool nm_by_certificate(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *identity = nm_data(s, "tls-identity");
	unsigned int first;

	if (!identity)
		identity = nm_data(s, "tls-subject-name");
	if (identity && !nm_put(conf, "user", identity, "tls-identity"))
		return false;
	if (!identity && !nm_user(conf, s))
		return false;
	if (!nm_data(s, "tls-user-cert") || !nm_data(s, "tls-user-key"))
		return nm_wrong(conf, "tls-user-cert, tls-user-key: both are needed to log in by certificate");
	first = conf->n_files;
	if (!nm_put(conf, "auth", "eap-tls", "connection-type") ||
	    !nm_copy(conf, s, "eap-tls-certificate", "user.pem", "tls-user-cert") ||
	    !nm_copy(conf, s, "eap-tls-key", "user.key", "tls-user-key"))
		return false;
	/* Both may be one file, PKCS#12. */
	for (unsigned int i = first; i < conf->n_files; i++)
		conf->files[i].passphrase = nm_secret(s, "tls-user-key-secret");
	conf->files[conf->n_files - 1].key = true;
	return nm_eap_ca(conf, s) && nm_eap_name(conf, s);
}

static bool nm_login(struct nm_conf *conf, const struct nm_settings *s)
{
	const char *type = nm_data(s, "connection-type");

	if (!type || !strcmp(type, "password"))
		return nm_by_password(conf, s);
	if (!strcmp(type, "tls"))
		return nm_by_certificate(conf, s);
	return nm_wrong(conf, "connection-type: must be password or tls");
}

static bool nm_link(struct nm_conf *conf, const struct nm_settings *s)
{
	unsigned long unit = 0, mtu = 0, echo = 0;
	char text[16];

	if (!nm_number(conf, s, "unit", 0, 65535, &unit) ||
	    !nm_number(conf, s, "mtu", 576, 4087, &mtu) ||
	    !nm_number(conf, s, "lcp-echo-interval", 0, 3600, &echo))
		return false;
	if (nm_data(s, "unit"))
		snprintf(conf->ifname, sizeof(conf->ifname), "sstp%lu", unit);
	else
		snprintf(conf->ifname, sizeof(conf->ifname), "%s", s->ifname);
	if (!nm_put(conf, "interface", conf->ifname, "interface-name"))
		return false;
	snprintf(text, sizeof(text), "%lu", mtu);
	if (mtu && !nm_put(conf, "mtu", text, "mtu"))
		return false;
	snprintf(text, sizeof(text), "%lu", echo);
	return (!echo || nm_put(conf, "lcp-echo-interval", text, "lcp-echo-interval")) &&
	       nm_put(conf, "ipv6", s->ipv6 ? "yes" : "no", "ipv6.method");
}

/* Addresses, routes and name servers are NetworkManager's, and so is when to dial again. */
static bool nm_frame(struct nm_conf *conf)
{
	static const char head[] = "[client NetworkManager]\n"
				   "addresses = no\n"
				   "table = main\n"
				   "dns = no\n"
				   "reconnect = no\n";

	memset(conf, 0, sizeof(*conf));
	memcpy(conf->text, head, sizeof(head));
	conf->len = sizeof(head) - 1;
	return true;
}

bool nm_conf_make(struct nm_conf *conf, const struct nm_settings *s)
{
	return nm_frame(conf) && nm_check_words(conf, s) && nm_server(conf, s) &&
	       nm_proxy(conf, s) && nm_login(conf, s) && nm_link(conf, s);
}

bool nm_conf_by_certificate(const struct nm_settings *s)
{
	const char *type = nm_data(s, "connection-type");

	return type && !strcmp(type, "tls");
}

const char *nm_conf_note(const char *key, const char *value)
{
	if (!strcmp(key, "tls-verify-method") && strcmp(value, "name"))
		return NM_NOTE_EAP_CHECK;
	for (size_t i = 0; i < sizeof(nm_keys) / sizeof(nm_keys[0]); i++) {
		if (strcmp(nm_keys[i].name, key))
			continue;
		return nm_keys[i].kind != NM_YESNO || !strcmp(value, "yes") ?
		       nm_keys[i].note : NULL;
	}
	return "is not known, and left out";
}
