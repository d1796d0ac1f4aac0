// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main() of nm-sstp-service, which NetworkManager starts for each connection: options,
 * then it waits to be called.
 */
#include <glib-unix.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/version.h"
#include "nm/nm_plugin.h"

#define NM_SERVICE_NAME	"org.freedesktop.NetworkManager.sstp"

static gboolean nm_service_on_signal(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static void nm_service_on_quit(NMVpnServicePlugin *plugin, gpointer loop)
{
	(void)plugin;
	g_main_loop_quit(loop);
}

/*
 * What was said last is on its way yet. That the service has gone, and why the connection
 * has failed, must come in the other order.
 */
static void nm_service_flush(NMVpnServicePlugin *plugin)
{
	GDBusConnection *bus = nm_vpn_service_plugin_get_connection(plugin);

	if (!bus)
		return;
	g_dbus_connection_flush_sync(bus, NULL, NULL);
	g_object_unref(bus);
}

static int nm_service_run(const char *bus_name, bool stays)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	NMVpnServicePlugin *plugin;
	GError *error = NULL;

	plugin = nm_plugin_new(bus_name, stays, &error);
	if (!plugin) {
		fprintf(stderr, "nm-sstp-service: cannot serve %s on the system's bus: %s\n",
			bus_name, error->message);
		g_error_free(error);
		g_main_loop_unref(loop);
		return 1;
	}
	g_unix_signal_add(SIGTERM, nm_service_on_signal, loop);
	g_unix_signal_add(SIGINT, nm_service_on_signal, loop);
	if (!stays)
		g_signal_connect(plugin, "quit", G_CALLBACK(nm_service_on_quit), loop);
	g_main_loop_run(loop);
	nm_plugin_stop(plugin);
	nm_service_flush(plugin);
	g_object_unref(plugin);
	g_main_loop_unref(loop);
	return 0;
}

int main(int argc, char **argv)
{
	char *bus_name = NULL;
	gboolean stays = FALSE, version = FALSE;
	const GOptionEntry entries[] = {
		{ "bus-name", 0, 0, G_OPTION_ARG_STRING, &bus_name,
		  "Name on the system's bus, default " NM_SERVICE_NAME, "NAME" },
		{ "persist", 0, 0, G_OPTION_ARG_NONE, &stays,
		  "Stay when the connection has ended, for debugging", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
		{ NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
	};
	GOptionContext *options = g_option_context_new(NULL);
	GError *error = NULL;

	g_option_context_set_summary(options,
				     "SSTP for NetworkManager, which starts this; see nm-sstp-service(8).");
	g_option_context_add_main_entries(options, entries, NULL);
	if (!g_option_context_parse(options, &argc, &argv, &error)) {
		fprintf(stderr, "nm-sstp-service: %s\n", error->message);
		return 2;
	}
	g_option_context_free(options);
	if (version) {
		puts("nm-sstp-service " SSTPD_VERSION);
		return 0;
	}
	return nm_service_run(bus_name ? bus_name : NM_SERVICE_NAME, stays);
}
