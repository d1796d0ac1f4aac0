// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_ask.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ctl/ctl_socket.h"

#define CTL_ANSWER_MAX	(64 * 1024 * 1024)

void ctl_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sstpctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

/* Return: the connection, the request sent, or -1 with @why. */
static int ctl_send(const struct ctl *ctl, const char *request, char *why,
		    size_t size)
{
	int fd = ctl->socket ? ctl_socket_dial(ctl->socket, why, size) :
			       ctl_socket_find(CTL_SOCKETS_DIR, why, size);

	if (fd < 0)
		return -1;
	if (write(fd, request, strlen(request)) == (ssize_t)strlen(request))
		return fd;
	snprintf(why, size, "the control socket: %s", strerror(errno));
	close(fd);
	return -1;
}

/* Return: all there is, to be freed, or NULL. */
static char *ctl_read_all(int fd)
{
	size_t len = 0, room = 65536;
	char *text = malloc(room);
	char *more;
	ssize_t n;

	while (text && (n = read(fd, text + len, room - 1 - len)) > 0) {
		len += (size_t)n;
		if (len < room - 1)
			continue;
		room *= 2;
		more = room <= CTL_ANSWER_MAX ? realloc(text, room) : NULL;
		if (!more)
			free(text);
		text = more;
	}
	if (text)
		text[len] = '\0';
	return text;
}

/* What the daemon found wrong with the files it read. */
static void ctl_show_complaints(struct json_object *answer)
{
	struct json_object *list;

	if (!json_object_object_get_ex(answer, "complaints", &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		fprintf(stderr, "%s\n", json_object_get_string(
				json_object_array_get_idx(list, i)));
}

struct json_object *ctl_try(const struct ctl *ctl, const char *request,
			    char *why, size_t size)
{
	int fd = ctl_send(ctl, request, why, size);
	struct json_object *answer, *error;
	char *text;

	if (fd < 0)
		return NULL;
	text = ctl_read_all(fd);
	close(fd);
	answer = text ? json_tokener_parse(text) : NULL;
	free(text);
	if (!answer) {
		snprintf(why, size, "sstpd gave no answer");
		return NULL;
	}
	ctl_show_complaints(answer);
	if (!json_object_object_get_ex(answer, "error", &error))
		return answer;
	snprintf(why, size, "%s", json_object_get_string(error));
	json_object_put(answer);
	return NULL;
}

struct json_object *ctl_ask(const struct ctl *ctl, const char *request)
{
	char why[400];
	struct json_object *answer = ctl_try(ctl, request, why, sizeof(why));

	if (!answer)
		ctl_die("%s", why);
	return answer;
}

FILE *ctl_listen(const struct ctl *ctl, const char *request)
{
	char why[400];
	int fd = ctl_send(ctl, request, why, sizeof(why));
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (!in)
		ctl_die("%s", fd < 0 ? why : strerror(errno));
	return in;
}

void ctl_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

void ctl_json_line(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
}
