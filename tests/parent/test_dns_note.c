// SPDX-License-Identifier: GPL-2.0-or-later
/* What the next sstpd knows of what was told of name servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "lib/log.h"
#include "parent/dns_note.h"

static char dir[] = "/tmp/test_dns_note.XXXXXX";
static char path[100];
static struct dns_note read_back[3];

static void put(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void make(struct dns_note *note, const char *name)
{
	struct conf_route *servers = note->told.servers;

	memset(note, 0, sizeof(*note));
	strcpy(note->name, name);
	note->told.whom = DNS_RESOLVED;
	note->told.ifindex = 4711;
	strcpy(note->told.ifname, "sstp0");
	note->told.all = true;
	servers[0] = (struct conf_route){ .family = AF_INET, .len = 32, .addr = { 10, 1 } };
	servers[1] = (struct conf_route){ .family = AF_INET6, .len = 128, .addr = { 0xfd } };
	note->told.n_servers = 2;
	strcpy(note->told.domains[0], "~corp.example");
	strcpy(note->told.domains[1], "lab.example");
	note->told.n_domains = 2;
}

static void what_was_written_is_read(void **state)
{
	struct dns_note notes[2];
	struct stat st;

	(void)state;
	make(&notes[0], "head office");
	make(&notes[1], "b");
	notes[1].told.whom = DNS_RESOLVCONF;
	notes[1].told.all = false;
	notes[1].told.n_servers = 1;
	memset(&notes[1].told.servers[1], 0, sizeof(notes[1].told.servers[1]));
	dns_note_write(path, notes, 2);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(dns_note_read(path, read_back, 3), 2);
	/* As a whole: that is how it is compared with what is to be told. */
	assert_memory_equal(read_back, notes, sizeof(notes));
	assert_int_equal(dns_note_read(path, read_back, 1), 1);
}

static void nothing_is_no_file(void **state)
{
	struct dns_note note;

	(void)state;
	make(&note, "a");
	dns_note_write(path, &note, 1);
	dns_note_write(path, NULL, 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(dns_note_read(path, read_back, 3), 0);
	dns_note_write(path, NULL, 0);
}

static void what_is_odd_is_left_out(void **state)
{
	char text[2000] = "server 10.0.0.1\nclient a\nresolved 7 averyveryverylongname\n";

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(text, "server 10.0.0.1\ndomain x\n");
	strcat(text, "server 10.0.0\ndomain\nnonsense\n\nclient b\nresolvconf -1 x\n"
		     "client c\nresolved 7 sstp0");
	put(text);
	assert_int_equal(dns_note_read(path, read_back, 3), 3);
	assert_int_equal(read_back[0].told.whom, DNS_NOBODY);
	assert_int_equal(read_back[0].told.n_servers, DNS_SERVERS_MAX);
	assert_int_equal(read_back[0].told.n_domains, CONF_DOMAINS_MAX);
	assert_int_equal(read_back[1].told.whom, DNS_NOBODY);
	assert_int_equal(read_back[2].told.whom, DNS_RESOLVED);
	assert_string_equal(read_back[2].told.ifname, "sstp0");
}

static int begin(void **state)
{
	(void)state;
	log_init("test", LOG_TO_STDERR, LOG_ERR);
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/dns", dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(nothing_is_no_file),
		cmocka_unit_test(what_is_odd_is_left_out),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
