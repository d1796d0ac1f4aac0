/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration, as the file says it after all checks. Every struct here
 * is plain data without pointers: the parent hands each child exactly the
 * structs it needs as the body of a message (msg.h). Passwords are kept apart
 * (struct conf_secret) and go to authd alone; so is the RADIUS secret.
 *
 * Keys, defaults and meaning: doc/sstpd.conf.5.
 */
#ifndef SSTPD_CONF_H
#define SSTPD_CONF_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "auth.h"
#include "congestion.h"
#include "pool.h"
#include "radius_client.h"

#define CONF_PATH_MAX		200
#define CONF_NAME_MAX		64
#define CONF_HOST_MAX		200
#define CONF_ENGINES_MAX	64
#define CONF_LISTEN_MAX		8
#define CONF_ROUTES_MAX		64
#define CONF_CLIENTS_MAX	64
#define CONF_CERTS_MAX		8
#define CONF_PROXIES_MAX	16
#define CONF_PIN_LEN		32
#define CONF_SOURCES_MAX	8
#define CONF_SECRET_MAX		128
#define CONF_POOLS_MAX		32
#define CONF_GROUPS_MAX		32
#define CONF_RANGES_MAX		16
/* bit/s */
#define CONF_RATE_MIN		UINT64_C(64000)
#define CONF_RATE_MAX		UINT64_C(10000000000)

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
 * struct conf_main - [global] and [log]
 * @user: unprivileged account of the children; empty = _sstpd, else nobody
 * @engines: processes that serve connections
 * @control: path of the control socket
 * @keylog: file for TLS secrets, empty = none
 * @log_target: enum log_target
 * @log_level: LOG_* of syslog.h
 */
struct conf_main {
	char user[CONF_NAME_MAX];
	uint32_t engines;
	char control[108];
	char keylog[CONF_PATH_MAX];
	uint32_t log_target;
	int32_t log_level;
};

/**
 * struct conf_tls - what a TLS context is made from; files travel as fds
 * @min_version: TLS1_2_VERSION or TLS1_3_VERSION
 * @max_version: the same
 * @ciphers: OpenSSL cipher list for TLS 1.2
 * @ciphersuites: OpenSSL list for TLS 1.3
 */
