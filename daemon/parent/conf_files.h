/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a configuration names: there, readable, and of use? */
#ifndef SSTPD_CONF_FILES_H
#define SSTPD_CONF_FILES_H

#include "auth/userdb.h"
#include "conf/conf.h"

/**
 * conf_check_files() - read everything the daemon would read, and judge it
 * @again: a reload: a certificate that has expired is a warning, no error
 * @users: receives the accounts of the users file, if there is one; it may be NULL
 * @report: called for every complaint
 *
 * Return: number of errors.
 */
unsigned int conf_check_files(const struct conf *conf, bool again, struct userdb **users,
			      conf_report report, void *ctx);

/**
 * conf_check_certs() - the certificates, keys and CAs alone, of a daemon that runs
 *
 * Return: number of errors.
 */
unsigned int conf_check_certs(const struct conf *conf, conf_report report, void *ctx);

/** conf_load_users() - the accounts of its users file; NULL after complaints */
struct userdb *conf_load_users(const struct conf_server *server, conf_report report,
			       void *ctx);

#endif /* SSTPD_CONF_FILES_H */
