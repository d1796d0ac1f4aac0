// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands that load a tunnel for a time, the way peers of others do. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net.h"
#include "script.h"
#include "wire.h"

/* Between two looks at the clock. */
#define BATCH 32

/*
 * The words, each time in a TLS record of their own: one packet per record is what
 * peers send that move packets in userspace.
 */
static int cmd_load(struct script *s, struct end *end, int argc, char **argv)
{
	struct wire_buf buf = { 0 };
	uint32_t seconds = 3;
	ssize_t n = 0;
	int64_t until;

	if (script_option_uint(s, argc, argv, "seconds", &seconds) ||
	    script_bytes(s, argc, argv, &buf))
		return -1;
	for (until = net_now_ms() + seconds * 1000LL; n >= 0 && net_now_ms() < until;)
		for (int i = 0; i < BATCH && n >= 0; i++)
			n = send(end->sock, buf.data, buf.len, MSG_NOSIGNAL);
	wire_free(&buf);
	return n < 0 ? script_fail(s, "send: %s", strerror(errno)) : 0;
}

const struct command cmd_load_table[] = {
	{ "load", true, cmd_load, "[seconds=N] WORDS" },
	{ 0 },
};
