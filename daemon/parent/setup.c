// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boundary/msg.h"
#include "lib/addr.h"
#include "lib/congestion.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/nl_sstp.h"
#include "parent/endpoints.h"
#include "parent/kept.h"
#include "parent/kernel_floor.h"
#include "parent/listeners.h"
#include "parent/store.h"
#include "tls/tls_certs.h"

static void setup_send_file(const struct child *to, enum msg_file_kind kind,
			    uint32_t number, int fd)
{
	child_tell(to, MSG_CONF_FILE,
		   &(struct msg_conf_file){ .kind = kind, .number = number },
		   fd);
}

/* ---- what is opened once, and kept for whoever comes later ------------------------- */

static int setup_keylog = -1;

static bool setup_send_copy(const struct child *to, uint32_t type, const void *body,
			    int fd, char *err, size_t err_len)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0) {
		snprintf(err, err_len, "no descriptor left: %s", strerror(errno));
		return false;
	}
	child_tell(to, type, body, copy);
	return true;
}

static void setup_open_keylog(const char *path)
{
	if (!*path)
		return;
	log_warn("TLS SECRETS ARE WRITTEN TO %s: whoever reads that file can decrypt all traffic",
		 path);
	setup_keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
			    0600);
	if (setup_keylog < 0)
		log_fatal("cannot open %s: %s", path, strerror(errno));
}

