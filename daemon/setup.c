// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "log.h"
#include "msg.h"
#include "nl_sstp.h"
#include "secret_file.h"
#include "tls_certs.h"

static void setup_send_file(struct imsg_chan *to, enum msg_file_kind kind,
			    uint32_t number, int fd)
{
	imsg_send(to, MSG_CONF_FILE,
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

static int setup_listen(const struct sockaddr_storage *ss)
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

static void setup_probe_kernel(struct msg_conf_engine *engine)
{
	struct nl_err err;

	if (!nl_sstp_available(&err))
		snprintf(engine->no_kernel, sizeof(engine->no_kernel), "%s",
			 err.text);
	else if (!setup_has_ktls())
		snprintf(engine->no_kernel, sizeof(engine->no_kernel),
			 "this kernel has no kTLS (module tls)");
	log_info("kernel data path: %s",
		 *engine->no_kernel ? engine->no_kernel : "available");
}

/* The server's files: descriptors and nothing else, -1 = not open. */
struct setup_files {
	struct tls_cert_files certs[CONF_CERTS_MAX];
	int ocsp[CONF_CERTS_MAX];
	int client_ca;
	struct tls_cert_files eap;
	int eap_ca;
	int users;
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

static bool setup_try_eap(const struct conf_eap_tls *conf,
			  struct tls_cert_files *files, int *ca, char *err,
			  size_t err_len)
{
	*ca = setup_try(conf->ca, err, err_len);
	return *ca >= 0 && setup_try_cert(&conf->cert, files, err, err_len);
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
	if (ok && auth_allows(&server->link.auth, AUTH_EAP_TLS))
		ok = setup_try_eap(&server->eap, &files->eap, &files->eap_ca,
				   err, err_len);
	if (ok && server->backends & CONF_BACKEND_USERS) {
		files->users = secret_file_open(server->users, err, err_len);
		ok = files->users >= 0;
	}
	if (!ok)
		setup_files_close(files);
	return ok;
}

static void setup_eap(struct imsg_chan *eapd, const struct msg_conf_eap *conf,
		      const struct tls_cert_files *files, int ca)
{
	imsg_send(eapd, MSG_CONF_EAP, conf, -1);
	setup_send_file(eapd, MSG_FILE_CERTIFICATE, 0, files->cert);
	setup_send_file(eapd, MSG_FILE_KEY, 0, files->key);
	setup_send_file(eapd, MSG_FILE_CA, 0, ca);
}

/* All but the listening sockets. */
static void setup_server(const struct conf_server *server,
			 const struct setup_files *files,
			 const struct setup_chans *to)
{
	imsg_send(to->engine, MSG_CONF_SERVER, server, -1);
	for (uint32_t i = 0; i < server->n_certs; i++) {
		setup_send_file(to->engine, MSG_FILE_CERTIFICATE, i,
				files->certs[i].cert);
		setup_send_file(to->engine, MSG_FILE_KEY, i,
				files->certs[i].key);
		if (files->ocsp[i] >= 0)
			setup_send_file(to->engine, MSG_FILE_OCSP, i,
					files->ocsp[i]);
	}
	if (files->client_ca >= 0)
		setup_send_file(to->engine, MSG_FILE_CLIENT_CA, 0,
				files->client_ca);
	if (files->eap_ca >= 0)
		setup_eap(to->eapd, &(struct msg_conf_eap){ .server = true },
			  &files->eap, files->eap_ca);
	if (files->users >= 0)
		imsg_send(to->authd, MSG_CONF_USERS, &(struct msg_none){ 0 },
			  files->users);
}

static void setup_first_server(const struct conf_server *server,
			       const struct setup_chans *to)
{
	struct setup_files files;
	char err[300];

	if (!setup_files_open(server, &files, err, sizeof(err)))
		log_fatal("%s", err);
	setup_server(server, &files, to);
	for (uint32_t i = 0; i < server->n_listen; i++)
		imsg_send(to->engine, MSG_LISTEN,
			  &(struct msg_none){ 0 },
			  setup_listen(&server->listen[i]));
	imsg_send(to->authd, MSG_CONF_AUTHD, &(struct msg_conf_authd){
		.radius = server->backends & CONF_BACKEND_RADIUS,
	}, -1);
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

static void setup_radius_sockets(struct imsg_chan *radius,
				 enum msg_radius_use use, uint32_t n,
				 const struct sockaddr_storage *addrs)
{
	for (uint32_t i = 0; i < n; i++)
		imsg_send(radius, MSG_RADIUS_SOCKET,
			  &(struct msg_radius_socket){ .use = use, .server = i },
			  setup_udp(&addrs[i], use == MSG_RADIUS_COA));
}

static void setup_radius(const struct conf *conf, struct imsg_chan *to)
{
	const struct conf_radius *radius = &conf->radius;

	imsg_send(to, MSG_CONF_RADIUS, radius, -1);
	imsg_send(to, MSG_CONF_RADIUS_SECRET, &conf->radius_secret, -1);
	setup_radius_sockets(to, MSG_RADIUS_AUTH, radius->n_auth, radius->auth);
	setup_radius_sockets(to, MSG_RADIUS_ACCT, radius->n_acct, radius->acct);
	setup_radius_sockets(to, MSG_RADIUS_COA, radius->n_coa, radius->coa);
	imsg_send(to, MSG_START, &(struct msg_none){ 0 }, -1);
}

static void setup_client_cert(const struct conf_client *client, uint32_t i,
			      const struct setup_chans *to)
{
	char err[300];
	int key = secret_file_open(client->key, err, sizeof(err));

	if (key < 0)
		log_fatal("%s", err);
	setup_send_file(to->engine, MSG_FILE_CLIENT_CERT, i,
			setup_open(client->cert, O_RDONLY));
	setup_send_file(to->engine, MSG_FILE_CLIENT_KEY, i, key);
}

static void setup_client_eap(const struct conf_client *client, uint32_t i,
			     const struct setup_chans *to)
{
	struct tls_cert_files files = { -1, -1 };
	struct msg_conf_eap conf = { .client = i };
	char err[300];
	int ca;

	if (!setup_try_eap(&client->eap, &files, &ca, err, sizeof(err)))
		log_fatal("%s", err);
	memcpy(conf.name, client->eap.name, sizeof(conf.name));
	setup_eap(to->eapd, &conf, &files, ca);
}

static void setup_clients(const struct conf *conf,
			  const struct setup_chans *to)
{
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		imsg_send(to->engine, MSG_CONF_CLIENT,
			  &conf->clients[i], -1);
		if (*conf->clients[i].ca)
			setup_send_file(to->engine, MSG_FILE_CA, i,
					 setup_open(conf->clients[i].ca,
						     O_RDONLY));
		if (*conf->clients[i].cert)
			setup_client_cert(&conf->clients[i], i, to);
		if (auth_allows(&conf->clients[i].link.auth, AUTH_EAP_TLS))
			setup_client_eap(&conf->clients[i], i, to);
		imsg_send(to->authd, MSG_CONF_SECRET,
			  &conf->secrets[i], -1);
	}
}

void setup_children(const struct conf *conf, const struct setup_chans *to)
{
	struct msg_conf_engine engine = { .no_kernel = "" };

	setup_probe_kernel(&engine);
	imsg_send(to->engine, MSG_CONF_ENGINE, &engine, -1);
	if (*conf->main.keylog) {
		log_warn("TLS SECRETS ARE WRITTEN TO %s: whoever reads that file can decrypt all traffic",
			 conf->main.keylog);
		setup_send_file(to->engine, MSG_FILE_KEYLOG, 0,
				 setup_open(conf->main.keylog, O_WRONLY |
					     O_CREAT | O_APPEND));
	}
	if (conf->has_server)
		setup_first_server(&conf->server, to);
	if (to->radius)
		setup_radius(conf, to->radius);
	setup_clients(conf, to);
	imsg_send(to->authd, MSG_START, &(struct msg_none){ 0 }, -1);
	if (to->eapd)
		imsg_send(to->eapd, MSG_START, &(struct msg_none){ 0 }, -1);
	if (to->resolver)
		imsg_send(to->resolver, MSG_START,
			  &(struct msg_none){ 0 }, -1);
	imsg_send(to->engine, MSG_START, &(struct msg_none){ 0 }, -1);
}

bool setup_again(const struct conf *conf, const struct setup_chans *to,
		 conf_report report, void *ctx)
{
	struct setup_files files;
	char err[300];

	if (conf->has_server &&
	    !setup_files_open(&conf->server, &files, err, sizeof(err))) {
		report(ctx, err);
		return false;
	}
	if (conf->has_server)
		setup_server(&conf->server, &files, to);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		imsg_send(to->authd, MSG_CONF_SECRET, &conf->secrets[i], -1);
	imsg_send(to->engine, MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
}

void setup_log_level(const struct conf *conf, const struct setup_chans *to)
{
	const struct msg_log_level level = { .level = conf->main.log_level };

	log_set_level(level.level);
	imsg_send(to->engine, MSG_LOG_LEVEL, &level, -1);
	imsg_send(to->authd, MSG_LOG_LEVEL, &level, -1);
	if (to->eapd)
		imsg_send(to->eapd, MSG_LOG_LEVEL, &level, -1);
	if (to->radius)
		imsg_send(to->radius, MSG_LOG_LEVEL, &level, -1);
	if (to->resolver)
		imsg_send(to->resolver, MSG_LOG_LEVEL, &level, -1);
}
