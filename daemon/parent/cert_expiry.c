// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/cert_expiry.h"

#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/kept.h"
#include "parent/report.h"
#include "tls/ocsp.h"
#include "tls/tls_certs.h"

#define EXPIRY_LOOK_MS		3600000
#define EXPIRY_DAY_S		86400

/* Of the server and their OCSP responses, for EAP-TLS, and two for each client. */
#define EXPIRY_MAX		(2 * CONF_CERTS_MAX + 1 + 2 * CONF_CLIENTS_MAX)

/**
 * struct expiry
 * @use: what it is for: "server", "eap", "client", "ocsp"
 * @said: days that were left when the log was told; 0 = it was not
 */
struct expiry {
	const char *path;
	const char *use;
	bool ocsp;
	time_t until;
	unsigned int said;
};

static struct {
	const struct conf *conf;
	struct event *timer;
	unsigned int n;
	struct expiry certs[EXPIRY_MAX];
} expiry;

unsigned int cert_expiry_due(time_t left, unsigned int said)
{
	static const unsigned int steps[] = { 1, 7, 30 };
	unsigned int days = left > 0 ? (unsigned int)((left + EXPIRY_DAY_S - 1) /
						      EXPIRY_DAY_S) : 0;

	/* Of one that has expired the check of the configuration speaks. */
	for (size_t i = 0; days && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (days <= steps[i])
			return !said || said > steps[i] ? days : 0;
	return 0;
}

unsigned int cert_expiry_ocsp_due(time_t left, unsigned int said)
{
	/* They are made for a week, and renewed halfway. */
	return left <= EXPIRY_DAY_S && !said ? 1 : 0;
}

static void cert_expiry_say_ocsp(struct expiry *e, time_t left)
{
	if (!cert_expiry_ocsp_due(left, e->said))
		return;
	e->said = 1;
	log_warn(left > 0 ? "the OCSP response %s is good for less than a day" :
			    "the OCSP response %s is out of date, it is not shown any more",
		 e->path);
}

static void cert_expiry_say(struct expiry *e)
{
	time_t left = e->until - time(NULL);
	unsigned int days;

	if (e->ocsp) {
		cert_expiry_say_ocsp(e, left);
		return;
	}
	days = cert_expiry_due(left, e->said);
	if (!days)
		return;
	e->said = days;
	log_warn("the certificate %s expires within %u day%s", e->path, days,
		 days == 1 ? "" : "s");
}

/* ---- which there are ---------------------------------------------------------------- */

/* The server's may be that of its EAP, too; several clients may show the same. */
static bool cert_expiry_has(const char *path, bool ocsp)
{
	for (unsigned int i = 0; i < expiry.n; i++)
		if (expiry.certs[i].ocsp == ocsp && !strcmp(expiry.certs[i].path, path))
			return true;
	return false;
}

bool cert_expiry_of(const char *path, bool ocsp, time_t *until)
{
	char err[CONF_PATH_MAX + 100];
	bool known;
	int fd;

	fd = *path ? kept_open(path, KEPT_PLAIN, err, sizeof(err)) : -1;
	if (fd < 0)
		return false;
	known = ocsp ? ocsp_until(fd, until) : tls_certs_until(fd, until);
	close(fd);
	return known;
}

static void cert_expiry_add(const char *path, const char *use)
{
	bool ocsp = !strcmp(use, "ocsp");
	struct expiry e = { .path = path, .use = use, .ocsp = ocsp };

	if (expiry.n == EXPIRY_MAX || cert_expiry_has(path, ocsp))
		return;
	if (cert_expiry_of(path, ocsp, &e.until))
		expiry.certs[expiry.n++] = e;
}

static void cert_expiry_add_eap(const struct conf_link *link, const struct conf_eap_tls *eap)
{
	if (auth_allows(&link->auth, AUTH_EAP_TLS))
		cert_expiry_add(eap->cert.certificate, "eap");
}

static void cert_expiry_collect(const struct conf *conf)
{
	expiry.n = 0;
	if (conf->has_server) {
		for (uint32_t i = 0; i < conf->server.n_certs; i++) {
			cert_expiry_add(conf->server.certs[i].certificate, "server");
			cert_expiry_add(conf->server.certs[i].ocsp, "ocsp");
		}
		cert_expiry_add_eap(&conf->server.link, &conf->server.eap);
	}
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		cert_expiry_add(conf->clients[i].cert, "client");
		cert_expiry_add_eap(&conf->clients[i].link, &conf->clients[i].eap);
	}
}

void cert_expiry_look(void)
{
	cert_expiry_collect(expiry.conf);
	for (unsigned int i = 0; i < expiry.n; i++)
		cert_expiry_say(&expiry.certs[i]);
}

void cert_expiry_print(const struct conf *conf, FILE *out)
{
	char text[32];
	struct tm tm;

	cert_expiry_collect(conf);
	for (unsigned int i = 0; i < expiry.n; i++) {
		const struct expiry *e = &expiry.certs[i];
		time_t left = e->until - time(NULL);

		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", gmtime_r(&e->until, &tm));
		fprintf(out, "%s: %s until %s, %ld day%s%s\n", e->path,
			e->ocsp ? "OCSP response" : "certificate", text,
			(long)(left / EXPIRY_DAY_S), left / EXPIRY_DAY_S == 1 ? "" : "s",
			left < 0 ? ": it is over" : "");
	}
}

static void cert_expiry_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	loop_arm(expiry.timer, EXPIRY_LOOK_MS);
	for (unsigned int i = 0; i < expiry.n; i++)
		cert_expiry_say(&expiry.certs[i]);
}

void cert_expiry_start(const struct conf *conf)
{
	expiry.conf = conf;
	expiry.timer = loop_event(-1, 0, cert_expiry_on_timer, NULL);
	loop_arm(expiry.timer, EXPIRY_LOOK_MS);
	cert_expiry_look();
}

void cert_expiry_stop(void)
{
	loop_free(&expiry.timer);
}

struct json_object *cert_expiry_samples(bool ocsp)
{
	struct json_object *list = json_object_new_array(), *o;

	for (unsigned int i = 0; i < expiry.n; i++) {
		if (expiry.certs[i].ocsp != ocsp)
			continue;
		o = json_object_new_object();
		report_add(o, "file", expiry.certs[i].path);
		report_add_number(o, "value", (uint64_t)expiry.certs[i].until);
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *cert_expiry_report(void)
{
	struct json_object *list = json_object_new_array(), *o;
	time_t now = time(NULL);

	for (unsigned int i = 0; i < expiry.n; i++) {
		const struct expiry *e = &expiry.certs[i];

		o = json_object_new_object();
		report_add(o, "file", e->path);
		report_add(o, "use", e->use);
		report_time(o, "until", e->until);
		json_object_object_add(o, "seconds_left",
				       json_object_new_int64((int64_t)(e->until - now)));
		json_object_array_add(list, o);
	}
	return list;
}
