// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/dns_note.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"

/*
 * A line for each thing, those of a client behind its name:
 *
 *	client office
 *	resolved 7 sstp0
 *	all
 *	server 10.0.0.53
 *	domain corp.example
 */
#define NOTE_LINE_MAX	256

/* ---- reading ---------------------------------------------------------------------- */

static void note_read_whom(struct dns_told *told, uint32_t whom, const char *value)
{
	char *name;
	unsigned long index = strtoul(value, &name, 10);

	if (*name != ' ' || !name[1] || strlen(name + 1) >= sizeof(told->ifname) ||
	    !index || index > INT32_MAX)
		return;
	told->whom = whom;
	told->ifindex = (uint32_t)index;
	strcpy(told->ifname, name + 1);
}

static void note_read_server(struct dns_told *told, const char *value)
{
	struct conf_route *server = &told->servers[told->n_servers];

	if (told->n_servers == DNS_SERVERS_MAX)
		return;
	memset(server, 0, sizeof(*server));
	server->family = strchr(value, ':') ? AF_INET6 : AF_INET;
	server->len = server->family == AF_INET ? 32 : 128;
	if (inet_pton(server->family, value, server->addr) == 1)
		told->n_servers++;
}

static void note_read_domain(struct dns_told *told, const char *value)
{
	if (told->n_domains < CONF_DOMAINS_MAX && *value && strlen(value) < CONF_NAME_MAX)
		strcpy(told->domains[told->n_domains++], value);
}

static void note_read_line(struct dns_told *told, const char *key, const char *value)
{
	if (!strcmp(key, "resolved"))
		note_read_whom(told, DNS_RESOLVED, value);
	else if (!strcmp(key, "resolvconf"))
		note_read_whom(told, DNS_RESOLVCONF, value);
	else if (!strcmp(key, "all"))
		told->all = true;
	else if (!strcmp(key, "server"))
		note_read_server(told, value);
	else if (!strcmp(key, "domain"))
		note_read_domain(told, value);
}

unsigned int dns_note_read(const char *path, struct dns_note *notes, unsigned int max)
{
	FILE *in = fopen(path, "re");
	struct dns_note *note = NULL;
	char line[NOTE_LINE_MAX], *value;
	unsigned int n = 0;

	if (!in)
		return 0;
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		value = line + strcspn(line, " ");
		if (*value)
			*value++ = '\0';
		if (strcmp(line, "client")) {
			if (note)
				note_read_line(&note->told, line, value);
			continue;
		}
		note = n < max ? &notes[n++] : NULL;
		if (!note)
			continue;
		memset(note, 0, sizeof(*note));
		snprintf(note->name, sizeof(note->name), "%s", value);
	}
	fclose(in);
	return n;
}

/* ---- writing ---------------------------------------------------------------------- */

static void note_print(FILE *out, const struct dns_note *note)
{
	const struct dns_told *told = &note->told;
	char text[INET6_ADDRSTRLEN];

	fprintf(out, "client %s\n", note->name);
	fprintf(out, "%s %u %s\n", told->whom == DNS_RESOLVED ? "resolved" : "resolvconf",
		told->ifindex, told->ifname);
	if (told->all)
		fputs("all\n", out);
	for (uint32_t i = 0; i < told->n_servers; i++)
		fprintf(out, "server %s\n", inet_ntop(told->servers[i].family,
						      told->servers[i].addr, text,
						      sizeof(text)));
	for (uint32_t i = 0; i < told->n_domains; i++)
		fprintf(out, "domain %s\n", told->domains[i]);
}

static bool note_print_all(const char *path, const struct dns_note *notes, unsigned int n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (!out) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (unsigned int i = 0; i < n; i++)
		note_print(out, &notes[i]);
	good = !ferror(out);
	return fclose(out) == 0 && good;
}

/* Whole or not at all. */
void dns_note_write(const char *path, const struct dns_note *notes, unsigned int n)
{
	char next[CONF_PATH_MAX + 16];

	if (!n) {
		unlink(path);
		return;
	}
	snprintf(next, sizeof(next), "%s.new", path);
	if (note_print_all(next, notes, n) && rename(next, path) == 0)
		return;
	log_warn("%s: %s: if sstpd is killed, nobody will undo what is said of name servers now",
		 path, strerror(errno));
	unlink(next);
}
