// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two sstp devices whose TLS ends at OpenSSL in between, which changes its keys:
 *
 *	sstp0 = module ==TLS 1.3== OpenSSL | OpenSSL ==TLS 1.3== module = sstp0
 *
 *	rekey-peer NETNS@ADDR DEV NETNS@ADDR DEV [OPTION=VALUE ...]
 *
 * The stream of one side is written to the other as it comes. Says "ready" when both
 * sessions are there, how each ends that ends by itself, and, when it is done, how
 * often keys were changed. Ends with the first session, or at SIGTERM.
 *
 *	every=N		OpenSSL updates its key after so many records
 *	request=N	each Nth of these updates wants one in return
 *	burst=N		so many updates at once, when both sessions are there
 *	rekey-records=N	as of session-new
 *	rekey-seconds=N	likewise
 *	cipher=NAME	cipher suite, as OpenSSL calls it
 *	secrets=no	the module gets none
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_sstp.h>
#include <linux/tls.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "snl.h"

#define PORT		4433
#define WAIT_MS		60000
#define RECORD_MAX	16384
#define SECRET_MAX	48
#define IV_LEN		12

union crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

/**
 * struct side - a device and its peer
 * @netns: where the device is
 * @addr: where its end of TLS is
 * @dev: the device
 * @session: the session fd
 * @ssl: the peer
 * @buf: what that has received and the other side's has not taken
 * @len: bytes of it
 * @records: how many the peer has sent under its key
 * @secret: of the client of TLS, which the peer is, and of the server
 * @secret_len: bytes of each
 * @sent: updates of the peer
 * @received: updates of the module
 * @requested: those of them that wanted one in return
 */
struct side {
	char netns[64];
	const char *addr;
	const char *dev;
	int session;
	SSL *ssl;
	uint8_t buf[RECORD_MAX];
	int len;
	unsigned int records;
	uint8_t secret[2][SECRET_MAX];
	size_t secret_len;
	unsigned long sent;
	unsigned long received;
	unsigned long requested;
};

static struct {
	unsigned int every;
	unsigned int request;
	unsigned int burst;
	unsigned int rekey_records;
	unsigned int rekey_seconds;
	const char *cipher;
	bool secrets;
} opt = { .cipher = "TLS_AES_128_GCM_SHA256", .secrets = true };

static volatile sig_atomic_t stop;

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "rekey-peer: %s: %s\n", what, why);
	exit(1);
}

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* ---- TLS ---- */

/* "LABEL RANDOM SECRET", the last two in hex. */
static void on_keylog(const SSL *ssl, const char *line)
{
	struct side *side = SSL_get_app_data(ssl);
	const char *hex = strrchr(line, ' ') + 1;
	int server;

	if (!strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24))
		server = 0;
	else if (!strncmp(line, "SERVER_TRAFFIC_SECRET_0 ", 24))
		server = 1;
	else
		return;
	if (!OPENSSL_hexstr2buf_ex(side->secret[server], SECRET_MAX, &side->secret_len,
				   hex, '\0'))
		die("key log", "no secret");
}

static void on_message(int sent, int version, int type, const void *buf, size_t len,
		       SSL *ssl, void *arg)
{
	struct side *side = arg;
	const uint8_t *p = buf;

	(void)version;
	(void)ssl;
	if (type != SSL3_RT_HANDSHAKE || len != 5 || p[0] != SSL3_MT_KEY_UPDATE)
		return;
	if (sent) {
		side->sent++;
		return;
	}
	side->received++;
	side->requested += p[4];
}

