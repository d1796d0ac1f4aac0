// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_plugin.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

#include "nm/nm_conf.h"
#include "nm/nm_files.h"
#include "nm/nm_ip.h"
#include "nm/nm_tunnel.h"

/* A name has 15 characters; this one of the connection's is its own, mostly. */
#define NM_PLUGIN_IFNAME	"sstp-%.8s"

/**
 * struct nm_plugin - of one connection
 * @tunnel: NULL = there is none
 * @why: what it is that failed, unless it is the login
 * @told: what NetworkManager has been told last, all zero = nothing
 * @asks: somebody may be asked for another password
 * @password: the last one that was tried
 */
struct nm_plugin {
	NMVpnServicePlugin base;
	struct nm_tunnel *tunnel;
	NMVpnPluginFailure why;
	struct nm_session told;
	bool asks;
	char *password;
};

struct nm_plugin_class {
	NMVpnServicePluginClass base;
};

typedef struct nm_plugin NmPlugin;
typedef struct nm_plugin_class NmPluginClass;

GType nm_plugin_get_type(void);
G_DEFINE_TYPE(NmPlugin, nm_plugin, NM_TYPE_VPN_SERVICE_PLUGIN)

static struct nm_plugin *nm_plugin_of(void *object)
{
	return G_TYPE_CHECK_INSTANCE_CAST(object, nm_plugin_get_type(), struct nm_plugin);
}

/* ---- settings ---------------------------------------------------------------------- */

static const char *nm_plugin_data(const void *ctx, const char *key)
{
	return nm_setting_vpn_get_data_item((NMSettingVpn *)ctx, key);
}

static const char *nm_plugin_secret(const void *ctx, const char *key)
{
	return nm_setting_vpn_get_secret((NMSettingVpn *)ctx, key);
}

static bool nm_plugin_wants_ipv6(NMConnection *connection)
{
	NMSettingIPConfig *ip6 = nm_connection_get_setting_ip6_config(connection);
	const char *method = ip6 ? nm_setting_ip_config_get_method(ip6) : NULL;

	return !method || (strcmp(method, NM_SETTING_IP6_CONFIG_METHOD_DISABLED) &&
			   strcmp(method, NM_SETTING_IP6_CONFIG_METHOD_IGNORE));
}

static void nm_plugin_note(const char *key, const char *value, gpointer arg)
{
	const char *note = nm_conf_note(key, value);

	(void)arg;
	if (note)
		g_message("%s %s", key, note);
}

/* The name that the connection has for it, if any, or one that only it has. */
static char *nm_plugin_ifname(NMConnection *connection)
{
	const char *name = nm_connection_get_interface_name(connection);

	return name ? g_strdup(name) :
		      g_strdup_printf(NM_PLUGIN_IFNAME, nm_connection_get_uuid(connection));
}

static bool nm_plugin_settings(NMConnection *connection, struct nm_settings *s, GError **error)
{
	NMSettingVpn *vpn = nm_connection_get_setting_vpn(connection);

	if (!vpn || !nm_connection_get_uuid(connection)) {
		g_set_error(error, NM_VPN_PLUGIN_ERROR, NM_VPN_PLUGIN_ERROR_INVALID_CONNECTION,
			    "the connection has no VPN settings");
		return false;
	}
	memset(s, 0, sizeof(*s));
	s->data = nm_plugin_data;
	s->secret = nm_plugin_secret;
	s->ctx = vpn;
	s->user = nm_setting_vpn_get_user_name(vpn);
	s->ipv6 = nm_plugin_wants_ipv6(connection);
	return true;
}

/* ---- a tunnel ---------------------------------------------------------------------- */

/*
 * Of a connection that is not up yet, libnm says a second time that it failed, and then
 * the reason before is forgotten: so to libnm it is up, for a moment.
 */
static void nm_plugin_failed(NMVpnServicePlugin *plugin, NMVpnPluginFailure why)
{
	g_object_set(plugin, NM_VPN_SERVICE_PLUGIN_STATE, NM_VPN_SERVICE_STATE_STARTED, NULL);
	nm_vpn_service_plugin_failure(plugin, why);
}

/* Of IPv6 there is more to come, when the server advertises it. */
static bool nm_plugin_waits(const struct nm_session *session)
{
	return IN6_IS_ADDR_UNSPECIFIED(&session->local6) && session->ipv6 &&
	       !session->local.s_addr;
}

