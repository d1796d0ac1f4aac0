// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/hook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/fds.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "netlink/netns.h"
#include "parent/tunnel.h"

#define HOOK_VARS_MAX	40
#define HOOK_PATH	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* How long the end of the daemon waits for scripts. */
#define HOOK_EXIT_MS	5000

#define HOOK_WHOSE_MAX	(CONF_NAME_MAX + 8)
#define HOOK_SERVER	UINT32_MAX	/* a client of that number there is not */

/**
 * struct hook_job - a script or a program that runs, or waits for its turn
 * @whose: for the log
 * @client: number of the client, or HOOK_SERVER
 * @session: whose script; @account, @peer and @prefix6: of both, for the order
 * @event: "up" or "down"; of a program what it is told first
 * @args: of a program, with its path, up to a NULL; of a script none
 * @input: what a program reads, -1 = nothing
 * @netns: descriptor of the session's namespace, -1 = the daemon's
 * @pid: 0 = it waits
 * @pidfd: says when it is over
 */
struct hook_job {
	TAILQ_ENTRY(hook_job) next;
	char whose[HOOK_WHOSE_MAX];
	uint32_t client;
	uint32_t session;
	struct account account;
	struct in_addr peer;
	struct conf_route prefix6;
	const char *event;
	char path[CONF_PATH_MAX];
	char *args[HOOK_ARGS_MAX + 1];
	int input;
	uint32_t timeout_s;
	char *vars[HOOK_VARS_MAX + 1];
	unsigned int n_vars;
	int netns;
	pid_t pid;
	int pidfd;
	struct event *ended;
	struct event *timer;
};

static struct {
	TAILQ_HEAD(, hook_job) jobs;
	unsigned int n;
	unsigned int running;
	bool late;
} hook = { .jobs = TAILQ_HEAD_INITIALIZER(hook.jobs) };

/* ---- environment ---------------------------------------------------------------- */

