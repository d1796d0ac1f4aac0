// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/cert_renew.h"

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/cert_expiry.h"

#define RENEW_LOOK_S	3600
/* An attempt may fail: it is made so often. */
#define RENEW_AGAIN_S	600

static struct {
	const struct conf *conf;
	const char *(*reconnect)(uint32_t client);
	struct event *timer;
} renew;

uint32_t cert_renew_next_s(time_t left, uint32_t before)
{
	if (left <= (time_t)before)
		return 0;
	left -= (time_t)before;
	return left < RENEW_LOOK_S ? (uint32_t)left : RENEW_LOOK_S;
}

/* *@until becomes the end of that certificate, if it comes before. */
static void cert_renew_sooner(const char *path, time_t *until)
{
	time_t end;

	if (cert_expiry_of(path, false, &end) && (!*until || end < *until))
		*until = end;
}

/* When the first of those ends that a client shows now; 0 = it shows none. */
static time_t cert_renew_until(const struct conf_client *client)
{
	time_t until = 0;

	cert_renew_sooner(client->cert, &until);
	if (auth_allows(&client->link.auth, AUTH_EAP_TLS))
		cert_renew_sooner(client->eap.cert.certificate, &until);
	return until;
}

/* Return: as cert_renew_next_s(), never 0 */
static uint32_t cert_renew_client(uint32_t number)
{
	const struct conf_client *client = &renew.conf->clients[number];
	const struct entry *e = table_client(number);
	const char *why;
	uint32_t s;

	if (!client->renew_before_s || !e || !e->cert_until)
		return RENEW_LOOK_S;
	s = cert_renew_next_s(e->cert_until - time(NULL), client->renew_before_s);
	if (s)
		return s;
	/* With the same again nothing is won; whoever brings another one makes us look. */
	if (cert_renew_until(client) <= e->cert_until)
		return RENEW_LOOK_S;
	log_info("client %s: the certificate that it has shown is about to end, there is another one",
		 client->name);
	why = renew.reconnect(number);
	if (why)
		log_warn("client %s: no other connection: %s", client->name, why);
	return RENEW_AGAIN_S;
}

void cert_renew_look(void)
{
	uint32_t next = RENEW_LOOK_S, s;

	for (uint32_t i = 0; i < renew.conf->n_clients; i++) {
		s = cert_renew_client(i);
		if (s < next)
			next = s;
	}
	loop_arm(renew.timer, next * 1000);
}

static void cert_renew_on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	cert_renew_look();
}

void cert_renew_up(struct entry *e)
{
	if (e->server)
		return;
	e->cert_until = cert_renew_until(&renew.conf->clients[e->client]);
	cert_renew_look();
}

void cert_renew_start(const struct conf *conf, const char *(*reconnect)(uint32_t client))
{
	renew.conf = conf;
	renew.reconnect = reconnect;
	renew.timer = loop_event(-1, 0, cert_renew_on_timer, NULL);
	loop_arm(renew.timer, RENEW_AGAIN_S * 1000);
}

void cert_renew_stop(void)
{
	loop_free(&renew.timer);
}
