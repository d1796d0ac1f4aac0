// SPDX-License-Identifier: GPL-2.0-or-later
/* main() of all processes of the daemon: options, then the role. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "boundary/child.h"
#include "conf/conf.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/version.h"
#include "parent/cert_expiry.h"
#include "parent/conf_files.h"
#include "parent/parent.h"

#define SSTPD_CONF_DEFAULT	"/etc/sstpd/sstpd.conf"

struct options {
	const char *file;
	const char *socket;
	bool check;
	bool foreground;
	bool debug;
	const char *role;
	bool dials;
	const char *user;
	int log_level;
};

static struct conf conf;
static int daemon_pipe = -1;

static void usage(FILE *out)
{
	fputs("usage: sstpd [-c FILE] [-s SOCKET] [-t] [-f] [-d]\n"
	      "\n"
	      "  -c, --config FILE    configuration, default " SSTPD_CONF_DEFAULT "\n"
	      "  -s, --socket SOCKET  control socket, whatever the configuration says\n"
	      "  -t, --test           check the configuration and end\n"
	      "  -f, --foreground     stay in the foreground\n"
	      "  -d, --debug          the same, and log to stderr in detail\n"
	      "      --help\n"
	      "      --version\n"
	      "\n"
	      "Manual: sstpd(8), sstpd.conf(5), sstpctl(8)\n", out);
}

static void complain(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static int load(const struct options *o)
{
	unsigned int errors = conf_load(&conf, o->file, complain, NULL);

	if (o->socket && strlen(o->socket) >= sizeof(conf.main.control)) {
		fprintf(stderr, "sstpd: -s: path of more than %zu characters\n",
			sizeof(conf.main.control) - 1);
		errors++;
	} else if (o->socket) {
		strcpy(conf.main.control, o->socket);
	}
	if (!errors)
		errors = conf_check_files(&conf, false, NULL, complain, NULL);
	if (!errors)
		return 0;
	fprintf(stderr, "sstpd: %u error%s in the configuration\n", errors,
		errors == 1 ? "" : "s");
	return -1;
}

/* ---- into the background -------------------------------------------------------------- */

static void close_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}

/* Where one of them is closed, a socket of ours would get the lines of the log. */
static void hold_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

static void on_ready(void)
{
	notify_send("READY=1");
	if (daemon_pipe < 0)
		return;
	log_to_terminal(false);
	close_stdio();
	if (write(daemon_pipe, "1", 1) != 1)
		log_debug("nobody waits for our start");
	close(daemon_pipe);
	daemon_pipe = -1;
}

/* The caller's process ends when the daemon serves, or could not start. */
static void daemonize(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		log_fatal("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		log_fatal("fork: %s", strerror(errno));
	if (pid) {
		close(ends[1]);
		if (read(ends[0], &byte, 1) == 1)
			exit(0);
		fprintf(stderr, "sstpd: could not start; the system log may say more\n");
		exit(1);
	}
	close(ends[0]);
	daemon_pipe = ends[1];
	setsid();
	if (chdir("/") < 0)
		log_fatal("chdir: %s", strerror(errno));
	log_to_terminal(true);
}

/* ---- roles ------------------------------------------------------------------------------- */

static int run_child(const struct options *o)
{
	char name[16];

	/*
	 * ^C at a terminal and the end of a systemd unit signal every process.
	 * The parent decides what follows and tells us; if it dies, so do we.
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	log_init(o->role, LOG_TO_PARENT, o->log_level);
	/* Else ps(1) without arguments would say "exe". */
	snprintf(name, sizeof(name), "sstpd-%s", o->role);
	prctl(PR_SET_NAME, name);
	if (!o->user)
		log_fatal("-P is for sstpd itself");
	if (!strcmp(o->role, "engine"))
		return engine_main(o->user, o->dials);
	if (!strcmp(o->role, "authd"))
		return authd_main(o->user);
	if (!strcmp(o->role, "eapd"))
		return eapd_main(o->user);
	if (!strcmp(o->role, "radius"))
		return radius_main(o->user);
	if (!strcmp(o->role, "resolver"))
		return resolver_main(o->user);
	log_fatal("no role \"%s\"", o->role);
}

static int run_parent(const struct options *o)
{
	static char file[PATH_MAX];
	int status;

	inherit_init();
	if (load(o) < 0)
		return 1;
	if (o->check) {
		printf("%s: no errors\n", o->file);
		cert_expiry_print(&conf, stdout);
		return 0;
	}
	if (o->debug) {
		conf.main.log_level = LOG_DEBUG;
		conf.main.log_target = LOG_TO_STDERR;
	}
	/* In the background there is no stderr. */
	if (!o->foreground && conf.main.log_target == LOG_TO_STDERR)
		conf.main.log_target = LOG_TO_SYSLOG;
	/* What stands between us and the journal would only lose the fields. */
	else if (conf.main.log_target == LOG_TO_STDERR && log_stderr_is_journal())
		conf.main.log_target = LOG_TO_JOURNALD;
	log_init("parent", (enum log_target)conf.main.log_target,
		 conf.main.log_level);
	/* A reload comes when the working directory is another one. */
	if (!realpath(o->file, file))
		log_fatal("%s: %s", o->file, strerror(errno));
	/* In the place of one that is in the background already: sstpctl upgrade. */
	if (!o->foreground && !inherit_any())
		daemonize();
	status = parent_main(&(struct parent_cfg){
		.conf = &conf,
		.file = file,
		.foreground = o->foreground,
		.debug = o->debug,
		.control = o->socket,
		.ready = on_ready,
	});
	conf_clear(&conf);
	return status;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "test", no_argument, NULL, 't' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:s:tfdDP:u:l:", names, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->file = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'd':
			o->debug = true;
			o->foreground = true;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'P':
			o->role = optarg;
			break;
		case 'D':
			o->dials = true;
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'l':
			o->log_level = atoi(optarg);
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'V':
			puts("sstpd " SSTPD_VERSION);
			exit(0);
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options o = {
		.file = SSTPD_CONF_DEFAULT,
		.log_level = LOG_INFO,
	};

	hold_stdio();
	if (parse_options(argc, argv, &o) < 0) {
		usage(stderr);
		return 2;
	}
	/* A closed connection is an error code, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	return o.role ? run_child(&o) : run_parent(&o);
}
