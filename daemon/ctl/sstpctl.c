// SPDX-License-Identifier: GPL-2.0-or-later
/* main() of sstpctl: options, then the command. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "ctl/ctl_ask.h"
#include "ctl/ctl_export.h"
#include "ctl/ctl_import.h"
#include "ctl/ctl_list.h"
#include "ctl/ctl_profile.h"
#include "ctl/ctl_show.h"
#include "ctl/ctl_socket.h"
#include "ctl/ctl_top.h"
#include "ctl/ctl_user.h"
#include "ctl/ctl_watch.h"
#include "lib/version.h"

#define SSTPCTL_USAGE	2
/* Tenths of a second */
#define UPGRADE_TURNS	600

static void usage(FILE *out)
{
	fputs("usage: sstpctl [-i NAME | -s SOCKET] [--json] COMMAND\n"
	      "\n"
	      "  show [ID | server]  the sessions, or one of them in depth; or the daemon\n"
	      "                      and until when its certificates are good\n"
	      "  show [--user NAME] [--group NAME] [--path kernel|tun] [--sort KEY]\n"
	      "                      some of them, by user, address, traffic, time ...\n"
	      "  top [-d SECONDS] [-n ROUNDS]\n"
	      "                      the busiest sessions, again and again\n"
	      "  monitor             what happens, as it happens\n"
	      "  disconnect ID | --user NAME\n"
	      "                      end a session, or all of a user\n"
	      "  reconnect NAME      have a client replace its connection, the tunnel stays\n"
	      "  stats               counters of the server\n"
	      "  reload              read configuration, certificates and users again\n"
	      "  upgrade             have the sstpd that is installed now take over, sessions too\n"
	      "  metrics [--sessions] [--textfile FILE | --listen ADDRESS:PORT]\n"
	      "                      counts for Prometheus, and a page for people\n"
	      "  version             of this program and of the running daemon\n"
	      "  user [-f FILE] [--reload] add NAME [ADDRESS [OPTION]...] | del NAME |\n"
	      "       passwd NAME | expire NAME | disable NAME | enable NAME | list\n"
	      "                      the users file; passwords come from stdin\n"
	      "  profile USER --for windows|mikrotik|networkmanager|sstpd\n"
	      "          [--server NAME[:PORT]] [--routes PREFIX,...] [--conf FILE]\n"
	      "                      what the user's machine has to be told\n"
	      "  import [--into DIRECTORY] FILE\n"
	      "                      a configuration of ours from accel-ppp.conf, or from a\n"
	      "                      file of /etc/ppp/peers that runs sstpc\n"
	      "  nt-hash             password from stdin to hash for the users file\n"
	      "\n"
	      "  -i, --instance NAME the sstpd of sstpd@NAME.service\n"
	      "  -s, --socket SOCKET default " CTL_SOCKETS_DIR "/control.sock; if nobody serves\n"
	      "                      it, that of the only instance that runs\n"
	      "  -j, --json          for programs; may stand behind the command too\n"
	      "  -h, --help\n"
	      "\n"
	      "Manual: sstpctl(8)\n", out);
}

static int cmd_stats(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer;

	(void)argv;
	if (argc)
		return SSTPCTL_USAGE;
	answer = ctl_ask(ctl, "stats\n");
	if (ctl->json)
		ctl_json(answer);
	else
		ctl_show_stats(stdout, answer);
	json_object_put(answer);
	return 0;
}

/* A request that says nothing if it goes well, unless it is asked to. */
static int quiet(const struct ctl *ctl, const char *request)
{
	struct json_object *answer = ctl_ask(ctl, request);

	if (ctl->json)
		ctl_json(answer);
	json_object_put(answer);
	return 0;
}

static int cmd_disconnect(const struct ctl *ctl, int argc, char **argv)
{
	char request[400];

	if (argc == 2 && !strcmp(argv[0], "--user") && *argv[1] &&
	    strlen(argv[1]) < 256 && !strchr(argv[1], '\n'))
		snprintf(request, sizeof(request), "disconnect-user %s\n", argv[1]);
	else if (argc == 1 && ctl_is_id(argv[0]))
		snprintf(request, sizeof(request), "disconnect %s\n", argv[0]);
	else
		ctl_die("disconnect needs the number of a session (sstpctl show), or --user NAME");
	return quiet(ctl, request);
}

static int cmd_reconnect(const struct ctl *ctl, int argc, char **argv)
{
	char request[400];

	if (argc != 1 || !*argv[0] || strlen(argv[0]) > 256 || strpbrk(argv[0], " \n"))
		ctl_die("reconnect needs the name of a client, as in its section [client NAME]");
	snprintf(request, sizeof(request), "reconnect %s\n", argv[0]);
	return quiet(ctl, request);
}