static void use_certificate(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	if (!X509_sign(cert, key, EVP_sha256()) || SSL_CTX_use_certificate(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1)
		die("certificate", "OpenSSL");
	X509_free(cert);
	EVP_PKEY_free(key);
}

static SSL *ssl_new(struct side *side, int fd, bool server)
{
	SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	SSL *ssl;

	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	if (SSL_CTX_set_ciphersuites(ctx, opt.cipher) != 1)
		die("cipher", opt.cipher);
	/* No record of the server's before the module's. */
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (server) {
		use_certificate(ctx);
		SSL_CTX_set_keylog_callback(ctx, on_keylog);
	}
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_app_data(ssl, side);
	if (!server) {
		SSL_set_msg_callback(ssl, on_message);
		SSL_set_msg_callback_arg(ssl, side);
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	SSL_set_fd(ssl, fd);
	if (server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}

static void handshake(SSL *a, SSL *b)
{
	int64_t end = net_now_ms() + WAIT_MS;
	int rc_a, rc_b;

	do {
		rc_a = SSL_do_handshake(a);
		rc_b = SSL_do_handshake(b);
		if (net_now_ms() > end)
			die("handshake", "it takes for ever");
	} while (rc_a != 1 || rc_b != 1);
}

static void expand(const struct side *side, int server, const char *label, uint8_t *out,
		   size_t len)
{
	const char *digest = side->secret_len == SECRET_MAX ? "SHA384" : "SHA256";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
						  (void *)side->secret[server],
						  side->secret_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)label,
						  strlen(label)),
		OSSL_PARAM_construct_end(),
	};

	if (EVP_KDF_derive(ctx, out, len, params) != 1)
		die("TLS13-KDF", label);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static void set_key(const struct side *side, int fd, int direction, int server)
{
	union crypto_info ci = { .info.version = TLS_1_3_VERSION };
	uint8_t iv[IV_LEN];
	size_t size;

	expand(side, server, "iv", iv, sizeof(iv));
	if (strstr(opt.cipher, "CHACHA20")) {
		ci.info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
		expand(side, server, "key", ci.chacha.key, sizeof(ci.chacha.key));
		memcpy(ci.chacha.iv, iv, sizeof(iv));
		size = sizeof(ci.chacha);
	} else if (strstr(opt.cipher, "AES_256")) {
		ci.info.cipher_type = TLS_CIPHER_AES_GCM_256;
		expand(side, server, "key", ci.gcm256.key, sizeof(ci.gcm256.key));
		memcpy(ci.gcm256.salt, iv, 4);
		memcpy(ci.gcm256.iv, iv + 4, 8);
		size = sizeof(ci.gcm256);
	} else {
		ci.info.cipher_type = TLS_CIPHER_AES_GCM_128;
		expand(side, server, "key", ci.gcm128.key, sizeof(ci.gcm128.key));
		memcpy(ci.gcm128.salt, iv, 4);
		memcpy(ci.gcm128.iv, iv + 4, 8);
		size = sizeof(ci.gcm128);
	}
	if (setsockopt(fd, SOL_TLS, direction, &ci, size) < 0)
		die("kTLS", strerror(errno));
}

/* ---- sessions ---- */

static void attach(struct side *side, int fd)
{
	struct snl_session reply = { 0 };
	struct snl_request req = { 0 };
	struct snl_result res = { 0 };

	snl_set(&req, SSTP_A_SESSION_IFINDEX, if_nametoindex(side->dev));
	snl_set(&req, SSTP_A_SESSION_SOCKET_FD, fd);
	snl_set(&req, SSTP_A_SESSION_PROTOCOLS, SSTP_PROTOCOLS_IPV4 | SSTP_PROTOCOLS_IPV6);
	snl_set(&req, SSTP_A_SESSION_PEER_MRU, SSTP_MAX_MRU);
	if (opt.rekey_records)
		snl_set(&req, SSTP_A_SESSION_REKEY_RECORDS, opt.rekey_records);
	if (opt.rekey_seconds)
		snl_set(&req, SSTP_A_SESSION_REKEY_SECONDS, opt.rekey_seconds);
	if (opt.secrets) {
		req.tx_secret = side->secret[1];
		req.rx_secret = side->secret[0];
		snl_set(&req, SSTP_A_SESSION_TX_SECRET, side->secret_len);
		snl_set(&req, SSTP_A_SESSION_RX_SECRET, side->secret_len);
	}
	if (snl_call(SSTP_CMD_SESSION_NEW, &req, false, &reply, 1, &res) < 0 || res.error)
		die("session-new", res.error ? res.text : "no answer");
	side->session = reply.value[SSTP_A_SESSION_SESSION_FD];
}

static void side_up(struct side *side, const struct side *other)
{
	int listener, peer, fd;
	SSL *ours;

	net_enter(side->netns);
	listener = net_listen(side->addr, PORT);
	net_enter(other->netns);
	peer = net_connect(side->addr, PORT, WAIT_MS);
	fd = listener < 0 ? -1 : net_accept(listener, WAIT_MS);
	if (fd < 0 || peer < 0)
		die("TCP", side->addr);
	close(listener);

	side->ssl = ssl_new(side, peer, false);
	ours = ssl_new(side, fd, true);
	handshake(side->ssl, ours);
	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0)
		die("kTLS", strerror(errno));
	set_key(side, fd, TLS_TX, 1);
	set_key(side, fd, TLS_RX, 0);
	SSL_set_quiet_shutdown(ours, 1);
	SSL_free(ours);
	net_enter(side->netns);
	attach(side, fd);
}

/* ---- the stream ---- */

static void want_update(struct side *side)
{
	unsigned long n = side->sent + 1;
	int type = opt.request && n % opt.request == 0 ? SSL_KEY_UPDATE_REQUESTED :
							  SSL_KEY_UPDATE_NOT_REQUESTED;

	if (SSL_key_update(side->ssl, type) != 1)
		die("SSL_key_update", ERR_reason_error_string(ERR_get_error()));
	side->records = 0;
}

