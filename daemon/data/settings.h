/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process is told to do: sections of the configuration, each as a plain
 * struct without pointers, which the parent sends to those that need it (msg.h).
 * The parser (conf/) fills them. Passwords are kept apart (struct conf_secret) and
 * go to authd alone; so is the RADIUS secret.
 *
 * Keys, defaults and meaning: doc/sstpd.conf.5.
 */
#ifndef SSTPD_DATA_SETTINGS_H
#define SSTPD_DATA_SETTINGS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "data/endpoint.h"
#include "data/lane.h"
#include "data/login.h"
#include "lib/congestion.h"

#define CONF_PATH_MAX		200
#define CONF_NAME_MAX		64
#define CONF_HOST_MAX		200
#define CONF_LISTEN_MAX		8
#define CONF_ROUTES_MAX		64
#define CONF_CLIENTS_MAX	64
#define CONF_CERTS_MAX		8
#define CONF_PROXIES_MAX	16
#define CONF_PIN_LEN		32
#define CONF_SOURCES_MAX	8
#define CONF_SECRET_MAX		128
/* bit/s */
#define CONF_RATE_MIN		UINT64_C(64000)
#define CONF_RATE_MAX		UINT64_C(10000000000)
#define RADIUS_SERVERS_MAX	4
#define RADIUS_PORT_AUTH		1812
#define RADIUS_PORT_ACCT		1813
#define RADIUS_PORT_COA			3799

/* Hash bits of the crypto binding: a mask in ACK, exactly one in CONNECTED. */
enum sstp_hash {
	SSTP_HASH_SHA1		= 0x01,
	SSTP_HASH_SHA256	= 0x02,
};

/* Which data path a session may take. */
enum conf_path {
	CONF_PATH_AUTO,
	CONF_PATH_KERNEL,
	CONF_PATH_TUN,
};

/* Who decides about logins, bits; both: users of the file first. */
enum conf_backend {
	CONF_BACKEND_USERS	= 0x01,
	CONF_BACKEND_RADIUS	= 0x02,
};

/**
 * struct conf_tls - what a TLS context is made from; files travel as fds
 * @min_version: TLS1_2_VERSION or TLS1_3_VERSION
 * @max_version: the same
 * @ciphers: OpenSSL cipher list for TLS 1.2
 * @ciphersuites: OpenSSL list for TLS 1.3
 * @groups: OpenSSL list of groups for the key exchange, "" = its own
 */
struct conf_tls {
	uint32_t min_version;
	uint32_t max_version;
	char ciphers[CONF_PATH_MAX];
	char ciphersuites[CONF_PATH_MAX];
	char groups[CONF_PATH_MAX];
};

/**
 * struct conf_link - the tunnel's interface and what runs over it
 * @ifname: interface name, client role
 * @mtu: upper limit of the interface MTU, bytes
 * @path: enum conf_path
 * @auth: ways to log in, in the order they are asked for
 * @eap_no_key: EAP-MSCHAPv2 gives the crypto binding no key
 * @hashes: SSTP_HASH_* bits for the crypto binding
 * @hello_s: silence after which SSTP asks for a sign of life, seconds
 * @stall_s: how long the peer may take nothing of what is sent, seconds
 * @echo_s: interval of LCP Echo-Request, seconds, 0 = none
 * @ipv6: negotiate IPV6CP too
 * @congestion: algorithm of TCP, see congestion.h
 * @up_script: program to run when a session is up, empty = none
 * @down_script: the same when it is over
 * @script_s: time each may take, seconds
 */
struct conf_link {
	char ifname[IFNAMSIZ];
	uint32_t mtu;
	uint32_t path;
	struct auth_methods auth;
	bool eap_no_key;
	uint32_t hashes;
	uint32_t hello_s;
	uint32_t stall_s;
	uint32_t echo_s;
	bool ipv6;
	char congestion[CONGESTION_NAME_MAX];
	char up_script[CONF_PATH_MAX];
	char down_script[CONF_PATH_MAX];
	uint32_t script_s;
};

