// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_ip.h"

#include <stdbool.h>
#include <string.h>

#include <NetworkManager.h>

static void nm_ip_add(GVariantBuilder *b, const char *key, GVariant *value)
{
	g_variant_builder_add(b, "{sv}", key, value);
}

/* An IPv4 address is a number in network byte order there. */
static GVariant *nm_ip_addr4(const struct in_addr *addr)
{
	return g_variant_new_uint32(addr->s_addr);
}

static GVariant *nm_ip_addr6(const struct in6_addr *addr)
{
	return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, addr, sizeof(*addr), 1);
}

GVariant *nm_ip_config(const struct nm_session *session)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&session->server;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&session->server;
	bool ip6 = !IN6_IS_ADDR_UNSPECIFIED(&session->local6);
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_TUNDEV, g_variant_new_string(session->ifname));
	nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_HAS_IP4, g_variant_new_boolean(session->local.s_addr));
	nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_HAS_IP6, g_variant_new_boolean(ip6));
	if (session->mtu)
		nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_MTU, g_variant_new_uint32(session->mtu));
	/* It gets a route of its own, outside. */
	if (session->server.ss_family == AF_INET)
		nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_EXT_GATEWAY, nm_ip_addr4(&in->sin_addr));
	else if (session->server.ss_family == AF_INET6)
		nm_ip_add(&b, NM_VPN_PLUGIN_CONFIG_EXT_GATEWAY, nm_ip_addr6(&in6->sin6_addr));
	return g_variant_builder_end(&b);
}

/*
 * The other end makes a route. The server may call it what it likes, but not what it is
 * called outside: the tunnel would lead into itself.
 */
static bool nm_ip_peer(const struct nm_session *session)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&session->server;

	return session->peer.s_addr && session->server.ss_family &&
	       (session->server.ss_family != AF_INET ||
		in->sin_addr.s_addr != session->peer.s_addr);
}

static GVariant *nm_ip_dns4(const struct nm_session *session)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("au"));
	for (int i = 0; i < 2; i++)
		if (session->dns[i].s_addr)
			g_variant_builder_add(&b, "u", session->dns[i].s_addr);
	return g_variant_builder_end(&b);
}

GVariant *nm_ip_config4(const struct nm_session *session)
{
	GVariantBuilder b;

	if (!session->local.s_addr)
		return NULL;
	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	nm_ip_add(&b, NM_VPN_PLUGIN_IP4_CONFIG_ADDRESS, nm_ip_addr4(&session->local));
	nm_ip_add(&b, NM_VPN_PLUGIN_IP4_CONFIG_PREFIX, g_variant_new_uint32(32));
	if (nm_ip_peer(session))
		nm_ip_add(&b, NM_VPN_PLUGIN_IP4_CONFIG_PTP, nm_ip_addr4(&session->peer));
	nm_ip_add(&b, NM_VPN_PLUGIN_IP4_CONFIG_DNS, nm_ip_dns4(session));
	return g_variant_builder_end(&b);
}

static GVariant *nm_ip_dns6(const struct nm_session *session)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("aay"));
	for (int i = 0; i < 2; i++)
		if (!IN6_IS_ADDR_UNSPECIFIED(&session->dns6[i]))
			g_variant_builder_add_value(&b, nm_ip_addr6(&session->dns6[i]));
	return g_variant_builder_end(&b);
}

/*
 * A prefix that the server names makes an address, and no route: it may be anybody's. The
 * link-local address is there already, by sstpd.
 */
GVariant *nm_ip_config6(const struct nm_session *session)
{
	GVariantBuilder b;

	if (IN6_IS_ADDR_UNSPECIFIED(&session->local6))
		return NULL;
	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	nm_ip_add(&b, NM_VPN_PLUGIN_IP6_CONFIG_ADDRESS, nm_ip_addr6(&session->local6));
	nm_ip_add(&b, NM_VPN_PLUGIN_IP6_CONFIG_PREFIX, g_variant_new_uint32(128));
	nm_ip_add(&b, NM_VPN_PLUGIN_IP6_CONFIG_NEVER_DEFAULT,
		  g_variant_new_boolean(!session->router6));
	nm_ip_add(&b, NM_VPN_PLUGIN_IP6_CONFIG_DNS, nm_ip_dns6(session));
	return g_variant_builder_end(&b);
}
