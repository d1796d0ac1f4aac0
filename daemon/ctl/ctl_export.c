// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The HTTP server is as small as its purpose: one request a connection, one
 * connection at a time, each for HTTP_PATIENCE_S at most. It is for a scraper
 * on this machine; who listens elsewhere has a firewall.
 */
#include "ctl/ctl_export.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ctl/ctl_metrics.h"

#define HTTP_HEAD_MAX	8192
#define HTTP_PATIENCE_S	5
#define HTTP_TYPE	"application/openmetrics-text; version=1.0.0; charset=utf-8"

/* ---- file -------------------------------------------------------------------- */

/* The collector may look at any moment: it finds the old file or the new one. */
static int ctl_textfile(const struct ctl *ctl, const char *path)
{
	struct json_object *answer = ctl_ask(ctl, "metrics\n");
	char tmp[4096];
	FILE *out;
	int fd;

	/* The collector reads *.prom: not this one. */
	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		ctl_die("%s: the path is too long", path);
	fd = mkstemp(tmp);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		ctl_die("%s: %s", tmp, strerror(errno));
	ctl_metrics(out, answer);
	json_object_put(answer);
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
	int on = 1;
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

static void http_answer(int fd, const char *status, const char *type,
			const char *body, size_t len)
{
	char head[400];
	int n = snprintf(head, sizeof(head),
			 "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 status, type, len);

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
	http_answer(fd, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* A daemon that does not run is an answer too: Prometheus shows the target down. */
static void http_metrics(const struct ctl *ctl, int fd)
{
	struct json_object *answer;
	char *text = NULL;
	size_t len = 0;
	char why[400];
	FILE *out;

	answer = ctl_try(ctl, "metrics\n", why, sizeof(why));
	if (!answer) {
		http_plain(fd, "503 Service Unavailable", why);
		return;
	}
	out = open_memstream(&text, &len);
	if (!out)
		ctl_die("out of memory");
	ctl_metrics(out, answer);
	fclose(out);
	json_object_put(answer);
	http_answer(fd, "200 OK", HTTP_TYPE, text, len);
	free(text);
}

static void http_serve(const struct ctl *ctl, int fd)
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
	if (strcmp(path, "/metrics"))
		http_plain(fd, "404 Not Found", "see /metrics\n");
	else
		http_metrics(ctl, fd);
}

static void __attribute__((noreturn))
ctl_listen_http(const struct ctl *ctl, const char *where)
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
		http_serve(ctl, conn);
		close(conn);
	}
}

int ctl_export(const struct ctl *ctl, int argc, char **argv)
{
	struct json_object *answer;

	if (argc == 2 && !strcmp(argv[0], "--textfile"))
		return ctl_textfile(ctl, argv[1]);
	if (argc == 2 && !strcmp(argv[0], "--listen"))
		ctl_listen_http(ctl, argv[1]);
	if (argc)
		ctl_die("metrics: \"%s\" is neither --textfile FILE nor --listen ADDRESS:PORT",
			argv[0]);
	answer = ctl_ask(ctl, "metrics\n");
	if (ctl->json)
		ctl_json(answer);
	else
		ctl_metrics(stdout, answer);
	json_object_put(answer);
	return 0;
}
