/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users file of the server: one account per line,
 *
 *	NAME:PASSWORD[:ADDRESS[:OPTIONS]]		or
 *	NAME:$nt$32-HEX-DIGITS[:ADDRESS[:OPTIONS]]
 *
 * The NT hash is all that MS-CHAPv2 needs, and PAP can be checked against it
 * too; CHAP-MD5 needs the password itself. That cannot contain a colon; its hash
 * form can stand for any password. OPTIONS are KEY=VALUE with blanks between
 * them: those of conf_policy.h, group, routes and ipv6-prefix; and the words "expired"
 * and "disabled". The password "*" stands for none: such a user has a certificate.
 */
#ifndef SSTPD_USERDB_H
#define SSTPD_USERDB_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "auth/mschap.h"
#include "data/grant.h"
#include "data/login.h"

#define USERDB_HASH_PREFIX	"$nt$"
#define USERDB_NO_PASSWORD	"*"
#define USERDB_EXPIRED		"expired"
#define USERDB_DISABLED		"disabled"
#define USERDB_LINE_MAX		1024

/**
 * struct userdb_user - one account
 * @name: as in the file
 * @nt_hash: secret
 * @password: secret; empty if the file has only the hash
 * @grant: address and options
 * @no_password: nothing may be compared with the two above
 * @expired: the password must be changed before the next login by it
 * @disabled: there is no login
 */
struct userdb_user {
	char name[AUTH_NAME_MAX + 1];
	uint8_t nt_hash[MSCHAP_NT_HASH_LEN];
	char password[AUTH_PASSWORD_MAX + 1];
	struct policy_user grant;
	bool no_password;
	bool expired;
	bool disabled;
};

struct userdb;

/* One line per complaint: "FILE:LINE: what is wrong, what is right". */
typedef void (*userdb_report)(void *ctx, const char *line);

/**
 * userdb_load() - read a users file
 * @in: the file, read to its end
 * @file: its name, for complaints
 * @fold: capitals and domains make no difference (user-names), and no second account
 *
 * Return: the accounts, or NULL if there was any error.
 */
struct userdb *userdb_load(FILE *in, const char *file, bool fold, struct mschap *mschap,
			   userdb_report report, void *ctx);
/** userdb_free() - wipe and free; NULL is fine */
void userdb_free(struct userdb *db);

/**
 * userdb_find() - the account of a peer that names itself @name
 *
 * "DOMAIN\user" is looked up as it stands, then as "user".
 */
const struct userdb_user *userdb_find(const struct userdb *db,
				      const char *name);
size_t userdb_size(const struct userdb *db);
/** userdb_at() - account number @i, below userdb_size() */
const struct userdb_user *userdb_at(const struct userdb *db, size_t i);

#endif /* SSTPD_USERDB_H */
