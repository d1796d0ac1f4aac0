/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The script language of sstp-cli.
 *
 * One line is one command; "NAME command ..." acts for the end called NAME. An
 * end is one side of a TCP connection, in its own network namespace. It starts
 * as a plain kTLS socket in userspace, which can send whatever it likes, and
 * becomes an SSTP session of the module by "attach". Every command either does
 * what it says within the time limit or ends the script with an error.
 */
#ifndef SELFTESTS_SCRIPT_H
#define SELFTESTS_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "snl.h"
#include "wire.h"

#define SCRIPT_ENDS	8
#define SCRIPT_WORDS	512

struct pump;

/**
 * struct end - one side of a connection
 * @name: how the script calls it
 * @netns: where its sockets, requests and devices are; "" = the caller's
 * @addr: address it listens on or connects from
 * @sock: kTLS socket while it is in our hands, else -1
 * @session: session fd, or -1
 * @tap: packet socket on @tap_dev, or -1
 * @tap_ifindex: interface of @tap
 * @id: session id, 0 before attach
 * @rx: decrypted stream that no command has asked for yet
 * @pump: userspace tunnel of this end, or NULL
 */
struct end {
	char name[16];
	char netns[64];
	char addr[64];
	int sock;
	int session;
	int tap;
	int tap_ifindex;
	uint32_t id;
	struct wire_buf rx;
	struct pump *pump;
};

/**
 * struct script - a running script
 * @ends: those named on the command line
 * @timeout_ms: how long a command may wait for what it expects
 * @stay: do not change namespaces any more (after "userns")
 * @noted: the counter that "note" has kept
 * @error: what went wrong, for the failed line
 */
struct script {
	struct end ends[SCRIPT_ENDS];
	int n_ends;
	int timeout_ms;
	bool stay;
	uint64_t noted;
	struct nl_sock *monitor;
	char error[1024];
};

/**
 * struct command - one word of the language
 * @name: the word
 * @wants_end: it acts for one end, named before it
 * @run: 0, or -1 with script->error set
 * @usage: its arguments, for the message on misuse
 */
struct command {
	const char *name;
	bool wants_end;
	int (*run)(struct script *s, struct end *end, int argc, char **argv);
	const char *usage;
};

/* Tables end with an entry without a name. */
extern const struct command cmd_net_table[];
extern const struct command cmd_session_table[];
extern const struct command cmd_tap_table[];
extern const struct command cmd_pump_table[];
extern const struct command cmd_mixed_table[];
extern const struct command cmd_load_table[];
extern const struct command cmd_process_table[];
extern const struct command cmd_hostile_table[];
extern const struct command cmd_many_table[];
extern const struct command cmd_wait_table[];
extern const struct command cmd_torture_table[];
/* All of them; NULL ends the list. */
extern const struct command *const script_tables[];

int script_add_end(struct script *s, const char *spec);
int script_run(struct script *s, FILE *in);
/* One line, from a command that is made of others. 0, or -1 with s->error set. */
int script_do(struct script *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void script_close(struct script *s);

/* Set the error of the current line; always -1. */
int script_fail(struct script *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct end *script_end(struct script *s, const char *name);
int script_enter(struct script *s, const struct end *end);

/* "key=value" among @argv: its value, or @fallback. */
const char *script_option(int argc, char **argv, const char *key,
			  const char *fallback);
int script_option_uint(struct script *s, int argc, char **argv, const char *key,
		       uint32_t *value);

/* Build the words that are no "key=value" and not a "fails" clause. */
int script_bytes(struct script *s, int argc, char **argv, struct wire_buf *buf);

/*
 * Judge the outcome of an operation against a "fails ERRNO [TEXT...]" clause
 * at the end of @argv: @error is a positive errno or 0, @text what came with it.
 */
int script_outcome(struct script *s, int argc, char **argv, int error,
		   const char *text);

/* Say how @got differs from @want; @what names the two. */
int script_compare(struct script *s, const char *what, const uint8_t *want,
		   size_t want_len, const uint8_t *got, size_t got_len);

#endif /* SELFTESTS_SCRIPT_H */
