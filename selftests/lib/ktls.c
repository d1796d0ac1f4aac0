// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktls.h"

#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

union crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

static const struct {
	const char *name;
	uint16_t cipher;
	size_t len;
} suites[] = {
	{ "aes-128-gcm", TLS_CIPHER_AES_GCM_128,
	  sizeof(struct tls12_crypto_info_aes_gcm_128) },
	{ "aes-256-gcm", TLS_CIPHER_AES_GCM_256,
	  sizeof(struct tls12_crypto_info_aes_gcm_256) },
	{ "chacha20-poly1305", TLS_CIPHER_CHACHA20_POLY1305,
	  sizeof(struct tls12_crypto_info_chacha20_poly1305) },
};

const struct ktls_suite ktls_default = {
	.version = TLS_1_3_VERSION,
	.cipher = TLS_CIPHER_AES_GCM_128,
};

int ktls_suite_parse(struct ktls_suite *suite, const char *version,
		     const char *cipher)
{
	if (version && !strcmp(version, "1.2"))
		suite->version = TLS_1_2_VERSION;
	else if (version && !strcmp(version, "1.3"))
		suite->version = TLS_1_3_VERSION;
	else if (version)
		return -EINVAL;

	if (!cipher)
		return 0;
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
		if (!strcmp(cipher, suites[i].name)) {
			suite->cipher = suites[i].cipher;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * Every byte after the two header fields is key, salt or iv, except the
 * record sequence number, which comes last and starts at zero.
 */
static size_t crypto_info_fill(union crypto_info *ci,
			       const struct ktls_suite *suite,
			       bool client_to_server)
{
	uint8_t *bytes = (uint8_t *)ci;
	size_t len = 0;

	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
		if (suites[i].cipher == suite->cipher)
			len = suites[i].len;
	}
	memset(ci, 0, sizeof(*ci));
	for (size_t i = sizeof(ci->info); i + 8 < len; i++)
		bytes[i] = (client_to_server ? 0x5a : 0xc3) ^ (i * 7);
	ci->info.version = suite->version;
	ci->info.cipher_type = suite->cipher;
	return len;
}

void ktls_default_key(bool client_to_server, uint8_t key[KTLS_KEY_LEN],
		      uint8_t iv[KTLS_IV_LEN])
{
	union crypto_info ci;

	crypto_info_fill(&ci, &ktls_default, client_to_server);
	memcpy(key, ci.gcm128.key, KTLS_KEY_LEN);
	memcpy(iv, ci.gcm128.salt, sizeof(ci.gcm128.salt));
	memcpy(iv + sizeof(ci.gcm128.salt), ci.gcm128.iv, sizeof(ci.gcm128.iv));
}

static int set_key(int fd, const struct ktls_suite *suite, int opt, bool c2s)
{
	union crypto_info ci;
	size_t len = crypto_info_fill(&ci, suite, c2s);

	if (setsockopt(fd, SOL_TLS, opt, &ci, len) < 0)
		return -errno;
	return 0;
}

int ktls_enable(int fd, const struct ktls_suite *suite, bool client,
		unsigned int dirs)
{
	int rc = 0;

	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0)
		return -errno;
	if (dirs & KTLS_TX)
		rc = set_key(fd, suite, TLS_TX, client);
	if (!rc && (dirs & KTLS_RX))
		rc = set_key(fd, suite, TLS_RX, !client);
	return rc;
}

ssize_t ktls_send(int fd, uint8_t type, const void *buf, size_t len)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(uint8_t))];
	} ctl = {
		.hdr = {
			.cmsg_level = SOL_TLS,
			.cmsg_type = TLS_SET_RECORD_TYPE,
			.cmsg_len = CMSG_LEN(sizeof(uint8_t)),
		},
	};
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (type != KTLS_DATA) {
		*CMSG_DATA(&ctl.hdr) = type;
		msg.msg_control = &ctl;
		msg.msg_controllen = sizeof(ctl.buf);
	}
	n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

ssize_t ktls_recv(int fd, uint8_t *type, void *buf, size_t size)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(uint8_t))];
	} ctl;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ctl,
		.msg_controllen = sizeof(ctl.buf),
	};
	struct cmsghdr *cmsg;
	ssize_t n;

	n = recvmsg(fd, &msg, 0);
	if (n < 0)
		return -errno;
	*type = KTLS_DATA;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_TLS &&
	    cmsg->cmsg_type == TLS_GET_RECORD_TYPE)
		*type = *CMSG_DATA(cmsg);
	return n;
}