/**
 * struct conf_route - one destination; @len is the prefix length in bits
 * @family: AF_INET (first four bytes of @addr) or AF_INET6
 */
struct conf_route {
	uint8_t family;
	uint8_t len;
	uint8_t addr[16];
};

/**
 * struct conf_cert - files of one certificate, PEM
 * @ocsp: OCSP response, DER; empty = none
 */
struct conf_cert {
	char certificate[CONF_PATH_MAX];
	char key[CONF_PATH_MAX];
	char ocsp[CONF_PATH_MAX];
};

/**
 * struct conf_eap_tls - files of EAP-TLS, PEM; all set if the method is allowed
 * @ca: of those who may have signed the peer's certificate
 * @name: client: name that the server's must have; for PEAP, too, as @ca
 * @identity: client: what EAP says first, in the clear; empty = the user
 * @need_binding: client: PEAP needs a Crypto-Binding
 */
struct conf_eap_tls {
	struct conf_cert cert;
	char ca[CONF_PATH_MAX];
	char name[CONF_HOST_MAX];
	char identity[AUTH_NAME_MAX + 1];
	bool need_binding;
};

/* Does a server ask for certificates of clients? */
enum conf_client_cert {
	CONF_CERT_NO,
	CONF_CERT_REQUEST,	/* who has none may go on */
	CONF_CERT_REQUIRE,
};

/**
 * struct conf_login - the brake on guessing passwords (brake.h)
 * @failures: of a user, that cost nothing
 * @failures_source: the same of a source
 * @delay_s: delay after the first that does, 0 = none
 * @delay_max_s: longest delay
 * @memory_s: quiet time after which failures are forgotten
 */
struct conf_login {
	uint32_t failures;
	uint32_t failures_source;
	uint32_t delay_s;
	uint32_t delay_max_s;
	uint32_t memory_s;
};

/**
 * struct conf_web - what requests that are not SSTP get; 404 by default
 * @redirect: URL for status 302, empty = none
 * @has_server: pass the connection on to @server
 * @proxy: which is told the client's address by a PROXY header
 * @max: of those at the same time
 * @path_prefix: secret in front of the path of SSTP, empty = none
 * @health: path answered with 200 or 503, empty = none
 */
struct conf_web {
	char redirect[CONF_PATH_MAX];
	bool has_server;
	struct sockaddr_storage server;
	bool proxy;
	uint32_t max;
	char path_prefix[CONF_NAME_MAX];
	char health[CONF_NAME_MAX];
};

/* What happens to a login beyond sessions-per-user. */
enum conf_same_user {
	CONF_SAME_UNSET,
	CONF_SAME_REPLACE,	/* the oldest session of the user ends */
	CONF_SAME_REFUSE,
};

/* yes or no, or whatever a wider scope says. */
enum conf_tristate {
	CONF_UNSET,
	CONF_YES,
	CONF_NO,
};

/**
 * struct conf_policy - what a session may have: POLICY KEYS of the manual
 *
 * Of [server], of a [group NAME], and of one user (policy.h); zero or empty is
 * "as the wider scope says".
 *
 * @pool: [pool NAME] for IPv4, empty = [pool]
 * @pool6: the same for IPv6 prefixes, empty = that of @pool if it has any
 * @rate_down: limit towards the client, bit/s
 * @rate_up: limit from the client, bit/s
 * @ifname: template of the interface's name, %d = a number, %u = the user
 * @ifgroup: group of the interface (ip link, nftables' iifgroup)
 * @vrf: VRF device the interface is enslaved to
 * @netns: named network namespace of the interface
 * @sessions: limit for the sessions of one user
 * @same_user: enum conf_same_user
 * @source_check: enum conf_tristate: only addresses that are the client's
 */
struct conf_policy {
	char pool[CONF_NAME_MAX];
	char pool6[CONF_NAME_MAX];
	uint64_t rate_down;
	uint64_t rate_up;
	char ifname[IFNAMSIZ];
	uint32_t ifgroup;
	char vrf[IFNAMSIZ];
	char netns[CONF_NAME_MAX];
	uint32_t sessions;
	uint32_t same_user;
	uint32_t source_check;
};

