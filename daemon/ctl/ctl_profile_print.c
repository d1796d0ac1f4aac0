// SPDX-License-Identifier: GPL-2.0-or-later
/* A client's own language, for each kind of them. Names are quoted by its rules. */
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_profile.h"
#include "lib/addr.h"

/* @quotes: characters that @escape goes before */
static void print_escaped(FILE *out, const char *text, const char *quotes, char escape)
{
	for (; *text; text++) {
		if (strchr(quotes, *text))
			fputc(escape, out);
		fputc(*text, out);
	}
}

/* "vpn.example.com", with ":PORT" if it is not the usual one */
static void print_where(FILE *out, const struct ctl_profile *p)
{
	bool ipv6 = strchr(p->server, ':');

	fprintf(out, ipv6 && p->port != 443 ? "[%s]" : "%s", p->server);
	if (p->port != 443)
		fprintf(out, ":%u", p->port);
}

static const char *route_text(const struct ctl_profile *p, uint32_t i,
			      char text[static ADDR_PREFIX_MAX])
{
	const struct conf_route *r = &p->routes[i];

	addr_prefix_text(r->family, r->addr, r->len, text);
	return text;
}

/* What no client of others can. */
static void print_limits(FILE *out, const struct ctl_profile *p)
{
	if (*p->path_prefix)
		fprintf(out, "# This server has path-prefix = %s: only sstpd as a client can dial it.\n",
			p->path_prefix);
	if (p->client_cert)
		fputs("# This server insists on a certificate of the client in TLS, which this client\n"
		      "# may not be able to show.\n", out);
}

/* ---- Windows ---------------------------------------------------------------------- */

/* PowerShell takes U+2018 to U+201B for what ' is; said twice, each stands for itself. */
static size_t windows_quote_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (*s == '\'')
		return 1;
	return p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x98 && p[2] <= 0x9b ? 3 : 0;
}

static void windows_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (size_t n; *text; text += n ? n : 1) {
		n = windows_quote_len(text);
		if (n)
			fprintf(out, "%.*s%.*s", (int)n, text, (int)n, text);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

static void windows_method(FILE *out, enum auth_method_id method)
{
	switch (method) {
	case AUTH_EAP_TLS:
		fputs("-AuthenticationMethod Eap -EncryptionLevel Required `\n"
		      "    -EapConfigXmlStream (New-EapConfiguration -Tls -UserCertificate).EapConfigXmlStream",
		      out);
		return;
	case AUTH_MSCHAPV2:
		fputs("-AuthenticationMethod MSChapv2 -EncryptionLevel Required", out);
		return;
	case AUTH_CHAP_MD5:
		fputs("-AuthenticationMethod Chap -EncryptionLevel Optional", out);
		return;
	case AUTH_PAP:
		fputs("-AuthenticationMethod Pap -EncryptionLevel Optional", out);
		return;
	default:
		fputs("-AuthenticationMethod Eap -EncryptionLevel Required `\n"
		      "    -EapConfigXmlStream (New-EapConfiguration).EapConfigXmlStream",
		      out);
	}
}

static void windows_certificate(FILE *out, const struct ctl_profile *p)
{
	if (p->private_ca)
		fputs("\n# The server's certificate is of a CA that computers do not know by themselves.\n"
		      "# Copy the certificate of that CA to ca.pem, and as administrator:\n"
		      "# Import-Certificate -FilePath ca.pem -CertStoreLocation Cert:\\LocalMachine\\Root\n",
		      out);
	if (*p->revocation)
		fprintf(out, "# Windows fetches its revocation list before the tunnel is up; it must be reachable:\n"
			"# %s\n", p->revocation);
}

static void windows_print(FILE *out, const struct ctl_profile *p)
{
	char text[ADDR_PREFIX_MAX];

	fputs("# PowerShell, as the user who will connect. The password is asked for then.\n", out);
	print_limits(out, p);
	fputs("$name = ", out);
	windows_quoted(out, p->server);
	fputs("\nAdd-VpnConnection -Name $name -ServerAddress '", out);
	print_where(out, p);
	fputs("' -TunnelType Sstp `\n    ", out);
	windows_method(out, p->method);
	fprintf(out, " `\n    %s-RememberCredential -Force\n",
		p->n_routes ? "-SplitTunneling " : "");
	if (!p->n_routes)
		fputs("# All traffic goes through the tunnel. For some of it, add -SplitTunneling, and\n"
		      "# Add-VpnConnectionRoute for each network.\n", out);
	for (uint32_t i = 0; i < p->n_routes; i++)
		fprintf(out, "Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix '%s'\n",
			route_text(p, i, text));
	fputs("# To connect from here:  rasdial $name ", out);
	windows_quoted(out, p->user);
	fputs(" *\n", out);
	windows_certificate(out, p);
}

/* ---- RouterOS --------------------------------------------------------------------- */

static void routeros_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	print_escaped(out, text, "\"\\$?", '\\');
	fputc('"', out);
}