/* Return: whether something moved; dies when TLS does, but not for what the module ends. */
static bool move(struct side *from, struct side *to)
{
	int n;

	if (!from->len) {
		n = SSL_read(from->ssl, from->buf, sizeof(from->buf));
		if (n <= 0 && SSL_get_error(from->ssl, n) == SSL_ERROR_SSL)
			die(from->dev, ERR_reason_error_string(ERR_get_error()));
		if (n <= 0)
			return false;
		from->len = n;
		/* Nothing is half written then. */
		if (opt.every && to->records >= opt.every)
			want_update(to);
	}
	n = SSL_write(to->ssl, from->buf, from->len);
	if (n <= 0 && SSL_get_error(to->ssl, n) == SSL_ERROR_SSL)
		die(to->dev, ERR_reason_error_string(ERR_get_error()));
	if (n <= 0)
		return false;
	to->records++;
	from->len = 0;
	return true;
}

/* Return: whether the session has ended. */
static bool ended(struct side *side)
{
	uint8_t msg[SSTP_FD_MSG_MAX];
	struct sstp_fd_hdr hdr;

	if (read(side->session, msg, sizeof(msg)) < (ssize_t)sizeof(hdr))
		return false;
	memcpy(&hdr, msg, sizeof(hdr));
	if (hdr.type != SSTP_FD_TYPE_END)
		return false;
	printf("end %s %u\n", snl_reason_name(hdr.reason), hdr.detail);
	return true;
}

static bool relay(struct side *sides)
{
	struct pollfd fds[4];

	while (move(&sides[0], &sides[1]) | move(&sides[1], &sides[0]))
		;
	for (int i = 0; i < 2; i++) {
		fds[i].fd = SSL_get_fd(sides[i].ssl);
		fds[i].events = (sides[i].len ? 0 : POLLIN) |
				(sides[!i].len || SSL_want_write(sides[i].ssl) ? POLLOUT : 0);
		fds[2 + i].fd = sides[i].session;
		fds[2 + i].events = POLLIN;
	}
	if (poll(fds, 4, -1) < 0)
		return true;
	for (int i = 0; i < 2; i++)
		if (fds[2 + i].revents && ended(&sides[i]))
			return false;
	return true;
}

static void burst(struct side *side)
{
	int64_t end = net_now_ms() + WAIT_MS;

	for (unsigned int i = 0; i < opt.burst; i++) {
		want_update(side);
		while (SSL_do_handshake(side->ssl) != 1)
			if (net_now_ms() > end)
				die("burst", "it takes for ever");
	}
}

static bool option(const char *arg)
{
	static const struct {
		const char *name;
		unsigned int *value;
	} numbers[] = {
		{ "every=", &opt.every }, { "request=", &opt.request },
		{ "burst=", &opt.burst }, { "rekey-records=", &opt.rekey_records },
		{ "rekey-seconds=", &opt.rekey_seconds },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		size_t len = strlen(numbers[i].name);

		if (!strncmp(arg, numbers[i].name, len)) {
			*numbers[i].value = strtoul(arg + len, NULL, 0);
			return true;
		}
	}
	if (!strncmp(arg, "cipher=", 7))
		opt.cipher = arg + 7;
	else if (!strcmp(arg, "secrets=no"))
		opt.secrets = false;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct side sides[2];
	struct sigaction sa = { .sa_handler = on_signal };

	if (argc < 5)
		die("usage", "rekey-peer NETNS@ADDR DEV NETNS@ADDR DEV [OPTION=VALUE ...]");
	for (int i = 5; i < argc; i++)
		if (!option(argv[i]))
			die("no such option", argv[i]);
	for (int i = 0; i < 2; i++) {
		const char *at = strchr(argv[1 + 2 * i], '@');

		if (!at)
			die("no address", argv[1 + 2 * i]);
		snprintf(sides[i].netns, sizeof(sides[i].netns), "%.*s",
			 (int)(at - argv[1 + 2 * i]), argv[1 + 2 * i]);
		sides[i].addr = at + 1;
		sides[i].dev = argv[2 + 2 * i];
	}
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &sa, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < 2; i++)
		side_up(&sides[i], &sides[!i]);
	printf("ready\n");
	if (opt.burst)
		burst(&sides[0]);
	while (!stop && relay(sides))
		;
	for (int i = 0; i < 2; i++)
		printf("%c sent=%lu received=%lu requested=%lu\n", 'a' + i, sides[i].sent,
		       sides[i].received, sides[i].requested);
	return 0;
}