/*
 * Other addresses and routes NetworkManager takes at any time, other name servers only when
 * a connection comes up: so it does that again, and all that it has stays.
 */
static void nm_plugin_renew(NMVpnServicePlugin *plugin, const struct nm_session *session)
{
	const struct nm_session *told = &nm_plugin_of(plugin)->told;

	if (*told->ifname && !nm_session_same_names(session, told))
		g_object_set(plugin, NM_VPN_SERVICE_PLUGIN_STATE, NM_VPN_SERVICE_STATE_STARTING,
			     NULL);
}

static void nm_plugin_up(const struct nm_session *session, void *arg)
{
	NMVpnServicePlugin *plugin = arg;
	struct nm_plugin *p = nm_plugin_of(plugin);
	GVariant *ip4, *ip6;

	if (nm_plugin_waits(session))
		return;
	ip4 = nm_ip_config4(session);
	ip6 = nm_ip_config6(session);
	if (!ip4 && !ip6) {
		p->why = NM_VPN_PLUGIN_FAILURE_BAD_IP_CONFIG;
		nm_tunnel_end(p->tunnel);
		return;
	}
	nm_plugin_renew(plugin, session);
	p->told = *session;
	nm_vpn_service_plugin_set_config(plugin, nm_ip_config(session));
	if (ip4)
		nm_vpn_service_plugin_set_ip4_config(plugin, ip4);
	if (ip6)
		nm_vpn_service_plugin_set_ip6_config(plugin, ip6);
}

/* The answer is nm_plugin_new_secrets(). */
static void nm_plugin_ask_again(NMVpnServicePlugin *plugin)
{
	static const char *const hints[] = { "password", NULL };

	nm_vpn_service_plugin_secrets_required(plugin, "The server has refused user or password.",
					       (const char **)hints);
}

static void nm_plugin_ended(enum nm_tunnel_end how, void *arg)
{
	NMVpnServicePlugin *plugin = arg;
	struct nm_plugin *p = nm_plugin_of(plugin);

	p->tunnel = NULL;
	if (how == NM_TUNNEL_LOGIN && p->asks && p->password) {
		nm_plugin_ask_again(plugin);
		return;
	}
	nm_plugin_failed(plugin, how == NM_TUNNEL_LOGIN ? NM_VPN_PLUGIN_FAILURE_LOGIN_FAILED :
							  p->why);
}

static const struct nm_tunnel_ops nm_plugin_ops = {
	.up = nm_plugin_up,
	.ended = nm_plugin_ended,
};

/* NULL: it is a certificate that was tried. */
static void nm_plugin_tries(struct nm_plugin *p, const char *password)
{
	if (p->password)
		OPENSSL_cleanse(p->password, strlen(p->password));
	g_free(p->password);
	p->password = g_strdup(password);
}

static gboolean nm_plugin_dial(NMVpnServicePlugin *plugin, NMConnection *connection,
			       GError **error)
{
	struct nm_plugin *p = nm_plugin_of(plugin);
	struct nm_settings s;
	struct nm_conf conf;
	char *dir, *ifname;

	if (!nm_plugin_settings(connection, &s, error))
		return FALSE;
	nm_setting_vpn_foreach_data_item(nm_connection_get_setting_vpn(connection),
					 nm_plugin_note, NULL);
	dir = nm_tunnel_dir(nm_connection_get_uuid(connection));
	ifname = nm_plugin_ifname(connection);
	nm_plugin_tries(p, nm_conf_by_certificate(&s) ? NULL : nm_plugin_secret(s.ctx, "password"));
	p->why = NM_VPN_PLUGIN_FAILURE_CONNECT_FAILED;
	memset(&p->told, 0, sizeof(p->told));
	s.dir = dir;
	s.ifname = ifname;
	if (!nm_conf_make(&conf, &s))
		g_set_error(error, NM_VPN_PLUGIN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, "%s",
			    conf.err);
	else
		p->tunnel = nm_tunnel_start(SSTPD_PROGRAM, dir, &conf, &nm_plugin_ops, plugin,
					    error);
	g_free(ifname);
	g_free(dir);
	if (!p->tunnel && error && *error)
		g_warning("%s", (*error)->message);
	return p->tunnel != NULL;
}

static gboolean nm_plugin_connect(NMVpnServicePlugin *plugin, NMConnection *connection,
				  GError **error)
{
	nm_plugin_of(plugin)->asks = false;
	return nm_plugin_dial(plugin, connection, error);
}