static const char *routeros_method(enum auth_method_id method)
{
	return method == AUTH_MSCHAPV2 ? "mschap2" :
	       method == AUTH_CHAP_MD5 ? "chap" : "pap";
}

static void routeros_print(FILE *out, const struct ctl_profile *p)
{
	char text[ADDR_PREFIX_MAX];

	fputs("# RouterOS 7.15 or later. Put the password in before you paste this.\n", out);
	print_limits(out, p);
	if (p->tls13)
		fputs("# This server has tls-min-version = 1.3, which RouterOS does not know.\n", out);
	if (p->private_ca)
		fputs("# The certificate of the server's CA, copied to the router as ca.pem:\n"
		      "/certificate/import file-name=ca.pem passphrase=\"\"\n", out);
	fputs("/interface/sstp-client/add name=sstp-vpn connect-to=", out);
	print_where(out, p);
	fputs(" user=", out);
	routeros_quoted(out, p->user);
	/* Of the two that it has, the other is AES-CBC, which kTLS does not know. */
	fprintf(out, " password=\"\" \\\n    authentication=%s tls-version=only-1.2 ciphers=aes256-gcm-sha384 add-sni=yes \\\n"
		"    verify-server-certificate=yes verify-server-address-from-certificate=yes \\\n"
		"    add-default-route=%s disabled=no\n",
		routeros_method(p->method), p->n_routes ? "no" : "yes");
	for (uint32_t i = 0; i < p->n_routes; i++)
		fprintf(out, "/%s/route/add dst-address=%s gateway=sstp-vpn\n",
			p->routes[i].family == AF_INET ? "ip" : "ipv6",
			route_text(p, i, text));
}

/* ---- NetworkManager ----------------------------------------------------------------- */

/* As a GKeyFile has it: blanks in front would be lost. */
static void keyfile_value(FILE *out, const char *text)
{
	for (; *text == ' '; text++)
		fputs("\\s", out);
	print_escaped(out, text, "\\", '\\');
}

static void keyfile_refuse(FILE *out, enum auth_method_id method)
{
	const struct {
		const char *key;
		bool wanted;
	} keys[] = {
		{ "refuse-eap", method == AUTH_EAP_TLS || method == AUTH_EAP_MSCHAPV2 },
		{ "refuse-pap", method == AUTH_PAP },
		{ "refuse-chap", method == AUTH_CHAP_MD5 },
		{ "refuse-mschap", false },
		{ "refuse-mschapv2", method == AUTH_MSCHAPV2 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].wanted)
			fprintf(out, "%s=yes\n", keys[i].key);
}

static void keyfile_routes(FILE *out, const struct ctl_profile *p, int family)
{
	char text[ADDR_PREFIX_MAX];
	unsigned int n = 0;

	fprintf(out, "\n[%s]\nmethod=auto\n", family == AF_INET ? "ipv4" : "ipv6");
	if (p->n_routes)
		fputs("never-default=true\n", out);
	for (uint32_t i = 0; i < p->n_routes; i++)
		if (p->routes[i].family == family)
			fprintf(out, "route%u=%s\n", ++n, route_text(p, i, text));
}