/**
 * struct conf_server - [server]
 * @backends: enum conf_backend bits
 * @eap: EAP-TLS
 * @n_certs: certificates; as many keys, once the file is read
 * @client_cert: enum conf_client_cert
 * @client_ca: PEM file of the CAs for that
 * @cert_watch: files of certificates that change are taken up
 * @cert_is_user: the common name of the certificate must be the user's
 * @fold_names: see account_of()
 * @proxies: from these every connection begins with a PROXY header
 * @connections: so many a client of ours may have for one session
 * @handshakes: limit of connections in TLS handshake or HTTP
 * @half_open: the same, and calls that are not authenticated yet
 * @half_open_source: the same per source address
 * @handshake_s: limit for TLS handshake and HTTP request together
 * @host: only name served (HTTP Host), empty = any
 * @policy: for sessions that no group or user says otherwise of
 */
struct conf_server {
	struct conf_tls tls;
	struct conf_link link;
	uint32_t n_listen;
	struct sockaddr_storage listen[CONF_LISTEN_MAX];
	uint32_t n_certs;
	uint32_t n_keys;
	struct conf_cert certs[CONF_CERTS_MAX];
	struct conf_eap_tls eap;
	char users[CONF_PATH_MAX];
	uint32_t backends;
	char host[CONF_HOST_MAX];
	uint32_t client_cert;
	char client_ca[CONF_PATH_MAX];
	bool cert_watch;
	bool cert_is_user;
	bool fold_names;
	uint32_t n_proxies;
	struct conf_route proxies[CONF_PROXIES_MAX];
	struct conf_login login;
	struct conf_web web;
	uint32_t max_sessions;
	uint32_t connections;
	uint32_t handshakes;
	uint32_t half_open;
	uint32_t half_open_source;
	uint32_t handshake_s;
	struct conf_policy policy;
};

/* Who is told the name servers of a tunnel. */
enum conf_dns {
	CONF_DNS_AUTO,
	CONF_DNS_RESOLVED,
	CONF_DNS_RESOLVCONF,
	CONF_DNS_NO,
};

#define CONF_DOMAINS_MAX	16

/* Where a client's routes go, besides the numbers of tables. */
#define CONF_TABLE_AUTO		0u
#define CONF_TABLE_MAIN		254u	/* as the kernel counts */
/* What is unreachable comes behind all of them. */
#define CONF_METRIC_MAX		1000000u

/**
 * struct conf_client - [client NAME]
 * @server: name or address dialled; @port in host order
 * @proxy: HTTP proxy to go through, empty = none; @proxy_port in host order
 * @proxy_user: empty = it wants none. The engine has to show it @proxy_password.
 * @tls_name: name the certificate must carry (and SNI); empty = @server
 * @ca: PEM file of trusted CAs, empty = trust @pin alone
 * @cert: our own certificate for the server, empty = none; @key: its key
 * @cert_watch: files of certificates that change are taken up
 * @eap: EAP-TLS
 * @pin: SHA-256 of the leaf certificate, if @has_pin
 * @routes: into the tunnel; @default_route: all that no nearer one takes, too
 * @kill_switch: what they cover goes nowhere else, also while there is no tunnel
 * @leak6: @default_route leaves IPv6 alone
 * @addresses: the interface gets those of the session; else whoever started us sets them
 * @table: number of the routing table, or CONF_TABLE_*
 * @fwmark: of packets to the server, 0 = of our own choice
 * @metric: of the routes, 0 = as the kernel does without
 * @vrf: VRF device the interface is enslaved to, whose table has the routes then
 * @netns: named network namespace of the interface, and of all that goes with it
 * @dns: enum conf_dns
 * @domains: what is asked of the tunnel's name servers; with "~" in front it is not
 *	searched in
 * @renew_before_s: it replaces its connection so long before its certificate ends, 0 = not
 * @retry_min_s: first delay of the reconnect back-off
 * @retry_max_s: last delay
 * @login_retries: so many refused logins, then only one each @login_backoff_s
 * @path_prefix: see struct conf_web
 * @connections: so many of them for one tunnel. Each is a client of its own (conf.h),
 *	@lane is which: 0 is the one of the section, whose number is @lead
 * @endpoint: not configured: what its connections have in common
 */
