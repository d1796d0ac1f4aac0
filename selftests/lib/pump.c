// SPDX-License-Identifier: GPL-2.0-or-later
#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "ktls.h"
#include "wire.h"

#define HDR		8
#define BATCH_BYTES	65536

struct pump {
	int tun;
	size_t record;
	uint64_t others;
	uint64_t reads;
	struct check check;
};

struct pump *pump_new(const char *dev, size_t record)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct pump *pump = calloc(1, sizeof(*pump));

	if (!pump)
		return NULL;
	pump->record = record;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	pump->tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (pump->tun < 0 || ioctl(pump->tun, TUNSETIFF, &ifr) < 0) {
		pump_free(pump);
		return NULL;
	}
	return pump;
}

void pump_free(struct pump *pump)
{
	if (pump && pump->tun >= 0)
		close(pump->tun);
	free(pump);
}

int pump_tun_fd(const struct pump *pump)
{
	return pump->tun;
}

static void data_packet(struct pump *pump, const uint8_t *p, size_t len)
{
	bool v6 = len > HDR && p[7] == 0x57;

	/* The module sends one form only: FF 03 and a two-byte protocol. */
	if (len <= HDR || p[1] || p[4] != 0xff || p[5] != 3 || p[6] ||
	    (p[7] != 0x21 && p[7] != 0x57)) {
		pump->others++;
		return;
	}
	check_packet(&pump->check, v6, p + HDR, len - HDR);
	if (write(pump->tun, p + HDR, len - HDR) < 0 && errno != EINVAL)
		perror("tun");
}

int pump_stream(struct pump *pump, struct wire_buf *rx)
{
	size_t at = 0;
	int len;

	pump->reads++;
	while ((len = wire_packet_len(rx->data + at, rx->len - at)) > 0) {
		data_packet(pump, rx->data + at, len);
		at += len;
	}
	wire_pull(rx, at);
	return len;
}

static int send_all(int sock, const uint8_t *data, size_t len, size_t record)
{
	while (len) {
		size_t n = len < record ? len : record;
		ssize_t sent = ktls_send(sock, KTLS_DATA, data, n);

		if (sent < 0) {
			errno = -sent;
			return -1;
		}
		data += sent;
		len -= sent;
	}
	return 0;
}

int pump_tun(struct pump *pump, int sock)
{
	static uint8_t batch[BATCH_BYTES];
	size_t fill = 0;

	while (fill + 4095 + HDR <= sizeof(batch)) {
		uint8_t *p = batch + fill;
		ssize_t n = read(pump->tun, p + HDR, 4087);

		if (n <= 0)
			break;

		const uint8_t hdr[HDR] = { 0x10, 0, (n + HDR) >> 8, n + HDR, 0xff, 3, 0,
					   p[HDR] >> 4 == 6 ? 0x57 : 0x21 };

		memcpy(p, hdr, HDR);
		fill += HDR + n;
		if (!pump->record)
			break;
	}
	return send_all(sock, batch, fill, pump->record ? pump->record : KTLS_RECORD_MAX);
}

void pump_print(const struct pump *pump, const char *name, FILE *out)
{
	fprintf(out, "%s others=%llu reads=%llu", name, (unsigned long long)pump->others,
		(unsigned long long)pump->reads);
	check_print(&pump->check, "", out);
}