/* A line break in a name shall not look like another variable. */
static void __attribute__((format(printf, 3, 4)))
hook_set(struct hook_job *job, const char *name, const char *fmt, ...)
{
	char value[1024];
	va_list ap;
	char *var;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (!*value || job->n_vars == HOOK_VARS_MAX)
		return;
	for (char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	if (asprintf(&var, "%s=%s", name, value) < 0)
		log_fatal("out of memory");
	job->vars[job->n_vars++] = var;
}

static void hook_set_ipv4(struct hook_job *job, const char *name,
			  struct in_addr addr)
{
	char text[INET_ADDRSTRLEN];

	if (addr.s_addr)
		hook_set(job, name, "%s", inet_ntop(AF_INET, &addr, text,
						    sizeof(text)));
}

static void hook_set_link_local(struct hook_job *job, const char *name,
				const uint8_t ifid[8])
{
	uint8_t addr[16] = { 0xfe, 0x80 };
	char text[INET6_ADDRSTRLEN];

	memcpy(addr + 8, ifid, 8);
	hook_set(job, name, "%s", inet_ntop(AF_INET6, addr, text, sizeof(text)));
}

static void hook_set_addresses(struct hook_job *job, const struct entry *e)
{
	char text[ADDR_PREFIX_MAX];

	if (e->net.ipv4) {
		hook_set_ipv4(job, "SSTP_LOCAL", e->net.local);
		hook_set_ipv4(job, "SSTP_PEER", e->net.peer);
	}
	if (e->net.ipv6) {
		hook_set_link_local(job, "SSTP_LOCAL_IPV6", e->net.ifid);
		hook_set_link_local(job, "SSTP_PEER_IPV6", e->net.peer_ifid);
	}
	if (e->net.ipv6 && e->prefix6.family) {
		addr_prefix_text(AF_INET6, e->prefix6.addr, e->prefix6.len, text);
		hook_set(job, "SSTP_IPV6_PREFIX", "%s", text);
	}
	if (!e->server) {
		hook_set_ipv4(job, "SSTP_DNS1", e->net.dns[0]);
		hook_set_ipv4(job, "SSTP_DNS2", e->net.dns[1]);
	}
}

/* What only sessions of the server have. */
static void hook_set_policy(struct hook_job *job, const struct entry *e)
{
	const struct policy_user *user = &e->grant.user;
	const struct conf_policy *p = &e->policy;
	char routes[POLICY_ROUTES_MAX * ADDR_PREFIX_MAX] = "";
	char text[ADDR_PREFIX_MAX];
	size_t len = 0;

	for (uint32_t i = 0; i < user->n_routes; i++) {
		const struct conf_route *r = &user->routes[i];

		addr_prefix_text(r->family, r->addr, r->len, text);
		len += (size_t)snprintf(routes + len, sizeof(routes) - len,
					"%s%s", len ? " " : "", text);
	}
	hook_set(job, "SSTP_ROUTES", "%s", routes);
	hook_set(job, "SSTP_GROUP", "%s", user->group);
	hook_set(job, "SSTP_VRF", "%s", p->vrf);
	hook_set(job, "SSTP_NETNS", "%s", p->netns);
	if (p->rate_down)
		hook_set(job, "SSTP_RATE_DOWN", "%llu",
			 (unsigned long long)p->rate_down);
	if (p->rate_up)
		hook_set(job, "SSTP_RATE_UP", "%llu",
			 (unsigned long long)p->rate_up);
}

static void hook_set_session(struct hook_job *job, const struct entry *e)
{
	job->vars[job->n_vars++] = strdup(HOOK_PATH);
	hook_set(job, "SSTP_EVENT", "%s", job->event);
	hook_set(job, "SSTP_ROLE", "%s", e->server ? "server" : "client");
	hook_set(job, "SSTP_SESSION", "%u", table_number(e));
	hook_set(job, "SSTP_USER", "%s", e->user);
	hook_set(job, "SSTP_REMOTE", "%s", e->remote_text);
	hook_set(job, "SSTP_INTERFACE", "%s", e->ifname);
	hook_set(job, "SSTP_MTU", "%u", e->mtu);
	hook_set(job, "SSTP_DATA_PATH", "%s",
		 e->kind == MSG_PATH_KERNEL ? "kernel" : "tun");
	if (!e->server)
		hook_set(job, "SSTP_CLIENT", "%s", tunnel_client_name(e));
	hook_set_addresses(job, e);
	if (e->server)
		hook_set_policy(job, e);
}

static void hook_set_end(struct hook_job *job, const struct entry *e,
			 const char *why)
{
	struct netcfg_counts counts;

	tunnel_counts(e, &counts);
	hook_set(job, "SSTP_REASON", "%s", why);
	hook_set(job, "SSTP_SECONDS", "%llu",
		 (unsigned long long)(loop_now_ms() - e->since_ms) / 1000);
	hook_set(job, "SSTP_RX_BYTES", "%llu",
		 (unsigned long long)counts.rx_bytes);
	hook_set(job, "SSTP_TX_BYTES", "%llu",
		 (unsigned long long)counts.tx_bytes);
}

/* ---- processes ------------------------------------------------------------------ */

/* In the child. The group of its own is what is killed if it takes too long. */
static void __attribute__((noreturn)) hook_exec(const struct hook_job *job)
{
	char *script[] = { (char *)(uintptr_t)job->path,
			   (char *)(uintptr_t)job->event, NULL };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	int input = job->input;
	sigset_t none;

	setsid();
	if (job->netns >= 0 && setns(job->netns, CLONE_NEWNET) < 0)
		_exit(126);
	sigaction(SIGPIPE, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (chdir("/") < 0)
		_exit(126);
	if (input < 0)
		input = open("/dev/null", O_RDONLY);
	if (input >= 0)
		input = dup2(input, STDIN_FILENO);
	if (input < 0)
		_exit(126);
	fds_close_from(STDERR_FILENO + 1);
	execve(job->path, *job->args ? job->args : script, job->vars);
	_exit(127);
}

static void hook_free(struct hook_job *job)
{
	TAILQ_REMOVE(&hook.jobs, job, next);
	hook.n--;
	loop_free(&job->ended);
	loop_free(&job->timer);
	if (job->pidfd >= 0)
		close(job->pidfd);
	if (job->netns >= 0)
		close(job->netns);
	if (job->input >= 0)
		close(job->input);
	for (unsigned int i = 0; job->args[i]; i++)
		free(job->args[i]);
	for (unsigned int i = 0; i < job->n_vars; i++)
		free(job->vars[i]);
	free(job);
}

static void hook_run_next(void);

static void hook_report(const struct hook_job *job, int status)
{
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		log_debug("%s: %s %s: done", job->whose, job->path,
			  job->event);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		log_err("%s: %s %s: cannot be run, or says status 127",
			job->whose, job->path, job->event);
	else if (WIFEXITED(status))
		log_err("%s: %s %s: status %d", job->whose, job->path,
			job->event, WEXITSTATUS(status));
	else
		log_err("%s: %s %s: killed by signal %d", job->whose,
			job->path, job->event, WTERMSIG(status));
}

static void hook_on_end(int fd, short what, void *arg)
{
	struct hook_job *job = arg;
	int status;

	(void)fd;
	(void)what;
	if (waitpid(job->pid, &status, WNOHANG) != job->pid)
		return;
	hook_report(job, status);
	/* What it has left behind ends with it. */
	kill(-job->pid, SIGKILL);
	hook.running--;
	hook_free(job);
	hook_run_next();
}

static void hook_on_timer(int fd, short what, void *arg)
{
	const struct hook_job *job = arg;

	(void)fd;
	(void)what;
	log_err("%s: %s %s: takes longer than script-timeout, %u s",
		job->whose, job->path, job->event, job->timeout_s);
	kill(-job->pid, SIGKILL);
	kill(job->pid, SIGKILL);
}

static bool hook_start(struct hook_job *job)
{
	job->pid = fork();
	if (!job->pid)
		hook_exec(job);
	if (job->pid < 0) {
		job->pid = 0;
		log_err("%s: %s: fork: %s", job->whose, job->path,
			strerror(errno));
		return false;
	}
	hook.running++;
	job->pidfd = fds_of_process(job->pid);
	if (job->pidfd < 0) {
		/* Nobody would hear of its end: it has to end now. */
		log_err("%s: %s: pidfd_open: %s", job->whose, job->path,
			strerror(errno));
		kill(job->pid, SIGKILL);
		waitpid(job->pid, NULL, 0);
		hook.running--;
		return false;
	}
	job->ended = loop_event(job->pidfd, EV_READ | EV_PERSIST, hook_on_end,
				job);
	loop_watch(job->ended, true);
	job->timer = loop_event(-1, 0, hook_on_timer, job);
	loop_arm(job->timer, job->timeout_s * 1000);
	return true;
}

/*
 * A script may open something for an address or a user, and close it in the end: what
 * one session closes must not be what the next one has opened. What programs of the
 * same client do is done for it, and none of them waits for a script.
 */
static bool hook_concerns(const struct hook_job *a, const struct hook_job *b)
{
	if (*a->args)
		return a->client == b->client;
	if (*b->args)
		return false;
	return a->session == b->session || account_same(&a->account, &b->account) ||
	       (a->peer.s_addr && a->peer.s_addr == b->peer.s_addr) ||
	       (a->prefix6.family && !memcmp(&a->prefix6, &b->prefix6, sizeof(a->prefix6)));
}

/* Is there an earlier one of the same session, user or address? */
static bool hook_must_wait(const struct hook_job *job)
{
	const struct hook_job *other;

	TAILQ_FOREACH(other, &hook.jobs, next) {
		if (other == job)
			return false;
		if (hook_concerns(other, job))
			return true;
	}
	return false;
}

static void hook_run_next(void)
{
	struct hook_job *job, *next;

	for (job = TAILQ_FIRST(&hook.jobs); job; job = next) {
		next = TAILQ_NEXT(job, next);
		if (hook.running == HOOK_RUNNING_MAX)
			return;
		if (!job->pid && !hook_must_wait(job) && !hook_start(job))
			hook_free(job);
	}
}

/* ---- events --------------------------------------------------------------------- */

/* The last in the list; it does not run yet. */
static struct hook_job *hook_new(const char *event, uint32_t timeout_s)
{
	struct hook_job *job = calloc(1, sizeof(*job));

	if (!job)
		log_fatal("out of memory");
	job->event = event;
	job->timeout_s = timeout_s;
	job->pidfd = -1;
	job->netns = -1;
	job->input = -1;
	TAILQ_INSERT_TAIL(&hook.jobs, job, next);
	hook.n++;
	return job;
}

/*
 * A descriptor of the namespace of its interface, -1 = the daemon's. One whose interface
 * went with the sstpd before this one is in none any more, but its script began there.
 */
static int hook_netns(const struct entry *e)
{
	struct nl_err err;
	struct netns *ns;
	int fd;

	if (!*e->policy.netns)
		return -1;
	ns = e->netns ? netns_share(e->netns) : netns_hold(e->policy.netns, &err);
	fd = ns ? fcntl(netns_fd(ns), F_DUPFD_CLOEXEC, 0) : -1;
	netns_put(ns);
	return fd;
}

static struct hook_job *hook_add(const struct entry *e, const char *path,
				 const char *event, uint32_t timeout_s)
{
	struct hook_job *job;
	int netns;

	if (!*path)
		return NULL;
	/* Each "down" takes back an "up", and of these there are not more than that. */
	if (hook.n >= HOOK_WAITING_MAX && !strcmp(event, "up")) {
		log_err("session %u: %s %s: not run, too many others wait", e->id,
			path, event);
		return NULL;
	}
	netns = hook_netns(e);
	if (*e->policy.netns && netns < 0) {
		log_err("session %u: %s %s: not run, its namespace %s cannot be entered",
			e->id, path, event, e->policy.netns);
		return NULL;
	}
	job = hook_new(event, timeout_s);
	snprintf(job->whose, sizeof(job->whose), "session %u", e->id);
	job->client = e->server ? HOOK_SERVER : e->link;
	job->session = table_number(e);
	job->account = e->account;
	job->peer = e->net.peer;
	job->prefix6 = e->prefix6;
	job->netns = netns;
	snprintf(job->path, sizeof(job->path), "%s", path);
	hook_set_session(job, e);
	return job;
}

void hook_up(const struct entry *e, const struct conf_link *conf)
{
	if (hook_add(e, conf->up_script, "up", conf->script_s))
		hook_run_next();
}

void hook_down(const struct entry *e, const struct conf_link *conf,
	       const char *why)
{
	struct hook_job *job = hook_add(e, conf->down_script, "down",
					conf->script_s);

	if (!job)
		return;
	hook_set_end(job, e, why);
	hook_run_next();
}

/* A file in memory: whoever does not read it keeps nobody waiting. */
static int hook_input(const char *text)
{
	int fd = memfd_create("sstpd input", MFD_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);

	if (fd >= 0 && write(fd, text, (size_t)len) == len && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	log_err("a file in memory: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

void hook_program(uint32_t client, const char *name, const char *const args[],
		  const char *input, uint32_t timeout_s)
{
	struct hook_job *job = hook_new("", timeout_s);

	snprintf(job->whose, sizeof(job->whose), "client %s", name);
	job->client = client;
	snprintf(job->path, sizeof(job->path), "%s", args[0]);
	for (unsigned int i = 0; args[i] && i < HOOK_ARGS_MAX; i++) {
		job->args[i] = strdup(args[i]);
		if (!job->args[i])
			log_fatal("out of memory");
	}
	if (job->args[1])
		job->event = job->args[1];
	if (*input)
		job->input = hook_input(input);
	job->vars[job->n_vars++] = strdup(HOOK_PATH);
	hook_run_next();
}

static void hook_on_late(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	hook.late = true;
}

void hook_exit(void)
{
	struct event *timer = loop_event(-1, 0, hook_on_late, NULL);
	struct hook_job *job;

	loop_arm(timer, HOOK_EXIT_MS);
	while (!TAILQ_EMPTY(&hook.jobs) && !hook.late && loop_once())
		;
	loop_free(&timer);
	if (!TAILQ_EMPTY(&hook.jobs))
		log_err("%u scripts are not waited for", hook.n);
	while ((job = TAILQ_FIRST(&hook.jobs))) {
		if (job->pid)
			kill(-job->pid, SIGKILL);
		hook_free(job);
	}
}
