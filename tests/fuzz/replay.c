// SPDX-License-Identifier: GPL-2.0-or-later
/* A fuzz target without a fuzzer: each file given is one input. */
#include "fuzz.h"

static void replay(const char *path)
{
	static uint8_t data[1 << 16];
	FILE *f = fopen(path, "rb");
	uint8_t *copy;
	size_t len;

	if (!f) {
		perror(path);
		exit(1);
	}
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* If it ends in a sanitizer's report, this is the one. */
	printf("%s\n", path);
	fflush(stdout);
	copy = fuzz_copy(data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
