// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The password holder. It sees no network: a question comes in (auth.h says
 * what is in it), a verdict goes out. The server's accounts and the clients'
 * passwords are in this process only.
 */
#include "child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "log.h"
#include "loop.h"
#include "mschap.h"
#include "msg.h"
#include "proc.h"
#include "sandbox.h"
#include "userdb.h"

struct authd {
	struct imsg_chan *parent;
	struct mschap *mschap;
	struct userdb *users;
	bool radius;
	struct conf_secret secrets[CONF_CLIENTS_MAX];
	bool has_secret[CONF_CLIENTS_MAX];
	/* Answers for users that do not exist take as long as for others. */
	struct userdb_user nobody;
};

static void authd_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

static void authd_load_users(struct authd *a, struct imsg *m)
{
	FILE *in = fdopen(m->fd, "r");
	struct userdb *users;

	if (!in)
		log_fatal("cannot read the users file");
	m->fd = -1;
	users = userdb_load(in, "users file", a->mschap, authd_complain, NULL);
	fclose(in);
	if (!users && !a->users)
		log_fatal("the users file has errors");
	if (!users) {
		log_err("the users file has errors, the accounts stay as they were");
		return;
	}
	userdb_free(a->users);
	a->users = users;
	log_debug("%zu users", userdb_size(a->users));
}

/* ---- server role: is this peer who it says it is? ------------------------ */

static bool authd_check_pap(struct authd *a, const struct auth_request *req,
			    const struct userdb_user *user)
{
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	bool ok;

	ok = mschap_nt_hash(a->mschap, req->password, strlen(req->password),
			    nt_hash) == 0 &&
	     CRYPTO_memcmp(nt_hash, user->nt_hash, sizeof(nt_hash)) == 0;
	OPENSSL_cleanse(nt_hash, sizeof(nt_hash));
	return ok;
}

static bool authd_check_chap_md5(struct authd *a, const struct auth_request *req,
				 const struct userdb_user *user)
{
	uint8_t digest[CHAP_MD5_LEN];
	bool ok;

	ok = chap_md5_digest(&req->md5, user->password, digest) == 0 &&
	     CRYPTO_memcmp(digest, req->md5.digest, sizeof(digest)) == 0;
	OPENSSL_cleanse(digest, sizeof(digest));
	if (*user->password || user == &a->nobody)
		return ok;
	log_warn("user %s: CHAP-MD5 needs the password itself in the users file, which has its NT hash only",
		 user->name);
	return false;
}

static bool authd_check_mschapv2(struct authd *a, const struct auth_request *req,
				 const struct userdb_user *user,
				 struct auth_result *res)
{
	struct mschap_result mschap;
	bool ok;

	ok = mschap_verify(a->mschap, user->nt_hash, req->name,
			   req->auth_challenge, req->peer_challenge,
			   req->nt_response, &mschap) == 1;
	if (ok) {
		memcpy(res->auth_response, mschap.auth_response,
		       sizeof(res->auth_response));
		memcpy(res->hlak, mschap.hlak, sizeof(res->hlak));
	}
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	return ok;
}

static bool authd_check(struct authd *a, const struct auth_request *req,
			const struct userdb_user *user,
			struct auth_result *res)
{
	switch (req->method) {
	case AUTH_PAP:
		return authd_check_pap(a, req, user);
	case AUTH_CHAP_MD5:
		return authd_check_chap_md5(a, req, user);
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		return authd_check_mschapv2(a, req, user, res);
	}
	return false;
}

static void authd_serve_server(struct authd *a, const struct msg_auth_ask *ask,
			       struct msg_auth_verdict *v)
{
	const struct userdb_user *user = NULL;

	if (a->users)
		user = userdb_find(a->users, ask->req.name);
	v->res.ok = authd_check(a, &ask->req, user ? user : &a->nobody,
				&v->res) && user;
	if (v->res.ok) {
		memcpy(v->user, user->name, sizeof(v->user));
		v->grant.user = user->grant;
		return;
	}
	OPENSSL_cleanse(&v->res, sizeof(v->res));
	v->res.error = AUTH_ERR_CREDENTIALS;
	v->res.retry = true;
	memcpy(v->user, ask->req.name, sizeof(v->user));
}

/* ---- client role: prove that we are who we say we are -------------------- */

static bool authd_prove_mschapv2(struct authd *a, const struct auth_request *req,
				 const struct conf_secret *secret,
				 struct auth_result *res)
{
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	struct mschap_result mschap;
	bool ok;