struct conf_tls {
	uint32_t min_version;
	uint32_t max_version;
	char ciphers[CONF_PATH_MAX];
	char ciphersuites[CONF_PATH_MAX];
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
 * @name: client: name that the server's must have
 */
struct conf_eap_tls {
	struct conf_cert cert;
	char ca[CONF_PATH_MAX];
	char name[CONF_HOST_MAX];
};

/* Does a server ask for certificates of clients? */
enum conf_client_cert {
	CONF_CERT_NO,
	CONF_CERT_REQUEST,	/* who has none may go on */
	CONF_CERT_REQUIRE,
};

/**
 * struct conf_login - the brake on guessing passwords (guard.h)
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
 * @max: of those at the same time
 * @health: path answered with 200 or 503, empty = none
 */
struct conf_web {
	char redirect[CONF_PATH_MAX];
	bool has_server;
	struct sockaddr_storage server;
	uint32_t max;
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

/** struct conf_group - [group NAME] */
struct conf_group {
	char name[CONF_NAME_MAX];
	struct conf_policy policy;
};

/**
 * struct conf_pool - [pool] or [pool NAME]
 * @name: empty for [pool]
 * @addresses: for clients; @excluded: of those, not to be given out
 * @local: our address inside every tunnel, [pool] only
 * @prefix6: each session gets a /64 of it, family 0 = none
 * @excluded6: prefixes inside it that are not given out
 */
struct conf_pool {
	char name[CONF_NAME_MAX];
	uint32_t n_addresses;
	struct pool_range addresses[CONF_RANGES_MAX];
	uint32_t n_excluded;
	struct pool_range excluded[CONF_RANGES_MAX];
	struct in_addr local;
	struct in_addr dns[2];
	struct in_addr nbns[2];
	struct conf_route prefix6;
	uint32_t n_excluded6;
	struct conf_route excluded6[CONF_RANGES_MAX];
	struct in6_addr dns6[2];
};

/**
 * struct conf_server - [server]
 * @backends: enum conf_backend bits
 * @eap: EAP-TLS
 * @n_certs: certificates; as many keys, once the file is read
 * @client_cert: enum conf_client_cert
 * @client_ca: PEM file of the CAs for that
 * @cert_is_user: the common name of the certificate must be the user's
 * @proxies: from these every connection begins with a PROXY header
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
	bool cert_is_user;
	uint32_t n_proxies;
	struct conf_route proxies[CONF_PROXIES_MAX];
	struct conf_login login;
	struct conf_web web;
	uint32_t max_sessions;
	uint32_t handshakes;
	uint32_t half_open;
	uint32_t half_open_source;
	uint32_t handshake_s;
	struct conf_policy policy;
};

/**
 * struct conf_client - [client NAME]
 * @server: name or address dialled; @port in host order
 * @proxy: HTTP proxy to go through, empty = none; @proxy_port in host order
 * @proxy_user: empty = it wants none. The engine has to show it @proxy_password.
 * @tls_name: name the certificate must carry (and SNI); empty = @server
 * @ca: PEM file of trusted CAs, empty = trust @pin alone
 * @cert: our own certificate for the server, empty = none; @key: its key
 * @eap: EAP-TLS
 * @pin: SHA-256 of the leaf certificate, if @has_pin
 * @retry_min_s: first delay of the reconnect back-off
 * @retry_max_s: last delay
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
	struct conf_eap_tls eap;
	bool has_pin;
	uint8_t pin[CONF_PIN_LEN];
	uint32_t n_routes;
	struct conf_route routes[CONF_ROUTES_MAX];
	bool default_route;
	bool reconnect;
	uint32_t retry_min_s;
	uint32_t retry_max_s;
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

/**
 * struct conf_radius - [radius], but for the secret
 * @auth: servers asked about logins, in order of preference
 * @acct: servers that get accounting records, the same
 * @timeout_s: until a request is repeated, seconds
 * @retries: how often, before the next server
 * @dead_s: how long a silent server is left alone, seconds
 * @interim_s: seconds between interim updates, 0 = none, unless granted
 * @nas_identifier: what we call ourselves
 * @nas_address: the same as an address, 0.0.0.0 = unsaid
 * @coa: where CoA- and Disconnect-Requests are received; at most one
 * @sources: hosts they may come from
 */
struct conf_radius {
	uint32_t n_auth;
	struct sockaddr_storage auth[RADIUS_SERVERS_MAX];
	uint32_t n_acct;
	struct sockaddr_storage acct[RADIUS_SERVERS_MAX];
	uint32_t timeout_s;
	uint32_t retries;
	uint32_t dead_s;
	uint32_t interim_s;
	char nas_identifier[CONF_NAME_MAX];
	struct in_addr nas_address;
	uint32_t n_coa;
	struct sockaddr_storage coa[1];
	uint32_t n_sources;
	struct sockaddr_storage sources[CONF_SOURCES_MAX];
};

/** struct conf_radius_secret - shared with those servers; for radius alone */
struct conf_radius_secret {
	char secret[CONF_SECRET_MAX];
};

/**
 * struct conf - all of the file
 * @pools: the first is [pool]
 */
struct conf {
	struct conf_main main;
	bool has_server;
	struct conf_server server;
	uint32_t n_pools;
	struct conf_pool pools[CONF_POOLS_MAX];
	uint32_t n_groups;
	struct conf_group groups[CONF_GROUPS_MAX];
	bool has_radius;
	struct conf_radius radius;
	struct conf_radius_secret radius_secret;
	uint32_t n_clients;
	struct conf_client clients[CONF_CLIENTS_MAX];
	struct conf_secret secrets[CONF_CLIENTS_MAX];
};

/* Where complaints go: one line each, "FILE:LINE: what is wrong, what is right". */
typedef void (*conf_report)(void *ctx, const char *line);

/**
 * conf_load() - read and check a configuration file
 * @conf: filled; holds secrets, so wipe it with conf_clear()
 * @report: called for every error and warning
 *
 * Return: number of errors; @conf is only to be used if it is 0.
 */
unsigned int conf_load(struct conf *conf, const char *file, conf_report report,
		       void *ctx);
void conf_clear(struct conf *conf);

/** conf_has_eap_tls() - does anybody log in by it? */
bool conf_has_eap_tls(const struct conf *conf);
/** conf_pool_find() - [pool NAME], NULL if there is none; "" is [pool] */
const struct conf_pool *conf_pool_find(const struct conf *conf, const char *name);
/** conf_group_find() - [group NAME], NULL if there is none */
const struct conf_group *conf_group_find(const struct conf *conf,
					 const char *name);

#endif /* SSTPD_CONF_H */
