// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "congestion.h"
#include "log.h"
#include "msg.h"
#include "nl_sstp.h"
#include "secret_file.h"
#include "tls_certs.h"

static void setup_send_file(const struct child *to, enum msg_file_kind kind,
			    uint32_t number, int fd)
{
	child_tell(to, MSG_CONF_FILE,
		   &(struct msg_conf_file){ .kind = kind, .number = number },
		   fd);
}

static int setup_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		log_fatal("cannot open %s: %s", path, strerror(errno));
	return fd;
}

/* @shared: with other engines, among whom the kernel spreads the connections */
static int setup_listen(const struct sockaddr_storage *ss, bool shared)
{
	char text[ADDR_TEXT_MAX];
	int on = 1;
	int fd;

	addr_text(ss, text, sizeof(text));
	fd = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		log_fatal("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* Else a second sstpd has to fail, not to take half of them. */
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	/* So that 0.0.0.0 and [::] can both be listed. */
	if (ss->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)ss, addr_len(ss)) < 0 ||
	    listen(fd, 512) < 0)
		log_fatal("cannot listen on %s: %s", text, strerror(errno));
	log_info("listening on %s", text);
	return fd;
}

/*
 * Setting the TLS protocol on a socket that is not connected fails with
 * ENOTCONN if the kernel has it. It also loads the module, for which the
 * unprivileged engine would not have the right.
 */
static bool setup_has_ktls(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has;

	if (fd < 0)
		return false;
	has = setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) == 0 ||
	      errno == ENOTCONN;
	close(fd);
	return has;
}

/* Why the kernel data path cannot be used. */
static char setup_no_kernel[MSG_TEXT_MAX];

void setup_probe_kernel(void)
{
	struct nl_err err;

	if (!nl_sstp_available(&err))
		snprintf(setup_no_kernel, sizeof(setup_no_kernel), "%s",
			 err.text);
	else if (!setup_has_ktls())
		snprintf(setup_no_kernel, sizeof(setup_no_kernel),
			 "this kernel has no kTLS (module tls)");
	log_info("kernel data path: %s",
		 *setup_no_kernel ? setup_no_kernel : "available");
}

/* The server's files for an engine: descriptors and nothing else, -1 = not open. */
struct setup_files {
	struct tls_cert_files certs[CONF_CERTS_MAX];
	int ocsp[CONF_CERTS_MAX];
	int client_ca;
};