	ok = mschap_nt_hash(a->mschap, secret->password,
			    strlen(secret->password), nt_hash) == 0 &&
	     mschap_compute(a->mschap, nt_hash, secret->user,
			    req->auth_challenge, req->peer_challenge,
			    &mschap) == 0;
	if (ok) {
		memcpy(res->nt_response, mschap.nt_response,
		       sizeof(res->nt_response));
		memcpy(res->auth_response, mschap.auth_response,
		       sizeof(res->auth_response));
		memcpy(res->hlak, mschap.hlak, sizeof(res->hlak));
	}
	OPENSSL_cleanse(nt_hash, sizeof(nt_hash));
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	return ok;
}

static bool authd_prove(struct authd *a, const struct auth_request *req,
			const struct conf_secret *secret,
			struct auth_result *res)
{
	switch (req->method) {
	case AUTH_PAP:
		memcpy(res->password, secret->password, sizeof(res->password));
		return true;
	case AUTH_CHAP_MD5:
		return chap_md5_digest(&req->md5, secret->password,
				       res->digest) == 0;
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		return authd_prove_mschapv2(a, req, secret, res);
	}
	return false;
}

static void authd_serve_client(struct authd *a, const struct msg_auth_ask *ask,
			       struct msg_auth_verdict *v)
{
	const struct conf_secret *secret = &a->secrets[ask->client];

	if (!a->has_secret[ask->client])
		return;
	memcpy(v->user, secret->user, sizeof(v->user));
	v->res.ok = authd_prove(a, &ask->req, secret, &v->res);
}

/* The one place that decides who decides. Local users come first. */
static bool authd_is_for_radius(const struct authd *a,
				const struct auth_request *req)
{
	return a->radius && !req->client &&
	       !(a->users && userdb_find(a->users, req->name));
}

static void authd_serve(struct authd *a, const struct msg_auth_ask *ask)
{
	struct msg_auth_verdict v = {
		.id = ask->id,
		.serial = ask->req.serial,
	};

	if (authd_is_for_radius(a, &ask->req)) {
		imsg_send(a->parent, MSG_RADIUS_ASK, ask, -1);
		return;
	}
	if (ask->req.client)
		authd_serve_client(a, ask, &v);
	else
		authd_serve_server(a, ask, &v);
	imsg_send(a->parent, MSG_AUTH_VERDICT, &v, -1);
	OPENSSL_cleanse(&v, sizeof(v));
}

static void authd_on_message(void *ctx, struct imsg *m, const char *why)
{
	const struct conf_secret *secret;
	struct authd *a = ctx;

	if (!m) {
		log_debug("parent is gone (%s)", why);
		loop_stop();
		return;
	}
	switch (m->type) {
	case MSG_CONF_USERS:
		authd_load_users(a, m);
		break;
	case MSG_CONF_SECRET:
		secret = m->body;
		if (secret->client >= CONF_CLIENTS_MAX)
			log_fatal("password for client number %u",
				  secret->client);
		a->secrets[secret->client] = *secret;
		a->has_secret[secret->client] = true;
		break;
	case MSG_CONF_AUTHD:
		a->radius = ((const struct msg_conf_authd *)m->body)->radius;
		break;
	case MSG_LOG_LEVEL:
		log_set_level(((const struct msg_log_level *)m->body)->level);
		break;
	case MSG_START:
		imsg_send(a->parent, MSG_READY, &(struct msg_none){ 0 }, -1);
		break;
	case MSG_AUTH_ASK:
		authd_serve(a, m->body);
		break;
	case MSG_PING:
		imsg_send(a->parent, MSG_PONG, &(struct msg_none){ 0 }, -1);
		break;
	default:
		log_fatal("unexpected message %s", msg_rules[m->type].name);
	}
}

int authd_main(const char *user)
{
	static struct authd a;

	/* Before the sandbox: MD4 and DES come from a provider's file. */
	a.mschap = mschap_new();
	if (!a.mschap)
		log_fatal("no MD4 in OpenSSL, MS-CHAPv2 needs it: install the legacy provider (Debian 13: openssl-provider-legacy)");
	loop_init();
	proc_confine(user, &(struct proc_limits){
		.root = PROC_EMPTY_DIR,
		.lock_memory = true,
		.files = 32,
	});
	if (RAND_bytes(a.nobody.nt_hash, sizeof(a.nobody.nt_hash)) != 1)
		log_fatal("no randomness");
	sandbox_enter(SANDBOX_AUTHD);
	a.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES, MSG_PARENT,
			     authd_on_message, &a);
	loop_run();
	OPENSSL_cleanse(&a.secrets, sizeof(a.secrets));
	userdb_free(a.users);
	mschap_free(a.mschap);
	return 0;
}