static gboolean nm_plugin_connect_interactive(NMVpnServicePlugin *plugin,
					      NMConnection *connection, GVariant *details,
					      GError **error)
{
	(void)details;
	nm_plugin_of(plugin)->asks = true;
	return nm_plugin_dial(plugin, connection, error);
}

/* An agent that has no other, of a file, say, would give the same one for ever. */
static gboolean nm_plugin_new_secrets(NMVpnServicePlugin *plugin, NMConnection *connection,
				      GError **error)
{
	NMSettingVpn *vpn = nm_connection_get_setting_vpn(connection);
	const char *password = vpn ? nm_plugin_secret(vpn, "password") : NULL;

	if (!password || !g_strcmp0(password, nm_plugin_of(plugin)->password)) {
		g_set_error(error, NM_VPN_PLUGIN_ERROR, NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS,
			    "there is no other password than the one that was refused");
		return FALSE;
	}
	return nm_plugin_dial(plugin, connection, error);
}

static gboolean nm_plugin_disconnect(NMVpnServicePlugin *plugin, GError **error)
{
	(void)error;
	nm_plugin_stop(plugin);
	return TRUE;
}

void nm_plugin_stop(NMVpnServicePlugin *plugin)
{
	struct nm_plugin *p = nm_plugin_of(plugin);
	struct nm_tunnel *tunnel = p->tunnel;

	p->tunnel = NULL;
	nm_plugin_tries(p, NULL);
	if (tunnel)
		nm_tunnel_stop(tunnel);
}

/* ---- secrets ----------------------------------------------------------------------- */

static bool nm_plugin_lacks(NMSettingVpn *vpn, const char *key)
{
	NMSettingSecretFlags flags = NM_SETTING_SECRET_FLAG_NONE;
	const char *value = nm_setting_vpn_get_secret(vpn, key);

	nm_setting_get_secret_flags(NM_SETTING(vpn), key, &flags, NULL);
	return (!value || !*value) && !(flags & NM_SETTING_SECRET_FLAG_NOT_REQUIRED);
}

static bool nm_plugin_key_is_encrypted(NMSettingVpn *vpn)
{
	const char *path = nm_setting_vpn_get_data_item(vpn, "tls-user-key");
	gboolean encrypted = FALSE;

	return path && nm_utils_file_is_private_key(path, &encrypted) && encrypted;
}

static gboolean nm_plugin_need_secrets(NMVpnServicePlugin *plugin, NMConnection *connection,
				       const char **setting_name, GError **error)
{
	struct nm_settings s;
	NMSettingVpn *vpn;
	bool lacks;

	(void)plugin;
	if (!nm_plugin_settings(connection, &s, error))
		return FALSE;
	vpn = nm_connection_get_setting_vpn(connection);
	if (nm_conf_by_certificate(&s))
		lacks = nm_plugin_key_is_encrypted(vpn) &&
			nm_plugin_lacks(vpn, "tls-user-key-secret");
	else
		lacks = nm_plugin_lacks(vpn, "password");
	if (nm_setting_vpn_get_data_item(vpn, "proxy-server") &&
	    nm_setting_vpn_get_data_item(vpn, "proxy-user"))
		lacks |= nm_plugin_lacks(vpn, "proxy-password");
	*setting_name = lacks ? NM_SETTING_VPN_SETTING_NAME : NULL;
	return lacks;
}

/* ---- life -------------------------------------------------------------------------- */

static void nm_plugin_init(struct nm_plugin *p)
{
	p->tunnel = NULL;
	p->password = NULL;
}

static void nm_plugin_class_init(struct nm_plugin_class *class)
{
	NMVpnServicePluginClass *base = NM_VPN_SERVICE_PLUGIN_CLASS(class);

	base->connect = nm_plugin_connect;
	base->connect_interactive = nm_plugin_connect_interactive;
	base->new_secrets = nm_plugin_new_secrets;
	base->need_secrets = nm_plugin_need_secrets;
	base->disconnect = nm_plugin_disconnect;
}

NMVpnServicePlugin *nm_plugin_new(const char *bus_name, gboolean stays, GError **error)
{
	return g_initable_new(nm_plugin_get_type(), NULL, error,
			      NM_VPN_SERVICE_PLUGIN_DBUS_SERVICE_NAME, bus_name,
			      NM_VPN_SERVICE_PLUGIN_DBUS_WATCH_PEER, !stays, NULL);
}