static void setup_files_close(struct setup_files *files)
{
	const int *fds = (const int *)files;

	for (size_t i = 0; i < sizeof(*files) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int setup_try(const char *path, char *err, size_t err_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		snprintf(err, err_len, "cannot open %s: %s", path,
			 strerror(errno));
	return fd;
}

static bool setup_try_cert(const struct conf_cert *conf,
			   struct tls_cert_files *files, char *err,
			   size_t err_len)
{
	files->cert = setup_try(conf->certificate, err, err_len);
	if (files->cert >= 0)
		files->key = secret_file_open(conf->key, err, err_len);
	return files->key >= 0;
}

static bool setup_try_ocsp(const struct conf_cert *conf, int *fd, char *err,
			   size_t err_len)
{
	if (!*conf->ocsp)
		return true;
	*fd = setup_try(conf->ocsp, err, err_len);
	return *fd >= 0;
}

/* Return: true, or false with nothing open and the reason in @err. */
static bool setup_files_open(const struct conf_server *server,
			     struct setup_files *files, char *err,
			     size_t err_len)
{
	bool ok = true;

	memset(files, 0xff, sizeof(*files));
	for (uint32_t i = 0; i < server->n_certs && ok; i++)
		ok = setup_try_cert(&server->certs[i], &files->certs[i], err,
				    err_len) &&
		     setup_try_ocsp(&server->certs[i], &files->ocsp[i], err,
				    err_len);
	if (ok && *server->client_ca) {
		files->client_ca = setup_try(server->client_ca, err, err_len);
		ok = files->client_ca >= 0;
	}
	if (!ok)
		setup_files_close(files);
	return ok;
}

/* Limits of floods hold for all engines together, each has its part of them. */
static uint32_t setup_share(uint32_t limit, uint32_t n_engines)
{
	return (limit + n_engines - 1) / n_engines;
}

/* All but the listening sockets. */
static void setup_server(const struct conf_server *server,
			 const struct setup_files *files,
			 const struct child *engine, uint32_t n_engines)
{
	struct conf_server part = *server;

	part.max_sessions = setup_share(part.max_sessions, n_engines);
	part.handshakes = setup_share(part.handshakes, n_engines);
	part.half_open = setup_share(part.half_open, n_engines);
	part.half_open_source = setup_share(part.half_open_source, n_engines);
	part.web.max = setup_share(part.web.max, n_engines);
	child_tell(engine, MSG_CONF_SERVER, &part, -1);
	for (uint32_t i = 0; i < server->n_certs; i++) {
		setup_send_file(engine, MSG_FILE_CERTIFICATE, i,
				files->certs[i].cert);
		setup_send_file(engine, MSG_FILE_KEY, i, files->certs[i].key);
		if (files->ocsp[i] >= 0)
			setup_send_file(engine, MSG_FILE_OCSP, i,
					files->ocsp[i]);
	}
	if (files->client_ca >= 0)
		setup_send_file(engine, MSG_FILE_CLIENT_CA, 0,
				files->client_ca);
}

static void setup_first_server(const struct conf_server *server,
			       const struct child *engine, uint32_t n_engines)
{
	struct setup_files files;
	char err[300];

	if (!setup_files_open(server, &files, err, sizeof(err)))
		log_fatal("%s", err);
	setup_server(server, &files, engine, n_engines);
	for (uint32_t i = 0; i < server->n_listen; i++)
		child_tell(engine, MSG_LISTEN, &(struct msg_none){ 0 },
			   setup_listen(&server->listen[i], n_engines > 1));
}

/* A UDP socket: bound to @ss, or connected to it. */
static int setup_udp(const struct sockaddr_storage *ss, bool server)
{
	int fd = socket(ss->ss_family, SOCK_DGRAM | SOCK_CLOEXEC |
			SOCK_NONBLOCK, 0);
	const struct sockaddr *sa = (const struct sockaddr *)ss;
	char text[ADDR_TEXT_MAX];

	addr_text(ss, text, sizeof(text));
	if (fd < 0)
		log_fatal("socket: %s", strerror(errno));
	/* Connected: nobody else's datagrams come in. */
	if ((server ? bind(fd, sa, addr_len(ss)) :
		      connect(fd, sa, addr_len(ss))) < 0)
		log_fatal("RADIUS: cannot %s %s: %s",
			  server ? "listen on" : "reach", text, strerror(errno));
	return fd;
}

static void setup_radius_sockets(const struct child *radius,
				 enum msg_radius_use use, uint32_t n,
				 const struct sockaddr_storage *addrs)
{
	for (uint32_t i = 0; i < n; i++)
		child_tell(radius, MSG_RADIUS_SOCKET,
			   &(struct msg_radius_socket){ .use = use, .server = i },
			   setup_udp(&addrs[i], use == MSG_RADIUS_COA));
}

void setup_radius(const struct conf *conf, const struct child *to,
		  uint32_t started)
{
	const struct conf_radius *radius = &conf->radius;
	const struct msg_conf_radius m = {
		.conf = *radius,
		.started = started,
		.again = to->deaths,
	};

	child_tell(to, MSG_CONF_RADIUS, &m, -1);
	child_tell(to, MSG_CONF_RADIUS_SECRET, &conf->radius_secret, -1);
	setup_radius_sockets(to, MSG_RADIUS_AUTH, radius->n_auth, radius->auth);
	setup_radius_sockets(to, MSG_RADIUS_ACCT, radius->n_acct, radius->acct);
	setup_radius_sockets(to, MSG_RADIUS_COA, radius->n_coa, radius->coa);
	child_tell(to, MSG_START, &(struct msg_none){ 0 }, -1);
}

static void setup_client_cert(const struct conf_client *client, uint32_t i,
			      const struct child *engine)
{
	char err[300];
	int key = secret_file_open(client->key, err, sizeof(err));

	if (key < 0)
		log_fatal("%s", err);
	setup_send_file(engine, MSG_FILE_CLIENT_CERT, i,
			setup_open(client->cert, O_RDONLY));
	setup_send_file(engine, MSG_FILE_CLIENT_KEY, i, key);
}

static void setup_clients(const struct conf *conf, const struct child *engine)
{
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		child_tell(engine, MSG_CONF_CLIENT, &conf->clients[i], -1);
		if (*conf->clients[i].ca)
			setup_send_file(engine, MSG_FILE_CA, i,
					setup_open(conf->clients[i].ca,
						   O_RDONLY));
		if (*conf->clients[i].cert)
			setup_client_cert(&conf->clients[i], i, engine);
	}
}

void setup_congestion(const struct conf *conf)
{
	if (conf->has_server)
		congestion_load(conf->server.link.congestion);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		congestion_load(conf->clients[i].link.congestion);
}

void setup_engine(const struct conf *conf, const struct child *engine,
		  uint32_t n_engines, uint32_t last_id)
{
	struct msg_conf_engine m = {
		.first_id = last_id - last_id % n_engines + 1 + engine->number,
		.step_id = n_engines,
	};

	while (m.first_id <= last_id)
		m.first_id += n_engines;
	memcpy(m.no_kernel, setup_no_kernel, sizeof(m.no_kernel));
	child_tell(engine, MSG_CONF_ENGINE, &m, -1);
	if (*conf->main.keylog) {
		log_warn("TLS SECRETS ARE WRITTEN TO %s: whoever reads that file can decrypt all traffic",
			 conf->main.keylog);
		setup_send_file(engine, MSG_FILE_KEYLOG, 0,
				setup_open(conf->main.keylog, O_WRONLY |
					   O_CREAT | O_APPEND));
	}
	if (conf->has_server)
		setup_first_server(&conf->server, engine, n_engines);
	if (!engine->number)
		setup_clients(conf, engine);
	child_tell(engine, MSG_START, &(struct msg_none){ 0 }, -1);
}

static void setup_secrets(const struct conf *conf, const struct child *authd)
{
	for (uint32_t i = 0; i < conf->n_clients; i++)
		child_tell(authd, MSG_CONF_SECRET, &conf->secrets[i], -1);
}

static bool setup_has_users(const struct conf *conf)
{
	return conf->has_server && conf->server.backends & CONF_BACKEND_USERS;
}

void setup_authd(const struct conf *conf, const struct child *authd)
{
	const struct msg_conf_authd m = {
		.radius = conf->has_server &&
			  conf->server.backends & CONF_BACKEND_RADIUS,
	};
	char err[300];
	int users;

	if (setup_has_users(conf)) {
		users = secret_file_open(conf->server.users, err, sizeof(err));
		if (users < 0)
			log_fatal("%s", err);
		child_tell(authd, MSG_CONF_USERS, &(struct msg_none){ 0 },
			   users);
	}
	child_tell(authd, MSG_CONF_AUTHD, &m, -1);
	setup_secrets(conf, authd);
	child_tell(authd, MSG_START, &(struct msg_none){ 0 }, -1);
}

/* ---- EAP-TLS --------------------------------------------------------------------- */

/* One role's files. */
struct setup_eap {
	struct msg_conf_eap conf;
	struct tls_cert_files cert;
	int ca;
};

static void setup_eap_close(struct setup_eap *eap)
{
	const int fds[] = { eap->ca, eap->cert.cert, eap->cert.key };

	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static bool setup_eap_open(struct setup_eap *eap, const struct conf_eap_tls *conf,
			   char *err, size_t err_len)
{
	eap->cert = (struct tls_cert_files){ -1, -1 };
	eap->ca = setup_try(conf->ca, err, err_len);
	if (eap->ca >= 0 && setup_try_cert(&conf->cert, &eap->cert, err, err_len))
		return true;
	setup_eap_close(eap);
	return false;
}

static void setup_eap_give(const struct setup_eap *eap, const struct child *eapd)
{
	child_tell(eapd, MSG_CONF_EAP, &eap->conf, -1);
	setup_send_file(eapd, MSG_FILE_CERTIFICATE, 0, eap->cert.cert);
	setup_send_file(eapd, MSG_FILE_KEY, 0, eap->cert.key);
	setup_send_file(eapd, MSG_FILE_CA, 0, eap->ca);
}

static bool setup_has_eap(const struct conf *conf)
{
	return conf->has_server &&
	       auth_allows(&conf->server.link.auth, AUTH_EAP_TLS);
}

void setup_eapd(const struct conf *conf, const struct child *eapd)
{
	struct setup_eap eap = { .conf.server = true };
	char err[300];

	if (setup_has_eap(conf)) {
		if (!setup_eap_open(&eap, &conf->server.eap, err, sizeof(err)))
			log_fatal("%s", err);
		setup_eap_give(&eap, eapd);
	}
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		const struct conf_client *client = &conf->clients[i];

		if (!auth_allows(&client->link.auth, AUTH_EAP_TLS))
			continue;
		eap.conf = (struct msg_conf_eap){ .client = i };
		memcpy(eap.conf.name, client->eap.name, sizeof(eap.conf.name));
		if (!setup_eap_open(&eap, &client->eap, err, sizeof(err)))
			log_fatal("%s", err);
		setup_eap_give(&eap, eapd);
	}
	child_tell(eapd, MSG_START, &(struct msg_none){ 0 }, -1);
}

/* ---- again ----------------------------------------------------------------------- */

/*
 * Each engine reads files of its own: a descriptor that several had would be
 * at its end for the second of them. Return: false with none of them open.
 */
static bool setup_open_all(const struct conf_server *server,
			   struct setup_files *files, uint32_t n, char *err,
			   size_t err_len)
{
	for (uint32_t i = 0; i < n; i++) {
		if (setup_files_open(server, &files[i], err, err_len))
			continue;
		while (i--)
			setup_files_close(&files[i]);
		return false;
	}
	return true;
}

static bool setup_server_again(const struct conf *conf,
			       const struct child *engines, uint32_t n,
			       const struct child *authd, char *err,
			       size_t err_len)
{
	struct setup_files *files = calloc(n, sizeof(*files));
	int users = -1;
	bool ok;

	if (!files)
		log_fatal("out of memory");
	ok = setup_open_all(&conf->server, files, n, err, err_len);
	if (ok && setup_has_users(conf)) {
		users = secret_file_open(conf->server.users, err, err_len);
		ok = users >= 0;
		for (uint32_t i = 0; i < n && !ok; i++)
			setup_files_close(&files[i]);
	}
	for (uint32_t i = 0; i < n && ok; i++)
		setup_server(&conf->server, &files[i], &engines[i], n);
	if (users >= 0)
		child_tell(authd, MSG_CONF_USERS, &(struct msg_none){ 0 },
			   users);
	free(files);
	return ok;
}

bool setup_again(const struct conf *conf, const struct child *engines,
		 uint32_t n_engines, const struct child *authd,
		 const struct child *eapd, conf_report report, void *ctx)
{
	struct setup_eap eap = { .conf.server = true };
	char err[300];

	if (setup_has_eap(conf) &&
	    !setup_eap_open(&eap, &conf->server.eap, err, sizeof(err))) {
		report(ctx, err);
		return false;
	}
	if (conf->has_server &&
	    !setup_server_again(conf, engines, n_engines, authd, err,
				sizeof(err))) {
		report(ctx, err);
		if (setup_has_eap(conf))
			setup_eap_close(&eap);
		return false;
	}
	if (setup_has_eap(conf))
		setup_eap_give(&eap, eapd);
	setup_congestion(conf);
	setup_secrets(conf, authd);
	for (uint32_t i = 0; i < n_engines; i++)
		child_tell(&engines[i], MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
}
