// SPDX-License-Identifier: GPL-2.0-or-later
/* A request on the control socket, with one session to show. */
#include "parent/control.c"

#include "parent/key_limit.h"

#include "fuzz.h"

/* In place of the parent and the kernel. */
static bool disconnect(uint32_t id, enum reason reason)
{
	FUZZ_CHECK(reason == REASON_ADMIN);
	return id == 7;
}

static unsigned int disconnect_user(const char *name)
{
	return !strcmp(name, "al\"ice\\");
}

static uint64_t stat_of(enum stats_id which)
{
	return which;
}

static bool reload(conf_report report, void *ctx)
{
	report(ctx, "sstpd.conf:1: an \"error\"");
	return false;
}

static const char *reconnect(const char *name)
{
	return *name == 'h' ? NULL : "no client of that name";
}

static const struct control_ops ops = { reload, reload, disconnect, reconnect,
					disconnect_user, stat_of };

bool lease_free(uint64_t *n)
{
	*n = 1;
	return true;
}

void tunnel_count_all(struct netcfg_counts *sum)
{
	sum->rx_bytes = 7;
}

void tunnel_counts(const struct entry *e, struct netcfg_counts *counts)
{
	*counts = (struct netcfg_counts){ .rx_bytes = e->id, .tx_bytes = e->id };
}

const char *tunnel_client_name(const struct entry *e)
{
	return e->user;
}

int tunnel_stats(const struct entry *e, struct nl_sstp_stats *stats, struct nl_err *err)
{
	*stats = (struct nl_sstp_stats){ .has = ~UINT64_C(0), .drops = { e->id } };
	err->code = 0;
	return 0;
}

static void add_session(void)
{
	struct entry *e = table_add(7);

	e->server = true;
	e->up = true;
	e->net.ipv4 = e->net.ipv6 = true;
	strcpy(e->user, "al\"ice\\");
	strcpy(e->ifname, "sstp0");
}

/* An error with nothing beside it but what is wrong, or what was asked for. */
static void check_answer(struct json_object *o)
{
	int members = json_object_is_type(o, json_type_object) ?
		      json_object_object_length(o) : 0;

	FUZZ_CHECK(members > 0);
	if (json_object_object_get_ex(o, "error", NULL))
		FUZZ_CHECK(members == 1 + json_object_object_get_ex(o, "complaints", NULL));
}

/* The answer is one JSON object. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_conn conn = { .fd = -1 };
	char line[CONTROL_LINE_MAX];
	struct json_object *o, *again;

	static const struct conf_main conf = { .key_limit = 1000 };

	control.ops = &ops;
	key_limit_init(&conf, disconnect, NULL);
	if (!table_count())
		add_session();
	if (size >= sizeof(line) || memchr(data, '\n', size))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	o = control_answer(&conn, line);
	while (conn.show)
		control_show_some(&conn);
	if (o)
		control_put_json(&conn, o);
	control_put(&conn, "", 1);
	again = json_tokener_parse(conn.out);
	check_answer(again);
	json_object_put(again);
	json_object_put(o);
	free(conn.out);
	return 0;
}
