/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tunnel end in userspace: IP packets between a TUN device and the SSTP
 * stream on a kTLS socket. It is the plain, slow reading of the protocol that
 * the module is tested against, and it checks every packet it receives.
 */
#ifndef SELFTESTS_PUMP_H
#define SELFTESTS_PUMP_H

#include <stddef.h>
#include <stdio.h>

struct pump;

/*
 * Create TUN device @dev in the current namespace. The stream is sent in
 * records of at most @record bytes, with as many packets as wait in one go;
 * @record 0 = one packet per record. NULL with errno on failure.
 */
struct pump *pump_new(const char *dev, size_t record);
void pump_free(struct pump *pump);

int pump_tun_fd(const struct pump *pump);

/* Stream bytes arrived: consume whole packets. -1 if they are no SSTP. */
struct wire_buf;
int pump_stream(struct pump *pump, struct wire_buf *rx);

/* The TUN device is readable: send what waits to @sock. -1 with errno. */
int pump_tun(struct pump *pump, int sock);

void pump_print(const struct pump *pump, const char *name, FILE *out);

#endif /* SELFTESTS_PUMP_H */
