/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NetworkManager calls: connect, disconnect, are there secrets to be had. */
#ifndef SSTPD_NM_PLUGIN_H
#define SSTPD_NM_PLUGIN_H

#include <NetworkManager.h>

/**
 * nm_plugin_new() - on the system's bus
 * @bus_name: of this connection's service, or the general one
 * @stays: although whoever called it has gone
 */
NMVpnServicePlugin *nm_plugin_new(const char *bus_name, gboolean stays, GError **error);

/** nm_plugin_stop() - end a tunnel that is there, in order */
void nm_plugin_stop(NMVpnServicePlugin *plugin);

#endif /* SSTPD_NM_PLUGIN_H */
