// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_watch.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "ctl/ctl_show.h"

int ctl_monitor(const struct ctl *ctl)
{
	FILE *in = ctl_listen(ctl, "monitor\n");
	struct json_object *o, *error;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, in) > 0) {
		o = json_tokener_parse(line);
		if (!o)
			ctl_die("sstpd sent what is no event");
		if (json_object_object_get_ex(o, "error", &error))
			ctl_die("%s", json_object_get_string(error));
		if (ctl->json)
			ctl_json_line(o);
		else
			ctl_show_event(stdout, o);
		fflush(stdout);
		json_object_put(o);
	}
	free(line);
	fclose(in);
	fputs("sstpctl: sstpd has closed the connection\n", stderr);
	return 1;
}
