// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration file. */
#include <sys/mman.h>
#include <unistd.h>

#include "conf/conf.h"
#include "fuzz.h"

static char path[32];
static unsigned int lines;

/* Each complaint names the file and the line. */
static void on_report(void *ctx, const char *line)
{
	(void)ctx;
	FUZZ_CHECK(!strncmp(line, path, strlen(path)));
	lines++;
}

static void check(const struct conf *conf)
{
	FUZZ_CHECK(conf->has_server || conf->n_clients);
	FUZZ_CHECK(conf->n_clients <= CONF_CLIENTS_MAX);
	for (uint32_t i = 0; i < conf->n_clients; i++) {
		const struct conf_client *c = &conf->clients[i];

		FUZZ_CHECK(*c->name && *c->server && *c->user && c->port);
		FUZZ_CHECK(c->n_routes <= CONF_ROUTES_MAX);
		FUZZ_CHECK(c->link.mtu >= 576 && c->link.mtu <= 4087);
		FUZZ_CHECK(*conf->secrets[i].password);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf conf;
	static int fd = -1;
	unsigned int errors;

	if (fd < 0) {
		fd = memfd_create("conf", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	lines = 0;
	errors = conf_load(&conf, path, on_report, NULL);
	FUZZ_CHECK(lines >= errors);
	if (!errors)
		check(&conf);
	conf_clear(&conf);
	return 0;
}
