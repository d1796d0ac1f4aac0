// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/cert_expiry.h"

#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/kept.h"
#include "parent/report.h"
#include "tls/tls_certs.h"

#define EXPIRY_LOOK_MS		3600000
#define EXPIRY_DAY_S		86400

/* Of the server, for EAP-TLS, and two for each client. */
#define EXPIRY_MAX		(CONF_CERTS_MAX + 1 + 2 * CONF_CLIENTS_MAX)

/** struct expiry - @said: days that were left when the log was told; 0 = it was not */
struct expiry {
	const char *path;
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

static void cert_expiry_say(struct expiry *e)
{
	unsigned int days = cert_expiry_due(e->until - time(NULL), e->said);

	if (!days)
		return;
	e->said = days;
	log_warn("the certificate %s expires in %u day%s", e->path, days,
		 days == 1 ? "" : "s");
}

static void cert_expiry_add(const char *path)
{
	char err[CONF_PATH_MAX + 100];
	struct expiry *e = &expiry.certs[expiry.n];
	int fd;

	if (!*path || expiry.n == EXPIRY_MAX)
		return;
	fd = kept_open(path, KEPT_PLAIN, err, sizeof(err));
	if (fd < 0)
		return;
	if (tls_certs_until(fd, &e->until)) {
		e->path = path;
		e->said = 0;
		cert_expiry_say(e);
		expiry.n++;
	}
	close(fd);
}

static void cert_expiry_add_eap(const struct conf_link *link, const struct conf_eap_tls *eap)
{
	if (auth_allows(&link->auth, AUTH_EAP_TLS))
		cert_expiry_add(eap->cert.certificate);
}

void cert_expiry_look(void)
{
	const struct conf *conf = expiry.conf;

	expiry.n = 0;
	if (conf->has_server) {
		for (uint32_t i = 0; i < conf->server.n_certs; i++)
			cert_expiry_add(conf->server.certs[i].certificate);
		cert_expiry_add_eap(&conf->server.link, &conf->server.eap);
	}
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		cert_expiry_add(conf->clients[i].cert);
		cert_expiry_add_eap(&conf->clients[i].link, &conf->clients[i].eap);
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

struct json_object *cert_expiry_report(void)
{
	struct json_object *list = json_object_new_array(), *o;

	for (unsigned int i = 0; i < expiry.n; i++) {
		o = json_object_new_object();
		report_add(o, "file", expiry.certs[i].path);
		report_add_number(o, "value", (uint64_t)expiry.certs[i].until);
		json_object_array_add(list, o);
	}
	return list;
}
