/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running daemon can take over of a changed configuration. */
#ifndef SSTPD_CONF_RELOAD_H
#define SSTPD_CONF_RELOAD_H

#include "conf/conf.h"

/**
 * conf_reload_check() - may @next take the place of @now?
 * @report: called for every change that needs a restart
 *
 * Return: number of such changes.
 */
unsigned int conf_reload_check(const struct conf *now, const struct conf *next,
			       conf_report report, void *ctx);

#endif /* SSTPD_CONF_RELOAD_H */
