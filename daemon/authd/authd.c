// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The password holder. It sees no network: a question comes in (auth.h says
 * what is in it), a verdict goes out. The server's accounts and the clients'
 * passwords are in this process only.
 */
#include "boundary/child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "auth/chap_md5.h"
#include "auth/mschap.h"
#include "auth/userdb.h"
#include "boundary/msg.h"
#include "boundary/proc.h"
#include "boundary/sandbox.h"
#include "lib/log.h"
#include "lib/loop.h"

struct authd {
	struct imsg_chan *parent;
	struct mschap *mschap;
	struct userdb *users;
	bool lost;		/* the latest of them, which comes again */
	bool radius;
	bool fold;
	struct conf_secret secrets[CONF_CLIENTS_MAX];
	bool has_secret[CONF_CLIENTS_MAX];
	bool changed[CONF_CLIENTS_MAX];
	/* Answers for users that do not exist take as long as for others. */
	struct userdb_user nobody;
};

static void authd_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

/* Who was removed or disabled must not get in for long. */
static void authd_users_lost(struct authd *a)
{
	if (!a->users)
		log_fatal("cannot read the users file: no descriptor or memory left");
	if (!a->lost)
		log_err("no descriptor or memory left for the users file, the accounts stay as they were until there is");
	a->lost = true;
	imsg_send(a->parent, MSG_CONF_LOST, &(struct msg_none){ 0 }, -1);
}

