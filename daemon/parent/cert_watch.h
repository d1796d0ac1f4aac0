/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate-watch: certificates, keys, OCSP responses and CAs on the disk, of the server
 * and of clients, of TLS and of EAP. What changes there, and has stopped to change, is taken up as a
 * reload would: all of it, or nothing with the reasons in the log, once.
 */
#ifndef SSTPD_CERT_WATCH_H
#define SSTPD_CERT_WATCH_H

#include <stdbool.h>

#include "conf/conf.h"

/**
 * cert_watch_start() - of @conf, which must stay valid; what it says may change
 * @take: put what is on the disk in force; false if it is no good
 */
void cert_watch_start(const struct conf *conf, bool (*take)(void));
/** cert_watch_reloaded() - all files were read again, and are good */
void cert_watch_reloaded(void);
void cert_watch_stop(void);

/** cert_watch_refused() - what is on the disk is other than what is served, and no good */
bool cert_watch_refused(void);

#endif /* SSTPD_CERT_WATCH_H */
