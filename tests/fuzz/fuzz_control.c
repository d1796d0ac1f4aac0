// SPDX-License-Identifier: GPL-2.0-or-later
/* A request on the control socket, with one session to show. */
#include "control.c"

#include "fuzz.h"

/* In place of the parent and the kernel. */
bool parent_disconnect(uint32_t id)
{
	return id == 7;
}

void tunnel_bytes(const struct entry *e, uint64_t *rx, uint64_t *tx)
{
	*rx = *tx = e->id;
}

const char *tunnel_client_name(const struct entry *e)
{
	return e->user;
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

/* The answer is one JSON object, with an error or with what was asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[CONTROL_LINE_MAX];
	struct json_object *o, *again;

	if (!table_count())
		add_session();
	if (size >= sizeof(line) || memchr(data, '\n', size))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	o = control_answer(line);
	again = json_tokener_parse(json_object_to_json_string(o));
	FUZZ_CHECK(json_object_is_type(again, json_type_object));
	FUZZ_CHECK(json_object_object_length(again) == 1);
	json_object_put(again);
	json_object_put(o);
	return 0;
}
