/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconnect-before-expiry: a client whose certificate is about to end logs in with the one
 * that has come in its place, in time, before a server ends the session for it.
 */
#ifndef SSTPD_CERT_RENEW_H
#define SSTPD_CERT_RENEW_H

#include <stdint.h>
#include <time.h>

#include "conf/conf.h"
#include "parent/table.h"

/**
 * cert_renew_start()
 * @conf: which must stay valid
 * @reconnect: has that client replace its connection; NULL, or why it does not
 */
void cert_renew_start(const struct conf *conf, const char *(*reconnect)(uint32_t client));
/** cert_renew_up() - the tunnel of @e stands: which certificates has it shown? */
void cert_renew_up(struct entry *e);
/** cert_renew_look() - other files may be in force now */
void cert_renew_look(void);
void cert_renew_stop(void);

/**
 * cert_renew_next_s() - when to look again
 * @left: seconds that the certificate shown is still good for
 * @before: reconnect-before-expiry
 *
 * Return: seconds, an hour at most since clocks are set; 0: it is time.
 */
uint32_t cert_renew_next_s(time_t left, uint32_t before);

#endif /* SSTPD_CERT_RENEW_H */
