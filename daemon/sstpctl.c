// SPDX-License-Identifier: GPL-2.0-or-later
/* Asks the daemon by its control socket (control.h) and shows the answer. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <json-c/json.h>

#include "control.h"
#include "ctl_metrics.h"
#include "ctl_show.h"
#include "ctl_user.h"
#include "parent.h"

#define SSTPCTL_SOCKET	"/run/sstpd/control.sock"
#define SSTPCTL_MAX	(64 * 1024 * 1024)

static void usage(FILE *out)
{
	fputs("usage: sstpctl [-s SOCKET] COMMAND\n"
	      "\n"
	      "  show [--json] [ID]  the sessions, or one of them\n"
	      "  disconnect ID       end a session\n"
	      "  stats [--json]      counters of the server\n"
	      "  reload              read configuration, certificates and users again\n"
	      "  metrics             counts, for Prometheus\n"
	      "  version             of this program and of the running daemon\n"
	      "  user [-f FILE] add NAME [ADDRESS] | del NAME | passwd NAME | list\n"
	      "                      the users file; passwords come from stdin\n"
	      "  nt-hash             password from stdin to hash for the users file\n"
	      "\n"
	      "  -s, --socket SOCKET default " SSTPCTL_SOCKET "\n"
	      "  -h, --help\n"
	      "\n"
	      "Manual: sstpctl(8)\n", out);
}

static void __attribute__((format(printf, 1, 2), noreturn))
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sstpctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

/* ---- the daemon ------------------------------------------------------------------ */

static int dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		die("socket path is too long: %s", path);
	strcpy(addr.sun_path, path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr,
			       sizeof(addr)) == 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		die("sstpd does not run (nobody serves %s)", path);
	die("%s: %s%s", path, strerror(errno),
	    errno == EACCES ? " (only root may)" : "");
}

static char *read_all(int fd)
{
	size_t len = 0, room = 65536;
	char *text = malloc(room);
	ssize_t n;

	while (text && (n = read(fd, text + len, room - 1 - len)) > 0) {
		len += (size_t)n;
		if (len == room - 1) {
			room *= 2;
			text = room <= SSTPCTL_MAX ? realloc(text, room) : NULL;
		}
	}
	if (!text)
		die("the answer is too long");
	text[len] = '\0';
	return text;
}

/* What the daemon found wrong with the files it read. */
static void show_complaints(struct json_object *answer)
{
	struct json_object *list;

	if (!json_object_object_get_ex(answer, "complaints", &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		fprintf(stderr, "%s\n", json_object_get_string(
				json_object_array_get_idx(list, i)));
}

/* Return: the answer; the caller puts it. Does not return on an error. */
static struct json_object *ask(const char *path, const char *request)
{
	struct json_object *answer, *error;
	int fd = dial(path);
	char *text;

	if (write(fd, request, strlen(request)) != (ssize_t)strlen(request))
		die("%s: %s", path, strerror(errno));
	text = read_all(fd);
	close(fd);
	answer = json_tokener_parse(text);
	if (!answer)
		die("sstpd gave no answer");
	free(text);
	show_complaints(answer);
	if (json_object_object_get_ex(answer, "error", &error))
		die("%s", json_object_get_string(error));
	return answer;
}

/* ---- commands --------------------------------------------------------------------- */

static bool is_id(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) &&
	       strlen(text) <= 10;
}

static void print_json(struct json_object *answer)
{
	puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int cmd_show(const char *socket, int argc, char **argv)
{
	struct json_object *answer;
	char request[64] = "show\n";
	bool json = false;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else if (is_id(argv[i]))
			snprintf(request, sizeof(request), "show %s\n",
				 argv[i]);
		else
			die("show: \"%s\" is neither --json nor the number of a session",
			    argv[i]);
	}
	answer = ask(socket, request);
	if (json)
		print_json(answer);
	else
		ctl_show(stdout, answer);
	json_object_put(answer);
	return 0;
}

static int cmd_stats(const char *socket, int argc, char **argv)
{
	bool json = argc == 1 && !strcmp(argv[0], "--json");
	struct json_object *answer;

	if (argc && !json)
		die("stats: \"%s\" is not --json", argv[0]);
	answer = ask(socket, "stats\n");
	if (json)
		print_json(answer);
	else
		ctl_show_stats(stdout, answer);
	json_object_put(answer);
	return 0;
}

static int cmd_disconnect(const char *socket, int argc, char **argv)
{
	char request[64];

	if (argc != 1 || !is_id(argv[0]))
		die("disconnect needs the number of a session (sstpctl show)");
	snprintf(request, sizeof(request), "disconnect %s\n", argv[0]);
	json_object_put(ask(socket, request));
	return 0;
}

static int cmd_metrics(const char *socket)
{
	struct json_object *answer = ask(socket, "metrics\n");

	ctl_metrics(stdout, answer);
	json_object_put(answer);
	return 0;
}

static int cmd_version(const char *socket)
{
	struct json_object *answer, *version;

	puts("sstpctl " SSTPD_VERSION);
	answer = ask(socket, "version\n");
	if (json_object_object_get_ex(answer, "version", &version))
		printf("sstpd %s\n", json_object_get_string(version));
	json_object_put(answer);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *socket = SSTPCTL_SOCKET;
	int status;
	int c;

	/* "+": options behind the command are the command's. */
	while ((c = getopt_long(argc, argv, "+s:h", names, NULL)) != -1) {
		if (c == 's') {
			socket = optarg;
			continue;
		}
		usage(c == 'h' ? stdout : stderr);
		return c == 'h' ? 0 : 2;
	}
	argv += optind;
	argc -= optind;
	if (argc > 0 && !strcmp(argv[0], "show"))
		return cmd_show(socket, argc - 1, argv + 1);
	if (argc > 0 && !strcmp(argv[0], "stats"))
		return cmd_stats(socket, argc - 1, argv + 1);
	if (argc > 0 && !strcmp(argv[0], "disconnect"))
		return cmd_disconnect(socket, argc - 1, argv + 1);
	if (argc == 1 && !strcmp(argv[0], "reload")) {
		json_object_put(ask(socket, "reload\n"));
		return 0;
	}
	if (argc == 1 && !strcmp(argv[0], "metrics"))
		return cmd_metrics(socket);
	if (argc == 1 && !strcmp(argv[0], "version"))
		return cmd_version(socket);
	if (argc > 0 && !strcmp(argv[0], "user")) {
		status = ctl_user(argc - 1, argv + 1);
		if (status == 2)
			usage(stderr);
		return status;
	}
	if (argc == 1 && !strcmp(argv[0], "nt-hash"))
		return ctl_nt_hash();
	usage(stderr);
	return 2;
}
