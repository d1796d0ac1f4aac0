// SPDX-License-Identifier: GPL-2.0-or-later
#include "nm/nm_tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>

#include "netlink/netcfg.h"
#include "netlink/nl.h"
#include "nm/nm_files.h"

/* Other name servers are told of so often, and all else of the session with them. */
#define NM_TUNNEL_CALM_MS	2000
/* Its control socket is there once it serves. */
#define NM_TUNNEL_LOOK_MS	50
/* It takes eight seconds for its goodbyes at most; then it is killed. */
#define NM_TUNNEL_STOP_MS	10000
#define NM_TUNNEL_TURN_MS	20
/* Exit status of sstpd when the server has refused the login (sstpd.conf(5)). */
#define NM_TUNNEL_REFUSED	3

#define NM_TUNNEL_CONF		"sstpd.conf"
#define NM_TUNNEL_SOCKET	"control.sock"
#define NM_TUNNEL_PID		"pid"

/**
 * struct nm_tunnel - from the start of sstpd to its end
 * @child: source that tells of it; @look: timer until the control socket is there
 * @monitor: the connection whose lines are events; @events: a source of it
 * @told: of the session; all zero = there is none yet
 * @calm: timer until more is told
 */
struct nm_tunnel {
	char *dir;
	const struct nm_tunnel_ops *ops;
	void *arg;
	GPid pid;
	guint child;
	guint look;
	GIOChannel *monitor;
	guint events;
	struct nm_session told;
	guint calm;
};

char *nm_tunnel_dir(const char *uuid)
{
	/* A UUID, but nobody has checked that. */
	char *name = g_strdelimit(g_strdup(uuid), "/.", '_');
	char *dir = g_strdup_printf("%s/nm-%.40s", NM_TUNNEL_RUN, name);

	g_free(name);
	return dir;
}

/* ---- control socket ---------------------------------------------------------------- */

static int nm_tunnel_dial(const struct nm_tunnel *t)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	g_snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/" NM_TUNNEL_SOCKET, t->dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool nm_tunnel_say(int fd, const char *line)
{
	return send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line);
}

static gboolean nm_tunnel_on_calm(gpointer arg);

/*
 * For other name servers NetworkManager has the connection come up again: a server may
 * change its mind as often as it likes.
 */
static void nm_tunnel_is_up(struct nm_tunnel *t, struct nm_session *session)
{
	nm_session_go_on(session, &t->told);
	if (t->calm || !memcmp(&t->told, session, sizeof(t->told)))
		return;
	if (*t->told.ifname && !nm_session_same_names(session, &t->told))
		t->calm = g_timeout_add(NM_TUNNEL_CALM_MS, nm_tunnel_on_calm, t);
	t->told = *session;
	t->ops->up(session, t->arg);
}

/* What was up before there was a monitor. The parent answers at once, or is gone. */
static void nm_tunnel_show(struct nm_tunnel *t)
{
	struct nm_session session;
	GString *answer = g_string_new(NULL);
	int fd = nm_tunnel_dial(t);
	char buf[4096];
	ssize_t n;

	if (fd >= 0 && nm_tunnel_say(fd, "show\n"))
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			g_string_append_len(answer, buf, n);
	if (fd >= 0)
		close(fd);
	if (nm_session_of_show(answer->str, &session))
		nm_tunnel_is_up(t, &session);
	g_string_free(answer, TRUE);
}

static gboolean nm_tunnel_on_calm(gpointer arg)
{
	struct nm_tunnel *t = arg;

	t->calm = 0;
	nm_tunnel_show(t);
	return G_SOURCE_REMOVE;
}

static void nm_tunnel_close(struct nm_tunnel *t)
{
	g_clear_handle_id(&t->calm, g_source_remove);
	g_clear_handle_id(&t->look, g_source_remove);
	g_clear_handle_id(&t->events, g_source_remove);
	g_clear_pointer(&t->monitor, g_io_channel_unref);
}

static gboolean nm_tunnel_on_look(gpointer arg);

