// SPDX-License-Identifier: GPL-2.0-or-later
#include "password.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "log.h"
#include "msg.h"
#include "secret_file.h"
#include "userdb.h"
#include "userfile.h"

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

bool password_set(const char *path, const char *user,
		  const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN], const struct child *authd)
{
	char err[400];
	int fd;

	if (!password_write(path, user, nt_hash))
		return false;
	log_info("user %s has changed its password", user);
	fd = secret_file_open(path, err, sizeof(err));
	if (fd < 0)
		log_err("%s", err);
	else
		child_tell(authd, MSG_CONF_USERS, &(struct msg_none){ 0 }, fd);
	return true;
}
