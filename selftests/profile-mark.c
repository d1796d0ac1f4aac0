// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tells the instruction counter of the test VM (selftests/vm/insn-count.c) where
 * to begin and where to end.
 *
 *	profile-mark begin|end
 *
 * A mark is a NOP of eight bytes with a displacement that no compiler emits.
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "begin")) {
		asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .ascii \"bsst\"");
	} else if (argc == 2 && !strcmp(argv[1], "end")) {
		asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .ascii \"esst\"");
	} else {
		fprintf(stderr, "usage: profile-mark begin|end\n");
		return 2;
	}
	return 0;
}
