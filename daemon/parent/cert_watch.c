// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An event in a directory only says when to look. Two looks in a row that see the same
 * mean that whoever writes is done: certificate and key are two files, and certbot turns
 * four links one after the other. Whether anything is new the bytes say, against those
 * in force (kept.h): a touch is nothing, and what a reload took up just now neither.
 */
#include "parent/cert_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/kept.h"
#include "parent/path_watch.h"

#define CERT_WATCH_SETTLE_MS	1000
/* A network file system tells nobody what others do in it. */
#define CERT_WATCH_LOOK_MS	3600000

/* Certificate, key and CA, of TLS and of EAP. */
#define CERT_WATCH_CLIENT	6
/* Certificate, key and OCSP response each, and those and the CA of EAP; of clients the CA. */
#define CERT_WATCH_SERVER	(3 * CONF_CERTS_MAX + 4)
#define CERT_WATCH_MAX		(CERT_WATCH_SERVER + CERT_WATCH_CLIENT * CONF_CLIENTS_MAX)

struct cert_file {
	const char *path;
	enum kept_kind kind;
};

/* Of each file; all 0 = it is not there */
struct cert_look {
	uint64_t of[CERT_WATCH_MAX][8];
};

/**
 * cert_watch - @fd: inotify, -1 = there is none
 * @last: what the last look saw; @refused: what was there when it was refused
 */
static struct {
	const struct conf *conf;
	bool (*take)(void);
	int fd;
	struct event *ev;
	struct event *timer;
	struct cert_look last;
	struct cert_look refused;
	bool is_refused;
} cert_watch = { .fd = -1 };

/* ---- which files ------------------------------------------------------------------- */

static unsigned int cert_watch_add(struct cert_file *files, unsigned int n, const char *path,
				   enum kept_kind kind)
{
	if (!*path)
		return n;
	files[n] = (struct cert_file){ .path = path, .kind = kind };
	return n + 1;
}

static unsigned int cert_watch_add_cert(struct cert_file *files, unsigned int n,
					const struct conf_cert *cert)
{
	n = cert_watch_add(files, n, cert->certificate, KEPT_PLAIN);
	n = cert_watch_add(files, n, cert->key, KEPT_SECRET);
	return cert_watch_add(files, n, cert->ocsp, KEPT_PLAIN);
}

static unsigned int cert_watch_add_eap(struct cert_file *files, unsigned int n,
				       const struct conf_link *link,
				       const struct conf_eap_tls *eap)
{
	if (auth_allows(&link->auth, AUTH_EAP_TLS)) {
		n = cert_watch_add(files, n, eap->cert.certificate, KEPT_PLAIN);
		n = cert_watch_add(files, n, eap->cert.key, KEPT_SECRET);
	}
	if (auth_allows(&link->auth, AUTH_EAP_TLS) || auth_allows(&link->auth, AUTH_PEAP))
		n = cert_watch_add(files, n, eap->ca, KEPT_PLAIN);
	return n;
}

static unsigned int cert_watch_add_server(struct cert_file *files, unsigned int n,
					  const struct conf_server *server)
{
	for (uint32_t i = 0; i < server->n_certs; i++)
		n = cert_watch_add_cert(files, n, &server->certs[i]);
	n = cert_watch_add(files, n, server->client_ca, KEPT_PLAIN);
	return cert_watch_add_eap(files, n, &server->link, &server->eap);
}

static unsigned int cert_watch_add_client(struct cert_file *files, unsigned int n,
					  const struct conf_client *client)
{
	n = cert_watch_add(files, n, client->cert, KEPT_PLAIN);
	n = cert_watch_add(files, n, client->key, KEPT_SECRET);
	n = cert_watch_add(files, n, client->ca, KEPT_PLAIN);
	return cert_watch_add_eap(files, n, &client->link, &client->eap);
}

static unsigned int cert_watch_files(struct cert_file files[static CERT_WATCH_MAX])
{
	const struct conf *conf = cert_watch.conf;
	unsigned int n = 0;

	if (conf->has_server && conf->server.cert_watch)
		n = cert_watch_add_server(files, n, &conf->server);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		if (conf->clients[i].cert_watch)
			n = cert_watch_add_client(files, n, &conf->clients[i]);
	return n;
}

