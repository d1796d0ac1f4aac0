// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's view of a stream: what is delimited, and what it is taken for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "rig/link_rig.h"

#define IPV4	"45 00 0014 00000000 00000000 00000000 00000000"
#define IPV6	"60000000 00000000 00000000 00000000 00000000" \
		"00000000 00000000 00000000 00000000 00000000"

static const struct {
	const char *name;
	const char *bytes;
	enum sstp_frame_kind kind;
	unsigned int len;
	unsigned int off;
} cases[] = {
	{ "nothing", "", SSTP_FRAME_MORE, 0, 0 },
	{ "half a header", "10 00 00", SSTP_FRAME_MORE, 0, 0 },
	{ "half a packet", "10 00 0008 c021", SSTP_FRAME_MORE, 8, 0 },
	{ "another version", "11", SSTP_FRAME_BAD_VERSION, 0, 0 },
	{ "length below the header's", "10 00 0003", SSTP_FRAME_BAD_LENGTH, 3, 0 },
	{ "control", "10 01 0008 0008 0000", SSTP_FRAME_OWNER, 8, 0 },
	{ "reserved bits", "10 ff f008 0008 0000", SSTP_FRAME_OWNER, 8, 0 },
	{ "IPv4", "10 00 001c ff03 0021" IPV4, SSTP_FRAME_IPV4, 28, 8 },
	{ "IPv4, compressed", "10 00 0019 21" IPV4, SSTP_FRAME_IPV4, 25, 5 },
	{ "IPv6", "10 00 0030 ff03 0057" IPV6, SSTP_FRAME_IPV6, 48, 8 },
	{ "IPv6, no address", "10 00 002e 0057" IPV6, SSTP_FRAME_IPV6, 46, 6 },
	{ "IPv6 said to be IPv4", "10 00 0030 ff03 0021" IPV6, SSTP_FRAME_INVALID, 48, 0 },
	{ "IPv4 too short", "10 00 000a ff03 0021 4500", SSTP_FRAME_INVALID, 10, 0 },
	{ "IPv4 said to be IPv6", "10 00 001c ff03 0057" IPV4, SSTP_FRAME_INVALID, 28, 0 },
	{ "IPv4 that claims 64 KiB", "10 00 001c ff03 0021 4500ffff" "00000000 00000000"
	  "00000000 00000000", SSTP_FRAME_IPV4, 28, 8 },	/* for the stack to drop */
	{ "HDLC", "10 00 000a 7eff 7d23 0021", SSTP_FRAME_OWNER, 10, 0 },
	{ "HDLC without a flag", "10 00 0009 ff7d 23 0021", SSTP_FRAME_INVALID, 9, 0 },
	{ "LCP", "10 00 000c ff03 c021 09010004", SSTP_FRAME_OWNER, 12, 0 },
	{ "empty frame", "10 00 0004", SSTP_FRAME_INVALID, 4, 0 },
	{ "half a protocol", "10 00 0005 c0", SSTP_FRAME_INVALID, 5, 0 },
	{ "even protocol", "10 00 0006 c020", SSTP_FRAME_INVALID, 6, 0 },
	{ "address alone", "10 00 0005 ff", SSTP_FRAME_INVALID, 5, 0 },
	{ "address, another control", "10 00 0008 ff11 c021", SSTP_FRAME_INVALID, 8, 0 },
};

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sstp_frame f;
		uint8_t *bytes;
		size_t len;

		bytes = unhex(cases[i].bytes, &len);
		f = sstp_frame_parse(bytes, len);
		free(bytes);
		if (f.kind != cases[i].kind || f.len != cases[i].len)
			fail_msg("%s: kind %d, length %u", cases[i].name, f.kind, f.len);
		if (f.kind == SSTP_FRAME_IPV4 || f.kind == SSTP_FRAME_IPV6)
			assert_int_equal(f.off, cases[i].off);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