static void keyfile_print(FILE *out, const struct ctl_profile *p)
{
	fputs("# /etc/NetworkManager/system-connections/sstp-vpn.nmconnection, of root, mode 600;\n"
	      "# then: nmcli connection reload && nmcli --ask connection up sstp-vpn\n", out);
	print_limits(out, p);
	fputs("[connection]\nid=sstp-vpn\ntype=vpn\nautoconnect=false\n\n"
	      "[vpn]\nservice-type=org.freedesktop.NetworkManager.sstp\ngateway=", out);
	print_where(out, p);
	fputs("\nuser=", out);
	keyfile_value(out, p->user);
	/* 1: kept by the user's agent, which asks for it */
	fputs("\npassword-flags=1\n", out);
	if (p->method == AUTH_EAP_TLS)
		fputs("connection-type=tls\ntls-ca-cert=/path/to/ca-of-the-login.pem\n"
		      "tls-user-cert=/path/to/user.pem\ntls-user-key=/path/to/user.key\n", out);
	keyfile_refuse(out, p->method);
	fputs("tls-ext=yes\n", out);
	if (p->private_ca)
		fputs("# The CA of the server's certificate, copied to this machine:\n"
		      "ca-cert=/path/to/ca.pem\n", out);
	keyfile_routes(out, p, AF_INET);
	keyfile_routes(out, p, AF_INET6);
}

/* ---- sstpd ------------------------------------------------------------------------ */

static const char *sstpd_method(enum auth_method_id method)
{
	switch (method) {
	case AUTH_MSCHAPV2:
		return "mschapv2";
	case AUTH_EAP_TLS:
		return "eap-tls";
	case AUTH_CHAP_MD5:
		return "chap-md5";
	case AUTH_PAP:
		return "pap";
	default:
		return "eap-mschapv2";
	}
}

static void sstpd_print(FILE *out, const struct ctl_profile *p)
{
	char text[ADDR_PREFIX_MAX];

	fputs("# /etc/sstpd/vpn.conf, for `systemctl enable --now sstpd@vpn`. The password is the\n"
	      "# first line of the file that password-file names, of root and mode 600.\n"
	      "[client vpn]\nserver = ", out);
	print_where(out, p);
	fprintf(out, "\nuser = %s\n", p->user);
	if (p->method == AUTH_EAP_TLS)
		fputs("eap-tls-certificate = /etc/sstpd/user.pem\neap-tls-key = /etc/sstpd/user.key\n"
		      "# The CA of the certificate that the server shows at the login:\n"
		      "eap-tls-ca = /etc/sstpd/login-ca.pem\n", out);
	else
		fputs("password-file = /etc/sstpd/vpn.password\n", out);
	fprintf(out, "auth = %s\n", sstpd_method(p->method));
	if (p->client_cert)
		fputs("tls-certificate = /etc/sstpd/client.pem\ntls-key = /etc/sstpd/client.key\n", out);
	if (*p->path_prefix)
		fprintf(out, "path-prefix = %s\n", p->path_prefix);
	if (p->private_ca)
		fprintf(out, "# Exactly this certificate. To trust its CA instead, which outlives it, say\n"
			"# tls-ca = FILE.\ntls-pin-sha256 = %s\n", p->pin);
	if (p->ipv6)
		fputs("ipv6 = yes\n", out);
	if (!p->n_routes)
		fputs("# Everything; for some of it: routes = 10.0.0.0/8, ...\ndefault-route = yes\n", out);
	for (uint32_t i = 0; i < p->n_routes; i++)
		fprintf(out, "%s%s", i ? ", " : "routes = ", route_text(p, i, text));
	if (p->n_routes)
		fputc('\n', out);
}

const struct ctl_profile_kind *ctl_profile_kind(const char *name)
{
	static const struct ctl_profile_kind kinds[] = {
		{ "windows", { AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_EAP_TLS,
			       AUTH_CHAP_MD5, AUTH_PAP }, windows_print },
		{ "mikrotik", { AUTH_MSCHAPV2, AUTH_CHAP_MD5, AUTH_PAP }, routeros_print },
		{ "networkmanager", { AUTH_MSCHAPV2, AUTH_EAP_TLS, AUTH_CHAP_MD5,
				      AUTH_PAP }, keyfile_print },
		{ "sstpd", { AUTH_MSCHAPV2, AUTH_EAP_MSCHAPV2, AUTH_EAP_TLS,
			     AUTH_CHAP_MD5, AUTH_PAP }, sstpd_print },
	};

	for (size_t i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}