static void nm_tunnel_look(struct nm_tunnel *t)
{
	t->look = g_timeout_add(NM_TUNNEL_LOOK_MS, nm_tunnel_on_look, t);
}

static gboolean nm_tunnel_on_event(GIOChannel *in, GIOCondition what, gpointer arg)
{
	struct nm_session session;
	struct nm_tunnel *t = arg;
	GIOStatus status;
	char *line = NULL;

	(void)what;
	status = g_io_channel_read_line(in, &line, NULL, NULL, NULL);
	if (line && nm_session_of_event(line, &session))
		nm_tunnel_is_up(t, &session);
	g_free(line);
	if (status == G_IO_STATUS_NORMAL || status == G_IO_STATUS_AGAIN)
		return G_SOURCE_CONTINUE;
	/* Its end is told by the process: if that goes on, there is another program in it. */
	t->events = 0;
	g_clear_pointer(&t->monitor, g_io_channel_unref);
	nm_tunnel_look(t);
	return G_SOURCE_REMOVE;
}

/* It has read its files, so that secrets need not be in any longer. */
static gboolean nm_tunnel_on_look(gpointer arg)
{
	struct nm_tunnel *t = arg;
	int fd = nm_tunnel_dial(t);

	if (fd < 0 || !nm_tunnel_say(fd, "monitor\n")) {
		if (fd >= 0)
			close(fd);
		return G_SOURCE_CONTINUE;
	}
	t->look = 0;
	nm_files_forget_secrets(t->dir);
	t->monitor = g_io_channel_unix_new(fd);
	g_io_channel_set_close_on_unref(t->monitor, TRUE);
	g_io_channel_set_encoding(t->monitor, NULL, NULL);
	g_io_channel_set_flags(t->monitor, G_IO_FLAG_NONBLOCK, NULL);
	t->events = g_io_add_watch(t->monitor, G_IO_IN | G_IO_HUP | G_IO_ERR,
				   nm_tunnel_on_event, t);
	nm_tunnel_show(t);
	return G_SOURCE_REMOVE;
}

/* ---- the one before it -------------------------------------------------------------- */

/* That its number is another's by now, of all those another sstpd's, is hardly so. */
static bool nm_tunnel_runs(const char *dir)
{
	char *file = g_build_filename(dir, NM_TUNNEL_PID, NULL), *pid = NULL;
	char *about, *name = NULL;
	bool runs = false;

	if (g_file_get_contents(file, &pid, NULL, NULL)) {
		about = g_strdup_printf("/proc/%d/comm", atoi(pid));
		runs = g_file_get_contents(about, &name, NULL, NULL) &&
		       !strcmp(name, "sstpd\n");
		g_free(about);
	}
	g_free(name);
	g_free(pid);
	g_free(file);
	return runs;
}

/* One whose service was killed takes its interface along, which must not be ours then. */
static bool nm_tunnel_await(const char *dir, GError **error)
{
	for (int ms = 0; nm_tunnel_runs(dir); ms += NM_TUNNEL_TURN_MS) {
		if (!ms)
			g_message("waiting for the sstpd of before to end");
		if (ms >= NM_TUNNEL_STOP_MS) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
				    "the sstpd of this connection before does not end: %s/"
				    NM_TUNNEL_PID, dir);
			return false;
		}
		g_usleep(NM_TUNNEL_TURN_MS * 1000);
	}
	return true;
}

static void nm_tunnel_note_pid(const struct nm_tunnel *t)
{
	char *file = g_build_filename(t->dir, NM_TUNNEL_PID, NULL);
	char *pid = g_strdup_printf("%d\n", (int)t->pid);

	if (!g_file_set_contents(file, pid, -1, NULL))
		g_warning("cannot write %s", file);
	g_free(pid);
	g_free(file);
}

/* ---- process ----------------------------------------------------------------------- */

static bool nm_tunnel_uses(const void *arg, uint32_t ifindex)
{
	(void)arg;
	(void)ifindex;
	return false;
}

