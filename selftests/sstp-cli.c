// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drives the sstp module without a daemon. Reads a script (see lib/script.h):
 *
 *	sstp-cli -e a=NETNS@ADDR -e b=NETNS@ADDR [-t MS] [FILE]
 *
 * or holds a finished tunnel between two devices until a signal:
 *
 *	sstp-cli pair NETNS@ADDR DEV NETNS@ADDR DEV [connect options]
 *
 * "sstp-cli help" lists the commands of the language.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script.h"

#define DEFAULT_TIMEOUT_MS 10000

static _Noreturn void usage(void)
{
	fputs("usage: sstp-cli -e NAME=NETNS[@ADDR] ... [-t MS] [FILE]\n"
	      "       sstp-cli pair NETNS@ADDR DEV NETNS@ADDR DEV [OPTION=VALUE ...]\n"
	      "       sstp-cli help\n",
	      stderr);
	exit(2);
}

static void help(void)
{
	for (size_t t = 0; script_tables[t]; t++) {
		for (const struct command *c = script_tables[t]; c->name; c++)
			printf("%s%s %s\n", c->wants_end ? "END " : "", c->name, c->usage);
	}
}

static int run(struct script *s, FILE *in)
{
	int rc = script_run(s, in);

	script_close(s);
	return rc ? 1 : 0;
}

static int pair(struct script *s, int argc, char **argv)
{
	char text[1024], spec[160];
	size_t n;
	FILE *in;

	if (argc < 4)
		usage();
	snprintf(spec, sizeof(spec), "a=%s", argv[0]);
	if (script_add_end(s, spec))
		usage();
	snprintf(spec, sizeof(spec), "b=%s", argv[2]);
	if (script_add_end(s, spec))
		usage();
	n = snprintf(text, sizeof(text), "connect a b");
	for (int i = 4; i < argc && n < sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - n, " %s", argv[i]);
	if (n < sizeof(text))
		n += snprintf(text + n, sizeof(text) - n,
			      "\na attach %s\nb attach %s\nhold\n", argv[1], argv[3]);
	if (n >= sizeof(text))
		usage();
	in = fmemopen(text, n, "r");
	return in ? run(s, in) : 1;
}

int main(int argc, char **argv)
{
	static struct script script = { .timeout_ms = DEFAULT_TIMEOUT_MS };
	FILE *in = stdin;
	int opt;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && !strcmp(argv[1], "pair"))
		return pair(&script, argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "help")) {
		help();
		return 0;
	}
	while ((opt = getopt(argc, argv, "e:t:")) != -1) {
		if (opt == 'e' && !script_add_end(&script, optarg))
			continue;
		if (opt != 't')
			usage();
		script.timeout_ms = atoi(optarg);
	}
	if (optind < argc && strcmp(argv[optind], "-"))
		in = fopen(argv[optind], "r");
	if (!in || script.timeout_ms <= 0) {
		perror("sstp-cli");
		return 2;
	}
	return run(&script, in);
}