static void authd_load_users(struct authd *a, struct imsg *m)
{
	FILE *in = m->fd_lost ? NULL : fdopen(m->fd, "r");
	struct userdb *users;

	if (!in) {
		authd_users_lost(a);
		return;
	}
	m->fd = -1;
	if (a->lost)
		log_info("the users file is there now");
	a->lost = false;
	users = userdb_load(in, "users file", a->fold, a->mschap, authd_complain, NULL);
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

/* A new password, by someone who knows the old one and was told that it must be. */
static bool authd_change(struct authd *a, const struct auth_request *req,
			 const struct userdb_user *user,
			 struct msg_auth_verdict *v)
{
	struct mschap_result mschap;
	bool ok;

	ok = mschap_change(a->mschap, user->nt_hash, req->packet,
			   req->packet + MSCHAP_NEW_PASSWORD_LEN, v->nt_hash) == 1 &&
	     mschap_verify(a->mschap, v->nt_hash, req->name, req->auth_challenge,
			   req->peer_challenge, req->nt_response, &mschap) == 1;
	if (!ok)
		return false;
	memcpy(v->res.auth_response, mschap.auth_response,
	       sizeof(v->res.auth_response));
	memcpy(v->res.hlak, mschap.hlak, sizeof(v->res.hlak));
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	v->set_password = true;
	return true;
}

static bool authd_check(struct authd *a, const struct auth_request *req,
			const struct userdb_user *user,
			struct msg_auth_verdict *v)
{
	if (req->change)
		return authd_change(a, req, user, v);
	switch (req->method) {
	case AUTH_PAP:
		return authd_check_pap(a, req, user);
	case AUTH_CHAP_MD5:
		return authd_check_chap_md5(a, req, user);
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		return authd_check_mschapv2(a, req, user, &v->res);
	case AUTH_EAP_TLS:
	case AUTH_PEAP:
	case AUTH_EAP_RADIUS:
		break;
	}
	return false;
}

static void authd_refuse(const struct msg_auth_ask *ask, enum auth_error error,
			 struct msg_auth_verdict *v)
{
	OPENSSL_cleanse(&v->res, sizeof(v->res));
	OPENSSL_cleanse(v->nt_hash, sizeof(v->nt_hash));
	v->set_password = false;
	v->res.error = error;
	memcpy(v->user, ask->req.name, sizeof(v->user));
}

/* The credentials are right. What else is against it, 0 = nothing? */
static enum auth_error authd_account_error(const struct auth_request *req,
					   const struct userdb_user *user,
					   const struct msg_auth_verdict *v)
{
	if (user->disabled)
		return AUTH_ERR_DISABLED;
	if (!req->change)
		return user->expired ? AUTH_ERR_PASSWORD_EXPIRED : 0;
	if (!user->expired || !CRYPTO_memcmp(v->nt_hash, user->nt_hash, sizeof(v->nt_hash)))
		return AUTH_ERR_CHANGING_PASSWORD;
	return 0;
}

static void authd_serve_server(struct authd *a, const struct msg_auth_ask *ask,
			       struct msg_auth_verdict *v)
{
	const struct userdb_user *user = NULL;
	enum auth_error error;

	if (a->users)
		user = userdb_find(a->users, ask->req.name);
	if (user && user->no_password)
		user = NULL;
	if (!authd_check(a, &ask->req, user ? user : &a->nobody, v) || !user) {
		authd_refuse(ask, AUTH_ERR_CREDENTIALS, v);
		v->res.retry = true;
		return;
	}
	/* Only who knows the password hears more about the account. */
	error = authd_account_error(&ask->req, user, v);
	if (error) {
		authd_refuse(ask, error, v);
		return;
	}
	v->res.ok = true;
	memcpy(v->user, user->name, sizeof(v->user));
	v->grant.user = user->grant;
}

/* ---- client role: prove that we are who we say we are -------------------- */

/* The one of the file, until the server has been given another. */
static const char *authd_password(const struct authd *a,
				  const struct conf_secret *secret)
{
	return a->changed[secret->client] ? secret->new_password :
					    secret->password;
}

static void authd_keep_proof(const struct mschap_result *mschap,
			     struct auth_result *res)
{
	memcpy(res->nt_response, mschap->nt_response, sizeof(res->nt_response));
	memcpy(res->auth_response, mschap->auth_response,
	       sizeof(res->auth_response));
	memcpy(res->hlak, mschap->hlak, sizeof(res->hlak));
}

static bool authd_prove_mschapv2(struct authd *a, const struct auth_request *req,
				 const struct conf_secret *secret,
				 struct auth_result *res)
{
	const char *password = authd_password(a, secret);
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	struct mschap_result mschap;
	bool ok;

	ok = mschap_nt_hash(a->mschap, password, strlen(password),
			    nt_hash) == 0 &&
	     mschap_compute(a->mschap, nt_hash, secret->user,
			    req->auth_challenge, req->peer_challenge,
			    &mschap) == 0;
	if (ok)
		authd_keep_proof(&mschap, res);
	OPENSSL_cleanse(nt_hash, sizeof(nt_hash));
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	return ok;
}

/* The server says that the password has expired. */
static bool authd_prove_change(struct authd *a, const struct auth_request *req,
			       const struct conf_secret *secret,
			       struct auth_result *res)
{
	uint8_t old_hash[MSCHAP_NT_HASH_LEN], new_hash[MSCHAP_NT_HASH_LEN];
	struct mschap_result mschap;
	bool ok;

	if (!*secret->new_password)
		return false;
	ok = mschap_nt_hash(a->mschap, secret->password, strlen(secret->password),
			    old_hash) == 0 &&
	     mschap_make_change(a->mschap, old_hash, secret->new_password,
				res->packet, res->packet + MSCHAP_NEW_PASSWORD_LEN,
				new_hash) == 0 &&
	     mschap_compute(a->mschap, new_hash, secret->user, req->auth_challenge,
			    req->peer_challenge, &mschap) == 0;
	if (ok) {
		authd_keep_proof(&mschap, res);
		res->packet_len = AUTH_CHANGE_LEN;
		log_warn("user %s: the password has expired and is changed to that of new-password-file: put it into password-file",
			 secret->user);
		a->changed[secret->client] = true;
	}
	OPENSSL_cleanse(old_hash, sizeof(old_hash));
	OPENSSL_cleanse(new_hash, sizeof(new_hash));
	OPENSSL_cleanse(&mschap, sizeof(mschap));
	return ok;
}

static bool authd_prove(struct authd *a, const struct auth_request *req,
			const struct conf_secret *secret,
			struct auth_result *res)
{
	switch (req->method) {
	case AUTH_PAP:
		memcpy(res->password, authd_password(a, secret),
		       sizeof(res->password));
		return true;
	case AUTH_CHAP_MD5:
		return chap_md5_digest(&req->md5, authd_password(a, secret),
				       res->digest) == 0;
	case AUTH_MSCHAPV2:
	case AUTH_EAP_MSCHAPV2:
		if (req->change)
			return authd_prove_change(a, req, secret, res);
		return authd_prove_mschapv2(a, req, secret, res);
	case AUTH_EAP_TLS:
	case AUTH_PEAP:
	case AUTH_EAP_RADIUS:
		break;
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

/* MS-CHAPv2 inside of PEAP: eapd has TLS, and no password. */
static void authd_serve_inner(struct authd *a, const struct msg_inner_ask *ask)
{
	struct msg_inner_answer answer = { .id = ask->id, .serial = ask->serial };
	struct auth_result res = { .ok = false };
	struct auth_request req = { .client = true };

	memcpy(req.auth_challenge, ask->auth_challenge, sizeof(req.auth_challenge));
	memcpy(req.peer_challenge, ask->peer_challenge, sizeof(req.peer_challenge));
	if (a->has_secret[ask->client])
		answer.ok = authd_prove_mschapv2(a, &req, &a->secrets[ask->client], &res);
	memcpy(answer.nt_response, res.nt_response, sizeof(answer.nt_response));
	memcpy(answer.auth_response, res.auth_response, sizeof(answer.auth_response));
	memcpy(answer.hlak, res.hlak, sizeof(answer.hlak));
	imsg_send(a->parent, MSG_INNER_ANSWER, &answer, -1);
	OPENSSL_cleanse(&answer, sizeof(answer));
	OPENSSL_cleanse(&res, sizeof(res));
}

/* ---- who decides --------------------------------------------------------- */

/* eapd has the keys of EAP-TLS, but no accounts. A client's is whose password it is. */
static void authd_ask_eapd(struct authd *a, const struct msg_auth_ask *ask)
{
	const struct userdb_user *user = NULL;
	struct msg_eap_ask eap = { .ask = *ask, .fold = a->fold };

	if (ask->req.client && a->has_secret[ask->client])
		memcpy(eap.user, a->secrets[ask->client].user, sizeof(eap.user));
	else if (a->users && !ask->req.client)
		user = userdb_find(a->users, ask->req.name);
	if (user && !user->disabled) {
		memcpy(eap.user, user->name, sizeof(eap.user));
		eap.grant = user->grant;
	}
	imsg_send(a->parent, MSG_EAP_ASK, &eap, -1);
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
	if (ask->req.method == AUTH_EAP_TLS || ask->req.method == AUTH_PEAP) {
		authd_ask_eapd(a, ask);
		return;
	}
	if (ask->req.client)
		authd_serve_client(a, ask, &v);
	else if (ask->req.method == AUTH_EAP_RADIUS)
		v.res.more = true;	/* a local user: by another type */
	else
		authd_serve_server(a, ask, &v);
	imsg_send(a->parent, MSG_AUTH_VERDICT, &v, -1);
	OPENSSL_cleanse(&v, sizeof(v));
}

static void authd_on_message(void *ctx, struct imsg *m, const char *why)
{
	const struct msg_conf_authd *conf;
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
		/* A reload with nothing new in it does not bring the old one back. */
		if (CRYPTO_memcmp(&a->secrets[secret->client], secret, sizeof(*secret)))
			a->changed[secret->client] = false;
		a->secrets[secret->client] = *secret;
		a->has_secret[secret->client] = true;
		break;
	case MSG_CONF_AUTHD:
		conf = m->body;
		a->radius = conf->radius;
		a->fold = conf->fold;
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
	case MSG_INNER_ASK:
		authd_serve_inner(a, m->body);
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