void setup_open(const struct conf *conf, const char *file)
{
	char err[CONF_PATH_MAX + 200];

	setup_open_keylog(conf->main.keylog);
	if (conf->has_server && !listeners_plan(conf, file, err, sizeof(err)))
		log_fatal("%s", err);
	listeners_enforce(NULL, 0);
	store_close_listeners();
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

/* Does the first line of a file of the kernel's have this word? */
static bool setup_kernel_says(const char *path, const char *word)
{
	char line[128] = "";
	FILE *in = fopen(path, "re");

	if (!in)
		return false;
	if (!fgets(line, sizeof(line), in))
		*line = '\0';
	fclose(in);
	return strstr(line, word);
}

/*
 * A kernel that takes no module but with a signature that it trusts: told so, or locked
 * down, as distributions have it with Secure Boot.
 */
static bool setup_wants_signatures(void)
{
	const char *lockdown = "/sys/kernel/security/lockdown";

	return setup_kernel_says("/sys/module/module/parameters/sig_enforce", "Y") ||
	       setup_kernel_says(lockdown, "[integrity]") ||
	       setup_kernel_says(lockdown, "[confidentiality]");
}

/* Why the kernel data path cannot be used. */
static char setup_no_kernel[MSG_TEXT_MAX];

/* Said once, at the start. */
static void setup_warn_of_kernel(void)
{
	struct utsname name;
	char text[200];

	if (uname(&name) == 0 &&
	    !kernel_floor_ok(name.release, name.version, text, sizeof(text)))
		log_warn("%s", text);
}

/* Sessions that take no other path do not come up then. */
static bool setup_insists(const struct conf *conf)
{
	bool insists = conf->has_server && conf->server.link.path == CONF_PATH_KERNEL;

	for (uint32_t i = 0; i < conf->n_clients; i++)
		insists |= conf->clients[i].link.path == CONF_PATH_KERNEL;
	return insists;
}

void setup_probe_kernel(const struct conf *conf)
{
	struct nl_err err;
	bool there = nl_sstp_available(&err);

	if (!there && err.code == ENOENT && setup_wants_signatures())
		snprintf(setup_no_kernel, sizeof(setup_no_kernel),
			 "%.80s, and this kernel takes signed modules only: see sstp(7)",
			 err.text);
	else if (!there)
		snprintf(setup_no_kernel, sizeof(setup_no_kernel), "%s", err.text);
	else if (!setup_has_ktls())
		snprintf(setup_no_kernel, sizeof(setup_no_kernel),
			 "this kernel has no kTLS (module tls)");
	else
		setup_warn_of_kernel();
	if (*setup_no_kernel && setup_insists(conf))
		log_err("kernel data path: %s: with \"data-path = kernel\" no session comes up",
			setup_no_kernel);
	else
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
	return kept_open(path, KEPT_PLAIN, err, err_len);
}

static bool setup_try_cert(const struct conf_cert *conf,
			   struct tls_cert_files *files, char *err,
			   size_t err_len)
{
	files->cert = setup_try(conf->certificate, err, err_len);
	if (files->cert >= 0)
		files->key = kept_open(conf->key, KEPT_SECRET, err, err_len);
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

static bool setup_first_server(const struct conf *conf, const struct child *engine,
			       char *err, size_t err_len)
{
	struct setup_files files;

	if (!setup_files_open(&conf->server, &files, err, err_len))
		return false;
	setup_server(&conf->server, &files, engine, conf->main.engines);
	return engine->surplus || listeners_give(engine, err, err_len);
}

/*
 * A UDP socket: bound to @ss, or connected to it. Return: -1 with a warning if the
 * network is not there: it may come.
 */
static int setup_udp(const struct sockaddr_storage *ss, bool server)
{
	int fd = socket(ss->ss_family, SOCK_DGRAM | SOCK_CLOEXEC |
			SOCK_NONBLOCK, 0);
	const struct sockaddr *sa = (const struct sockaddr *)ss;
	char text[ADDR_TEXT_MAX];

	addr_text(ss, text, sizeof(text));
	if (fd >= 0 && server)
		addr_freebind(fd, ss);
	/* Connected: nobody else's datagrams come in. */
	if (fd >= 0 && (server ? bind(fd, sa, addr_len(ss)) :
				 connect(fd, sa, addr_len(ss))) == 0)
		return fd;
	log_warn("RADIUS: cannot %s %s: %s", server ? "listen on" : "reach", text,
		 strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void setup_radius_socket(const struct child *radius, uint32_t use, uint32_t server,
				const struct sockaddr_storage *ss)
{
	int fd = setup_udp(ss, use == MSG_RADIUS_COA);

	if (fd >= 0)
		child_tell(radius, MSG_RADIUS_SOCKET,
			   &(struct msg_radius_socket){ .use = use, .server = server }, fd);
}

static void setup_radius_sockets(const struct child *radius,
				 enum msg_radius_use use, uint32_t n,
				 const struct sockaddr_storage *addrs)
{
	for (uint32_t i = 0; i < n; i++)
		setup_radius_socket(radius, use, i, &addrs[i]);
}

/*
 * What waits for a server is kept there, also when nobody of us is alive. It is opened
 * once: who has it has it alone.
 */
static int setup_spool = -1;

/* Return: NULL, or why @fd is no place to keep it. */
static const char *setup_spool_unfit(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return "it is not ours alone; chown root, chmod 600";
	/* Somebody else has made a link to a file of ours where we are to write. */
	if (st.st_nlink != 1)
		return "it has another name, too";
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return "another sstpd has it";
	return NULL;
}

/* Return: -1 with the reason in @why */
static int setup_spool_file(const char *path, const char **why)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW |
		      O_NONBLOCK, 0600);

	*why = setup_spool_unfit(fd);
	if (!*why)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void setup_open_spool(const struct conf_radius *conf)
{
	const char *why;

	if (!conf->n_acct || !*conf->spool || setup_spool >= 0)
		return;
	setup_spool = setup_spool_file(conf->spool, &why);
	if (setup_spool < 0)
		log_warn("accounting records are not kept in %s, a restart loses those that wait: %s",
			 conf->spool, why);
}

void setup_radius_aside(const struct conf *conf, const struct child *radius)
{
	char path[sizeof(conf->radius.spool) + sizeof(CONF_SPOOL_DAMAGED)];
	const char *why;
	int fd;

	/* Who asks and does not read what is sent makes us keep all of it. */
	if (setup_spool < 0 || imsg_queued(radius->chan))
		return;
	snprintf(path, sizeof(path), "%s" CONF_SPOOL_DAMAGED, conf->radius.spool);
	fd = setup_spool_file(path, &why);
	if (fd >= 0)
		child_tell(radius, MSG_SPOOL_ASIDE, &(struct msg_none){ 0 }, fd);
	else
		log_err("what is damaged of %s stays there: %s: %s", conf->radius.spool, path,
			why);
}

static void setup_give_spool(const struct conf_radius *conf, const struct child *radius)
{
	char err[100];

	setup_open_spool(conf);
	if (setup_spool >= 0 &&
	    !setup_send_copy(radius, MSG_RADIUS_SPOOL, &(struct msg_none){ 0 }, setup_spool,
			     err, sizeof(err)))
		log_warn("accounting records are not kept on the disk: %s", err);
}

/* Not more often than that, whatever the other process says. */
#define SETUP_RENEW_MS	900

void setup_radius_renew(const struct conf *conf, const struct child *radius,
			const struct msg_radius_socket *m)
{
	static uint64_t last[2][RADIUS_SERVERS_MAX];
	const struct conf_radius *r = &conf->radius;
	bool acct = m->use == MSG_RADIUS_ACCT;
	uint64_t now = loop_now_ms();

	/* Who asks and does not read what is sent makes us keep all of it. */
	if (m->use == MSG_RADIUS_COA || m->server >= (acct ? r->n_acct : r->n_auth) ||
	    imsg_queued(radius->chan) || now - last[acct][m->server] < SETUP_RENEW_MS)
		return;
	last[acct][m->server] = now;
	setup_radius_socket(radius, m->use, m->server,
			    acct ? &r->acct[m->server] : &r->auth[m->server]);
}

void setup_radius(const struct conf *conf, const struct child *to,
		  uint32_t started, bool again)
{
	const struct conf_radius *radius = &conf->radius;
	const struct msg_conf_radius m = {
		.conf = *radius,
		.started = started,
		.again = again,
		.fold = conf->server.fold_names,
	};

	if (radius->n_coa && !(radius->coa_require & CONF_COA_TIMESTAMP))
		log_warn("[radius] coa-require has no event-timestamp: a request that somebody recorded can be repeated some time later");
	child_tell(to, MSG_CONF_RADIUS, &m, -1);
	child_tell(to, MSG_CONF_RADIUS_SECRET, &conf->radius_secret, -1);
	setup_radius_sockets(to, MSG_RADIUS_AUTH, radius->n_auth, radius->auth);
	setup_radius_sockets(to, MSG_RADIUS_ACCT, radius->n_acct, radius->acct);
	setup_radius_sockets(to, MSG_RADIUS_COA, radius->n_coa, radius->coa);
	setup_give_spool(radius, to);
	child_tell(to, MSG_START, &(struct msg_none){ 0 }, -1);
}

static bool setup_client_file(const struct child *engine, enum msg_file_kind kind,
			      uint32_t i, const char *path, char *err, size_t err_len)
{
	int fd;

	if (!*path)
		return true;
	fd = kept_open(path, kind == MSG_FILE_CLIENT_KEY ? KEPT_SECRET : KEPT_PLAIN, err,
		       err_len);
	if (fd >= 0)
		setup_send_file(engine, kind, i, fd);
	return fd >= 0;
}

/* The first engine is the one that dials. */
static bool setup_client_files(const struct conf *conf, const struct child *engine, char *err,
			       size_t err_len)
{
	const struct conf_client *client = conf->clients;

	for (uint32_t i = 0; i < conf->n_clients && !engine->number; i++, client++)
		if (!setup_client_file(engine, MSG_FILE_CA, i, client->ca, err, err_len) ||
		    !setup_client_file(engine, MSG_FILE_CLIENT_CERT, i, client->cert, err,
				       err_len) ||
		    !setup_client_file(engine, MSG_FILE_CLIENT_KEY, i, client->key, err,
				       err_len))
			return false;
	return true;
}

static void setup_clients(const struct conf *conf, const struct child *engine)
{
	struct conf_client told;

	for (uint32_t i = 0; i < conf->n_clients && !engine->number; i++) {
		told = conf->clients[i];
		told.endpoint = *endpoints_of(told.lead);
		child_tell(engine, MSG_CONF_CLIENT, &told, -1);
	}
}

void setup_congestion(const struct conf *conf)
{
	if (conf->has_server)
		congestion_load(conf->server.link.congestion);
	for (uint32_t i = 0; i < conf->n_clients; i++)
		congestion_load(conf->clients[i].link.congestion);
}

bool setup_engine(const struct conf *conf, const struct child *engine,
		  uint32_t n_first, char *err, size_t err_len)
{
	struct msg_conf_engine m = {
		.first_id = numbers_next(&engine->numbers),
		.number = engine->number,
		.n_engines = n_first,
	};

	memcpy(m.no_kernel, setup_no_kernel, sizeof(m.no_kernel));
	m.rekey = conf->main.rekey && nl_sstp_rekeys();
	m.slots = nl_sstp_has_slots();
	child_tell(engine, MSG_CONF_ENGINE, &m, -1);
	if (setup_keylog >= 0 &&
	    !setup_send_copy(engine, MSG_CONF_FILE,
			     &(struct msg_conf_file){ .kind = MSG_FILE_KEYLOG },
			     setup_keylog, err, err_len))
		return false;
	if (conf->has_server && !setup_first_server(conf, engine, err, err_len))
		return false;
	setup_clients(conf, engine);
	if (!setup_client_files(conf, engine, err, err_len))
		return false;
	child_tell(engine, MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
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

static bool setup_users(const struct conf *conf, const struct child *authd, char *err,
			size_t err_len)
{
	int users;

	if (!setup_has_users(conf))
		return true;
	users = kept_open(conf->server.users, KEPT_SECRET, err, err_len);
	if (users >= 0)
		child_tell(authd, MSG_CONF_USERS, &(struct msg_none){ 0 }, users);
	return users >= 0;
}

bool setup_authd(const struct conf *conf, const struct child *authd, char *err,
		 size_t err_len)
{
	const struct msg_conf_authd m = {
		.radius = conf->has_server &&
			  conf->server.backends & CONF_BACKEND_RADIUS,
		.fold = conf->server.fold_names,
	};

	child_tell(authd, MSG_CONF_AUTHD, &m, -1);
	if (!setup_users(conf, authd, err, err_len))
		return false;
	setup_secrets(conf, authd);
	child_tell(authd, MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
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

/* PEAP of a client shows no certificate. */
static bool setup_eap_open(struct setup_eap *eap, const struct conf_eap_tls *conf,
			   char *err, size_t err_len)
{
	eap->cert = (struct tls_cert_files){ -1, -1 };
	eap->ca = setup_try(conf->ca, err, err_len);
	if (eap->ca >= 0 && (eap->conf.peap ||
			     setup_try_cert(&conf->cert, &eap->cert, err, err_len)))
		return true;
	setup_eap_close(eap);
	return false;
}

/* All of them: the server's, and two for each client. */
struct setup_eaps {
	unsigned int n;
	struct setup_eap of[1 + 2 * CONF_CLIENTS_MAX];
};

static void setup_eaps_close(struct setup_eaps *eaps)
{
	while (eaps->n)
		setup_eap_close(&eaps->of[--eaps->n]);
}

static bool setup_eaps_add(struct setup_eaps *eaps, const struct msg_conf_eap *m,
			   const struct conf_eap_tls *conf, char *err, size_t err_len)
{
	struct setup_eap *eap = &eaps->of[eaps->n];

	eap->conf = *m;
	if (!setup_eap_open(eap, conf, err, err_len))
		return false;
	eaps->n++;
	return true;
}

static bool setup_eaps_add_client(struct setup_eaps *eaps, const struct conf_client *client,
				  struct msg_conf_eap *m, char *err, size_t err_len)
{
	memcpy(m->name, client->eap.name, sizeof(m->name));
	m->need_binding = client->eap.need_binding;
	if (auth_allows(&client->link.auth, AUTH_EAP_TLS) &&
	    !setup_eaps_add(eaps, m, &client->eap, err, err_len))
		return false;
	m->peap = true;
	return !auth_allows(&client->link.auth, AUTH_PEAP) ||
	       setup_eaps_add(eaps, m, &client->eap, err, err_len);
}

/* Return: false with nothing open. */
static bool setup_eaps_open(const struct conf *conf, struct setup_eaps *eaps, char *err,
			    size_t err_len)
{
	bool ok = true;

	eaps->n = 0;
	if (conf->has_server && auth_allows(&conf->server.link.auth, AUTH_EAP_TLS))
		ok = setup_eaps_add(eaps, &(struct msg_conf_eap){ .server = true },
				    &conf->server.eap, err, err_len);
	for (uint32_t i = 0; i < conf->n_clients && ok; i++)
		ok = setup_eaps_add_client(eaps, &conf->clients[i],
					   &(struct msg_conf_eap){ .client = i }, err, err_len);
	if (!ok)
		setup_eaps_close(eaps);
	return ok;
}

static void setup_eap_give(const struct setup_eap *eap, const struct child *eapd)
{
	child_tell(eapd, MSG_CONF_EAP, &eap->conf, -1);
	if (!eap->conf.peap) {
		setup_send_file(eapd, MSG_FILE_CERTIFICATE, 0, eap->cert.cert);
		setup_send_file(eapd, MSG_FILE_KEY, 0, eap->cert.key);
	}
	setup_send_file(eapd, MSG_FILE_CA, 0, eap->ca);
}

static void setup_eaps_give(const struct setup_eaps *eaps, const struct child *eapd)
{
	for (unsigned int i = 0; i < eaps->n; i++)
		setup_eap_give(&eaps->of[i], eapd);
}

/* Both roles */
static bool setup_eap_all(const struct conf *conf, const struct child *eapd, char *err,
			  size_t err_len)
{
	struct setup_eaps eaps;

	if (!setup_eaps_open(conf, &eaps, err, err_len))
		return false;
	setup_eaps_give(&eaps, eapd);
	return true;
}

bool setup_eapd(const struct conf *conf, const struct child *eapd, char *err,
		size_t err_len)
{
	if (!setup_eap_all(conf, eapd, err, err_len))
		return false;
	child_tell(eapd, MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
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
	if (ok && authd && setup_has_users(conf)) {
		users = kept_open(conf->server.users, KEPT_SECRET, err,
				  err_len);
		ok = users >= 0;
		for (uint32_t i = 0; i < n && !ok; i++)
			setup_files_close(&files[i]);
	}
	for (uint32_t i = 0; i < n && ok; i++)
		setup_server(&conf->server, &files[i], &engines[i], conf->main.engines);
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
	struct setup_eaps eaps;
	char err[300];

	if (!setup_eaps_open(conf, &eaps, err, sizeof(err))) {
		report(ctx, err);
		return false;
	}
	/* What an engine has been sent counts from MSG_START on. */
	if (!setup_client_files(conf, &engines[0], err, sizeof(err)) ||
	    (conf->has_server &&
	     !setup_server_again(conf, engines, n_engines, authd, err, sizeof(err)))) {
		report(ctx, err);
		setup_eaps_close(&eaps);
		return false;
	}
	setup_eaps_give(&eaps, eapd);
	setup_congestion(conf);
	if (authd)
		setup_secrets(conf, authd);
	for (uint32_t i = 0; i < n_engines; i++)
		child_tell(&engines[i], MSG_START, &(struct msg_none){ 0 }, -1);
	return true;
}

static bool setup_renew_server(const struct conf *conf, const struct child *engine, char *err,
			       size_t err_len)
{
	struct setup_files files;

	if (!setup_files_open(&conf->server, &files, err, err_len))
		return false;
	setup_server(&conf->server, &files, engine, conf->main.engines);
	return true;
}

bool setup_renew(const struct conf *conf, const struct child *child, char *err,
		 size_t err_len)
{
	if (child->bit == MSG_AUTHD)
		return setup_users(conf, child, err, err_len);
	if (child->bit == MSG_EAPD)
		return setup_eap_all(conf, child, err, err_len);
	if (!setup_client_files(conf, child, err, err_len) ||
	    (conf->has_server && !setup_renew_server(conf, child, err, err_len)))
		return false;
	child_tell(child, MSG_START, &(struct msg_none){ 0 }, -1);
	return !conf->has_server || child->surplus || listeners_give(child, err, err_len);
}