static int cmd_reload(const struct ctl *ctl, int argc, char **argv)
{
	(void)argv;
	return argc ? SSTPCTL_USAGE : quiet(ctl, "reload\n");
}

/* Until the next one answers: it has thousands of sessions to go on with, at most. */
static struct json_object *await_successor(const struct ctl *ctl)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct json_object *answer = NULL;
	char why[300];

	for (int i = 0; i < UPGRADE_TURNS && !answer; i++) {
		nanosleep(&pause, NULL);
		answer = ctl_try(ctl, "version\n", why, sizeof(why));
	}
	if (!answer)
		ctl_die("sstpd has gone away and none has come: %s; its log may say more", why);
	return answer;
}

static int cmd_upgrade(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer, *version, *failure;

	(void)argv;
	if (argc)
		return SSTPCTL_USAGE;
	json_object_put(ctl_ask(ctl, "upgrade\n"));
	answer = await_successor(ctl);
	if (json_object_object_get_ex(answer, "not_upgraded", &failure))
		ctl_die("%s", json_object_get_string(failure));
	if (ctl->json)
		ctl_json(answer);
	else if (json_object_object_get_ex(answer, "version", &version))
		printf("sstpd %s goes on\n", json_object_get_string(version));
	json_object_put(answer);
	return 0;
}

static int cmd_monitor(const struct ctl *ctl, int argc, char **argv)
{
	(void)argv;
	return argc ? SSTPCTL_USAGE : ctl_monitor(ctl);
}

static int cmd_version(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer, *version;

	(void)argv;
	if (argc)
		return SSTPCTL_USAGE;
	if (!ctl->json)
		puts("sstpctl " SSTPD_VERSION);
	answer = ctl_ask(ctl, "version\n");
	json_object_object_add(answer, "sstpctl",
			       json_object_new_string(SSTPD_VERSION));
	if (ctl->json)
		ctl_json(answer);
	else if (json_object_object_get_ex(answer, "version", &version))
		printf("sstpd %s\n", json_object_get_string(version));
	json_object_put(answer);
	return 0;
}

static int cmd_nt_hash(const struct ctl *ctl, int argc, char **argv)
{
	(void)argv;
	return argc ? SSTPCTL_USAGE : ctl_nt_hash(ctl);
}

static const struct command {
	const char *name;
	int (*run)(const struct ctl *ctl, int argc, char **argv);
} commands[] = {
	{ "disconnect", cmd_disconnect },
	{ "reconnect", cmd_reconnect },
	{ "import", ctl_import },
	{ "metrics", ctl_export },
	{ "monitor", cmd_monitor },
	{ "nt-hash", cmd_nt_hash },
	{ "profile", ctl_profile },
	{ "reload", cmd_reload },
	{ "show", ctl_list },
	{ "stats", cmd_stats },
	{ "top", ctl_top },
	{ "upgrade", cmd_upgrade },
	{ "user", ctl_user },
	{ "version", cmd_version },
};

/* Takes --json out of what stands behind the command. */
static bool take_json(int *argc, char **argv)
{
	bool found = false;
	int kept = 0;

	for (int i = 0; i < *argc; i++) {
		if (!strcmp(argv[i], "--json"))
			found = true;
		else
			argv[kept++] = argv[i];
	}
	*argc = kept;
	return found;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	if (!argc)
		return SSTPCTL_USAGE;
	if (take_json(&argc, argv))
		ctl->json = true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(ctl, argc - 1, argv + 1);
	return SSTPCTL_USAGE;
}

/* Its socket, and its configuration. */
static void choose_instance(struct ctl *ctl, const char *name)
{
	static char socket[300], conf[300];

	if (!ctl_socket_of(CTL_SOCKETS_DIR, name, socket, sizeof(socket)))
		ctl_die("no instance can be called \"%s\"", name);
	snprintf(conf, sizeof(conf), CTL_CONF_DIR "/%s.conf", name);
	ctl->socket = socket;
	/* The socket of sstpd.service is not called as its configuration is. */
	ctl->conf = strcmp(name, CTL_SOCKET_MAIN) ? conf : NULL;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "instance", required_argument, NULL, 'i' },
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct ctl ctl = { NULL };
	int status;
	int c;

	/* "+": options behind the command are the command's. */
	while ((c = getopt_long(argc, argv, "+i:s:jh", names, NULL)) != -1) {
		switch (c) {
		case 'i':
			choose_instance(&ctl, optarg);
			break;
		case 's':
			ctl.socket = optarg;
			break;
		case 'j':
			ctl.json = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return SSTPCTL_USAGE;
		}
	}
	status = run(&ctl, argc - optind, argv + optind);
	if (status == SSTPCTL_USAGE)
		usage(stderr);
	return status;
}
