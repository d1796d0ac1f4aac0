// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The HTTP server is as small as its purpose: one request a connection, one
 * connection at a time, each for HTTP_PATIENCE_S at most. It is for a scraper and a
 * browser on this machine; who listens elsewhere has a firewall. Only root may ask the
 * daemon, and everybody on the machine this: who is connected it tells only if it was
 * started with --sessions.
 */
#include "ctl/ctl_export.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ctl/ctl_metrics.h"
#include "ctl/ctl_page.h"
#include "ctl/ctl_top.h"
#include "ctl/ctl_value.h"

#define HTTP_HEAD_MAX	8192
#define HTTP_PATIENCE_S	5
/* A browser makes connections in advance, and says nothing there: they are not our turn. */
#define HTTP_SILENT_S	60
/* Rates are of at least so long. */
#define PAGE_PERIOD_MS	2000
#define HTTP_TYPE	"application/openmetrics-text; version=1.0.0; charset=utf-8"

/**
 * struct export - what is asked of the daemon
 * @sessions: each session by itself too
 */
struct export {
	const struct ctl *ctl;
	bool sessions;
};

/* Both answers, @shown only if it is wished. Return: false with @why. */
static bool export_ask(const struct export *e, struct json_object **metrics,
		       struct json_object **shown, char *why, size_t size)
{
	*shown = NULL;
	*metrics = ctl_try(e->ctl, "metrics\n", why, size);
	if (!*metrics || !e->sessions)
		return *metrics;
	*shown = ctl_try(e->ctl, "show\n", why, size);
	if (!*shown)
		json_object_put(*metrics);
	return *shown;
}

static void export_print(FILE *out, struct json_object *metrics, struct json_object *shown,
			 enum ctl_metrics_format format)
{
	ctl_metrics(out, metrics, shown ? ctl_object(shown, "sessions") : NULL, format);
	json_object_put(metrics);
	json_object_put(shown);
}

/* ---- file -------------------------------------------------------------------- */

/* The collector may look at any moment: it finds the old file or the new one. */
static int ctl_textfile(const struct export *e, const char *path)
{
	struct json_object *metrics, *shown;
	char tmp[4096], why[400];
	FILE *out;
	int fd;

	if (!export_ask(e, &metrics, &shown, why, sizeof(why)))
		ctl_die("%s", why);
	/* The collector reads *.prom: not this one. */
	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		ctl_die("%s: the path is too long", path);
	fd = mkstemp(tmp);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		ctl_die("%s: %s", tmp, strerror(errno));
	export_print(out, metrics, shown, CTL_METRICS_PLAIN);
	if (fchmod(fd, 0644) < 0 || fclose(out) || rename(tmp, path) < 0) {
		int saved = errno;

		unlink(tmp);
		ctl_die("%s: %s", path, strerror(saved));
	}
	return 0;
}

/* ---- HTTP -------------------------------------------------------------------- */