struct conf_client {
	char name[CONF_NAME_MAX];
	struct conf_tls tls;
	struct conf_link link;
	char server[CONF_HOST_MAX];
	uint16_t port;
	char user[AUTH_NAME_MAX + 1];
	char proxy[CONF_HOST_MAX];
	uint16_t proxy_port;
	char proxy_user[CONF_NAME_MAX];
	char proxy_password[AUTH_PASSWORD_MAX + 1];
	char tls_name[CONF_HOST_MAX];
	char ca[CONF_PATH_MAX];
	char cert[CONF_PATH_MAX];
	char key[CONF_PATH_MAX];
	bool cert_watch;
	struct conf_eap_tls eap;
	bool has_pin;
	uint8_t pin[CONF_PIN_LEN];
	uint32_t n_routes;
	struct conf_route routes[CONF_ROUTES_MAX];
	bool default_route;
	bool kill_switch;
	bool leak6;
	bool addresses;
	uint32_t table;
	uint32_t fwmark;
	uint32_t metric;
	char vrf[IFNAMSIZ];
	char netns[CONF_NAME_MAX];
	uint32_t dns;
	uint32_t n_domains;
	char domains[CONF_DOMAINS_MAX][CONF_NAME_MAX];
	bool reconnect;
	uint32_t renew_before_s;
	uint32_t retry_min_s;
	uint32_t retry_max_s;
	uint32_t login_retries;
	uint32_t login_backoff_s;
	char path_prefix[CONF_NAME_MAX];
	uint32_t connections;
	uint32_t lane;
	uint32_t lead;
	struct endpoint endpoint;
};

/**
 * struct conf_secret - the client's password, for authd alone
 * @client: index of the client
 * @new_password: for when the other has expired, may be empty
 */
struct conf_secret {
	uint32_t client;
	char user[AUTH_NAME_MAX + 1];
	char password[AUTH_PASSWORD_MAX + 1];
	char new_password[AUTH_PASSWORD_MAX + 1];
};

/* What a CoA- or Disconnect-Request must have, bits. */
enum conf_coa_require {
	CONF_COA_TIMESTAMP	= 0x01,
	CONF_COA_MAC		= 0x02,
};

/* What is damaged of the spool goes to a file with this behind its name. */
#define CONF_SPOOL_DAMAGED	".damaged"

/**
 * struct conf_radius - [radius], but for the secret
 * @auth: servers asked about logins, in order of preference
 * @acct: servers that get accounting records, the same
 * @timeout_s: until a request is repeated, seconds
 * @retries: how often, before the next server
 * @dead_s: how long a silent server is left alone, seconds
 * @spool: file for accounting records that wait, empty = none
 * @interim_s: seconds between interim updates, 0 = none, unless granted
 * @nas_identifier: what we call ourselves
 * @nas_address: the same as an address, 0.0.0.0 = unsaid
 * @coa: where CoA- and Disconnect-Requests are received; at most one
 * @sources: hosts they may come from
 * @coa_require: enum conf_coa_require bits
 */
struct conf_radius {
	uint32_t n_auth;
	struct sockaddr_storage auth[RADIUS_SERVERS_MAX];
	uint32_t n_acct;
	struct sockaddr_storage acct[RADIUS_SERVERS_MAX];
	uint32_t timeout_s;
	uint32_t retries;
	uint32_t dead_s;
	char spool[CONF_PATH_MAX];
	uint32_t interim_s;
	char nas_identifier[CONF_NAME_MAX];
	struct in_addr nas_address;
	uint32_t n_coa;
	struct sockaddr_storage coa[1];
	uint32_t n_sources;
	struct sockaddr_storage sources[CONF_SOURCES_MAX];
	uint32_t coa_require;
};

/** struct conf_radius_secret - shared with those servers; for radius alone */
struct conf_radius_secret {
	char secret[CONF_SECRET_MAX];
};

#endif /* SSTPD_DATA_SETTINGS_H */
