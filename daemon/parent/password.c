// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/password.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "auth/userdb.h"
#include "auth/userfile.h"
#include "boundary/msg.h"
#include "lib/log.h"
#include "parent/conf_files.h"
#include "parent/kept.h"

static bool password_write(const char *path, const char *user, const uint8_t *nt_hash)
{
	char secret[sizeof(USERDB_HASH_PREFIX) + 2 * MSCHAP_NT_HASH_LEN] = USERDB_HASH_PREFIX;
	const struct userfile_change change = {
		.op = USERFILE_PASSWD,
		.name = user,
		.secret = secret,
	};
	struct mschap *mschap = mschap_new();
	size_t len = strlen(secret);
	char err[400] = "no MD4 in OpenSSL";
	int rc = -1;

	for (size_t i = 0; i < MSCHAP_NT_HASH_LEN; i++)
		snprintf(secret + len + 2 * i, 3, "%02x", nt_hash[i]);
	if (mschap)
		rc = userfile_change(path, &change, mschap, err, sizeof(err));
	if (rc)
		log_err("user %s: the new password cannot be kept: %s", user, err);
	OPENSSL_cleanse(secret, sizeof(secret));
	mschap_free(mschap);
	return !rc;
}

static void password_complain(void *ctx, const char *line)
{
	(void)ctx;
	log_err("%s", line);
}

bool password_set(const struct conf_server *server, const char *user,
		  const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN], const struct child *authd)
{
	const char *path = server->users;
	struct userdb *db;
	char err[400];
	int fd;

	if (!password_write(path, user, nt_hash))
		return false;
	log_info("user %s has changed its password", user);
	kept_begin();
	db = conf_load_users(server, password_complain, NULL);
	if (db)
		kept_accept(false);
	else
		kept_refuse();
	userdb_free(db);
	fd = kept_open(path, KEPT_SECRET, err, sizeof(err));
	if (fd < 0)
		log_err("%s", err);
	else
		child_tell(authd, MSG_CONF_USERS, &(struct msg_none){ 0 }, fd);
	return true;
}
