/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parent gives its children at the start: each its part of the
 * configuration, and open files and sockets where it could not open them.
 */
#ifndef SSTPD_SETUP_H
#define SSTPD_SETUP_H

#include "conf.h"
#include "imsg.h"

/**
 * struct setup_chans - the children
 * @eapd: NULL without EAP-TLS
 * @radius: NULL without [radius]
 * @resolver: NULL without clients
 */
struct setup_chans {
	struct imsg_chan *engine;
	struct imsg_chan *authd;
	struct imsg_chan *eapd;
	struct imsg_chan *radius;
	struct imsg_chan *resolver;
};

/** setup_children() - ends the process if a file or address cannot be had */
void setup_children(const struct conf *conf, const struct setup_chans *to);

/**
 * setup_again() - give them a changed configuration
 *
 * Return: false, with nothing given, if a file cannot be had; @report is told.
 */
bool setup_again(const struct conf *conf, const struct setup_chans *to,
		 conf_report report, void *ctx);

/** setup_log_level() - how much to log from now on, here and in the children */
void setup_log_level(const struct conf *conf, const struct setup_chans *to);

#endif /* SSTPD_SETUP_H */