/* One that was killed leaves its interface to the next sstpd, which need not come. */
static void nm_tunnel_sweep(const struct nm_tunnel *t)
{
	struct nl_sock *sk = nl_try_open(NETLINK_ROUTE), *before;
	char *alias = g_strdup_printf("sstpd %s/" NM_TUNNEL_SOCKET, t->dir);

	if (sk) {
		before = netcfg_use(sk);
		netcfg_link_sweep("sstp", alias, nm_tunnel_uses, NULL);
		netcfg_use(before);
		nl_socket_free(sk);
	}
	g_free(alias);
}

static void nm_tunnel_free(struct nm_tunnel *t)
{
	nm_tunnel_close(t);
	nm_tunnel_sweep(t);
	nm_files_remove(t->dir);
	g_free(t->dir);
	g_free(t);
}

static void nm_tunnel_on_end(GPid pid, gint status, gpointer arg)
{
	struct nm_tunnel *t = arg;
	const struct nm_tunnel_ops *ops = t->ops;
	bool refused = WIFEXITED(status) && WEXITSTATUS(status) == NM_TUNNEL_REFUSED;
	void *ops_arg = t->arg;

	g_spawn_close_pid(pid);
	t->child = 0;
	nm_tunnel_free(t);
	ops->ended(refused ? NM_TUNNEL_LOGIN : NM_TUNNEL_FAILED, ops_arg);
}

/* Between fork and exec. Whatever becomes of us, it does not stay. */
static void nm_tunnel_in_child(gpointer arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* What a service manager has told NetworkManager is not for others. */
static char **nm_tunnel_environment(void)
{
	static const char *const others[] = {
		"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS",
		"LISTEN_FDNAMES", "STATE_DIRECTORY",
	};
	char **env = g_get_environ();

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		env = g_environ_unsetenv(env, others[i]);
	return env;
}

static bool nm_tunnel_spawn(struct nm_tunnel *t, const char *sstpd, GError **error)
{
	char *conf = g_build_filename(t->dir, NM_TUNNEL_CONF, NULL);
	char *socket = g_build_filename(t->dir, NM_TUNNEL_SOCKET, NULL);
	char *argv[] = { (char *)sstpd, "-f", "-c", conf, "-s", socket, NULL };
	char **env = nm_tunnel_environment();
	bool ok;

	ok = g_spawn_async(NULL, argv, env, G_SPAWN_DO_NOT_REAP_CHILD, nm_tunnel_in_child, NULL,
			   &t->pid, error);
	g_strfreev(env);
	g_free(socket);
	g_free(conf);
	return ok;
}

struct nm_tunnel *nm_tunnel_start(const char *sstpd, const char *dir,
				  const struct nm_conf *conf,
				  const struct nm_tunnel_ops *ops, void *arg,
				  GError **error)
{
	struct nm_tunnel *t;

	if (!nm_tunnel_await(dir, error))
		return NULL;
	t = g_new0(struct nm_tunnel, 1);
	t->dir = g_strdup(dir);
	t->ops = ops;
	t->arg = arg;
	if (!nm_files_write(dir, NM_TUNNEL_CONF, conf, error) ||
	    !nm_tunnel_spawn(t, sstpd, error)) {
		nm_tunnel_free(t);
		return NULL;
	}
	nm_tunnel_note_pid(t);
	t->child = g_child_watch_add(t->pid, nm_tunnel_on_end, t);
	nm_tunnel_look(t);
	return t;
}

void nm_tunnel_end(const struct nm_tunnel *t)
{
	kill(t->pid, SIGTERM);
}

void nm_tunnel_stop(struct nm_tunnel *t)
{
	int status;

	g_source_remove(t->child);
	nm_tunnel_close(t);
	kill(t->pid, SIGTERM);
	for (int ms = 0; waitpid(t->pid, &status, WNOHANG) == 0; ms += NM_TUNNEL_TURN_MS) {
		if (ms >= NM_TUNNEL_STOP_MS)
			kill(t->pid, SIGKILL);
		g_usleep(NM_TUNNEL_TURN_MS * 1000);
	}
	g_spawn_close_pid(t->pid);
	nm_tunnel_free(t);
}