/* ---- looks ------------------------------------------------------------------------- */

static void cert_watch_see(const struct cert_file *files, unsigned int n,
			   struct cert_look *look)
{
	struct stat st;

	memset(look, 0, sizeof(*look));
	for (unsigned int i = 0; i < n; i++) {
		if (stat(files[i].path, &st) < 0)
			continue;
		look->of[i][0] = st.st_dev;
		look->of[i][1] = st.st_ino;
		look->of[i][2] = (uint64_t)st.st_size;
		look->of[i][3] = (uint64_t)st.st_mtim.tv_sec;
		look->of[i][4] = (uint64_t)st.st_mtim.tv_nsec;
		look->of[i][5] = (uint64_t)st.st_ctim.tv_sec;
		look->of[i][6] = (uint64_t)st.st_ctim.tv_nsec;
		look->of[i][7] = st.st_mode;
	}
}

static bool cert_look_same(const struct cert_look *a, const struct cert_look *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool cert_watch_is_new(const struct cert_file *files, unsigned int n)
{
	bool is_new = false;

	for (unsigned int i = 0; i < n; i++)
		if (!kept_is_current(files[i].path, files[i].kind)) {
			log_info("%s has changed", files[i].path);
			is_new = true;
		}
	return is_new;
}

/* Again each time: a link leads elsewhere now, a directory is another one. */
static void cert_watch_dirs(const struct cert_file *files, unsigned int n)
{
	loop_free(&cert_watch.ev);
	if (cert_watch.fd >= 0)
		close(cert_watch.fd);
	cert_watch.fd = n ? path_watch_open() : -1;
	for (unsigned int i = 0; i < n; i++) {
		if (cert_watch.fd >= 0 && path_watch(cert_watch.fd, files[i].path))
			continue;
		log_debug("certificate-watch: no events of %s (%s), looking every hour",
			  files[i].path, strerror(errno));
	}
}

static void cert_watch_on_event(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	path_watch_drain(fd);
	/* Not again for each of them: who never stops would never be looked at. */
	loop_watch(cert_watch.ev, false);
	loop_arm(cert_watch.timer, CERT_WATCH_SETTLE_MS);
}

static void cert_watch_wait(const struct cert_file *files, unsigned int n)
{
	cert_watch_dirs(files, n);
	if (cert_watch.fd >= 0) {
		cert_watch.ev = loop_event(cert_watch.fd, EV_READ | EV_PERSIST,
					   cert_watch_on_event, NULL);
		loop_watch(cert_watch.ev, true);
	}
}

static void cert_watch_on_timer(int fd, short what, void *arg)
{
	struct cert_file files[CERT_WATCH_MAX];
	unsigned int n = cert_watch_files(files);
	struct cert_look look;

	(void)fd;
	(void)what;
	(void)arg;
	/* Before the look: nothing happens between the two that is not seen. */
	cert_watch_wait(files, n);
	if (!n)
		return;
	cert_watch_see(files, n, &look);
	if (!cert_look_same(&look, &cert_watch.last)) {
		cert_watch.last = look;
		loop_arm(cert_watch.timer, CERT_WATCH_SETTLE_MS);
		return;
	}
	loop_arm(cert_watch.timer, CERT_WATCH_LOOK_MS);
	if (cert_watch.is_refused && cert_look_same(&look, &cert_watch.refused))
		return;
	cert_watch.is_refused = cert_watch_is_new(files, n) && !cert_watch.take();
	cert_watch.refused = look;
}

void cert_watch_reloaded(void)
{
	cert_watch.is_refused = false;
	loop_arm(cert_watch.timer, CERT_WATCH_SETTLE_MS);
}

void cert_watch_start(const struct conf *conf, bool (*take)(void))
{
	cert_watch.conf = conf;
	cert_watch.take = take;
	cert_watch.timer = loop_event(-1, 0, cert_watch_on_timer, NULL);
	cert_watch_reloaded();
}

void cert_watch_stop(void)
{
	loop_free(&cert_watch.timer);
	loop_free(&cert_watch.ev);
	if (cert_watch.fd >= 0)
		close(cert_watch.fd);
	cert_watch.fd = -1;
}

bool cert_watch_refused(void)
{
	return cert_watch.is_refused;
}
