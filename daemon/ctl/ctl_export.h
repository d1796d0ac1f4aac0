/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `sstpctl metrics`: to stdout, into a file for the textfile collector of
 * Prometheus' node exporter, or to whoever asks by HTTP, with a page for people.
 */
#ifndef SSTPD_CTL_EXPORT_H
#define SSTPD_CTL_EXPORT_H

#include "ctl/ctl_ask.h"

/**
 * ctl_export() - "metrics [--sessions] [--textfile FILE | --listen ADDRESS:PORT]"
 *
 * Return: exit status. With --listen it does not return.
 */
int ctl_export(const struct ctl *ctl, int argc, char **argv);

#endif /* SSTPD_CTL_EXPORT_H */
