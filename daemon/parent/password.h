/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A password that a user has changed over PPP goes into the users file: authd has
 * checked it and knows its hash, the parent may write the file.
 */
#ifndef SSTPD_PASSWORD_H
#define SSTPD_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/mschap.h"
#include "parent/children.h"

/**
 * password_set() - write it, and have @authd read the file again
 * @server: whose users file
 * @user: account
 *
 * Return: false if it stays as it was; the log says why.
 */
bool password_set(const struct conf_server *server, const char *user,
		  const uint8_t nt_hash[static MSCHAP_NT_HASH_LEN], const struct child *authd);

#endif /* SSTPD_PASSWORD_H */