static int ctl_bind(const char *where)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE | AI_NUMERICHOST };
	struct addrinfo *found;
	char host[128];
	char *colon;
	const int silent = HTTP_SILENT_S, on = 1;
	int fd, rc;

	snprintf(host, sizeof(host), "%s", where);
	colon = strrchr(host, ':');
	if (!colon)
		ctl_die("metrics: --listen needs ADDRESS:PORT, such as 127.0.0.1:9823");
	*colon = '\0';
	if (*host == '[' && colon > host + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		rc = getaddrinfo(host + 1, colon + 1, &hints, &found);
	} else {
		rc = getaddrinfo(*host ? host : NULL, colon + 1, &hints, &found);
	}
	if (rc)
		ctl_die("metrics: --listen %s: %s", where, gai_strerror(rc));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &silent, sizeof(silent)) < 0 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) < 0 ||
	    listen(fd, 16) < 0)
		ctl_die("metrics: --listen %s: %s", where, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

/* Return: false if there was no whole head in time. */
static bool http_read_head(int fd, char head[static HTTP_HEAD_MAX])
{
	time_t end = time(NULL) + HTTP_PATIENCE_S;
	size_t len = 0;
	ssize_t n;

	while (len < HTTP_HEAD_MAX - 1 && time(NULL) < end) {
		n = read(fd, head + len, HTTP_HEAD_MAX - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n"))
			return true;
	}
	return false;
}

/* @more: header fields, each with its end */
static void http_answer(int fd, const char *status, const char *type, const char *more,
			const char *body, size_t len)
{
	char head[1000];
	int n = snprintf(head, sizeof(head),
			 "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
			 "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
			 "Cache-Control: no-store\r\n%sConnection: close\r\n\r\n",
			 status, type, len, more);

	if (send(fd, head, (size_t)n, MSG_NOSIGNAL | MSG_MORE) == n)
		while (len) {
			ssize_t sent = send(fd, body, len, MSG_NOSIGNAL);

			if (sent <= 0)
				return;
			body += sent;
			len -= (size_t)sent;
		}
}

static void http_plain(int fd, const char *status, const char *text)
{
	http_answer(fd, status, "text/plain; charset=utf-8", "", text, strlen(text));
}

static FILE *http_body(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		ctl_die("out of memory");
	return out;
}

/* A daemon that does not run is an answer too: Prometheus shows the target down. */
static void http_metrics(const struct export *e, int fd)
{
	struct json_object *metrics, *shown;
	char *text = NULL;
	size_t len = 0;
	char why[400];
	FILE *out;

	if (!export_ask(e, &metrics, &shown, why, sizeof(why))) {
		http_plain(fd, "503 Service Unavailable", why);
		return;
	}
	out = http_body(&text, &len);
	export_print(out, metrics, shown, CTL_METRICS_OPEN);
	fclose(out);
	http_answer(fd, "200 OK", HTTP_TYPE, "", text, len);
	free(text);
}

/* What the page showed before, for rates; @at: 0 = there is none. */
static struct {
	uint64_t at_ms;
	struct json_object *metrics;
	struct json_object *shown;
} http_before;

static uint64_t http_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static double http_rate(struct json_object *metrics, const char *key, double seconds)
{
	int64_t moved = ctl_number(metrics, key) - ctl_number(http_before.metrics, key);

	/* Less than before: another daemon. */
	return seconds > 0 && moved > 0 ? (double)moved / seconds : 0;
}

/* Takes both answers, which stay as long as the next page needs them. */
static void http_page_of(FILE *out, struct json_object *metrics, struct json_object *shown)
{
	uint64_t now = http_now_ms(), ms = http_before.at_ms ? now - http_before.at_ms : 0;
	struct ctl_page page = {
		.metrics = metrics,
		.sessions = shown ? ctl_object(shown, "sessions") : NULL,
		.seconds = (double)ms / 1000,
		.now = time(NULL),
	};

	page.rx_rate = http_rate(metrics, "received_bytes", page.seconds);
	page.tx_rate = http_rate(metrics, "sent_bytes", page.seconds);
	if (page.sessions)
		ctl_top_rates(page.sessions, http_before.shown ?
			      ctl_object(http_before.shown, "sessions") : NULL, ms);
	ctl_page(out, &page);
	if (http_before.at_ms && ms < PAGE_PERIOD_MS) {
		json_object_put(metrics);
		json_object_put(shown);
		return;
	}
	json_object_put(http_before.metrics);
	json_object_put(http_before.shown);
	http_before.metrics = metrics;
	http_before.shown = shown;
	http_before.at_ms = now;
}

static void http_page(const struct export *e, int fd)
{
	struct json_object *metrics, *shown;
	char policy[300], more[400], why[400];
	const char *status = "200 OK";
	char *text = NULL;
	size_t len = 0;
	FILE *out = http_body(&text, &len);

	if (export_ask(e, &metrics, &shown, why, sizeof(why))) {
		http_page_of(out, metrics, shown);
	} else {
		status = "503 Service Unavailable";
		ctl_page(out, &(struct ctl_page){ .why = why });
	}
	fclose(out);
	ctl_page_policy(policy, sizeof(policy));
	snprintf(more, sizeof(more), "Content-Security-Policy: %s\r\nReferrer-Policy: no-referrer\r\n",
		 policy);
	http_answer(fd, status, "text/html; charset=utf-8", more, text, len);
	free(text);
}

static void http_serve(const struct export *e, int fd)
{
	const struct timeval patience = { .tv_sec = HTTP_PATIENCE_S };
	char head[HTTP_HEAD_MAX];
	char *path, *end;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!http_read_head(fd, head))
		return;
	if (strncmp(head, "GET ", 4)) {
		http_plain(fd, "405 Method Not Allowed", "only GET\n");
		return;
	}
	path = head + 4;
	end = path + strcspn(path, " ?\r\n");
	*end = '\0';
	if (!strcmp(path, "/metrics"))
		http_metrics(e, fd);
	else if (!strcmp(path, "/"))
		http_page(e, fd);
	else
		http_plain(fd, "404 Not Found", "there are / and /metrics\n");
}

static void __attribute__((noreturn))
ctl_listen_http(const struct export *e, const char *where)
{
	int fd = ctl_bind(where);
	int conn;

	for (;;) {
		conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (conn < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			ctl_die("metrics: accept: %s", strerror(errno));
		}
		http_serve(e, conn);
		close(conn);
	}
}

static int export_stdout(const struct export *e)
{
	struct json_object *metrics, *shown;
	char why[400];

	if (!export_ask(e, &metrics, &shown, why, sizeof(why)))
		ctl_die("%s", why);
	if (!e->ctl->json) {
		export_print(stdout, metrics, shown, CTL_METRICS_OPEN);
		return 0;
	}
	ctl_json(metrics);
	json_object_put(metrics);
	json_object_put(shown);
	return 0;
}

int ctl_export(const struct ctl *ctl, int argc, char **argv)
{
	struct export e = { .ctl = ctl };

	if (argc && !strcmp(argv[0], "--sessions")) {
		e.sessions = true;
		argc--;
		argv++;
	}
	if (argc == 2 && !strcmp(argv[0], "--textfile"))
		return ctl_textfile(&e, argv[1]);
	if (argc == 2 && !strcmp(argv[0], "--listen"))
		ctl_listen_http(&e, argv[1]);
	if (argc)
		ctl_die("metrics: \"%s\" is neither --sessions, --textfile FILE nor --listen ADDRESS:PORT",
			argv[0]);
	return export_stdout(&e);
}
