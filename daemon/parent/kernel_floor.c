// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/kernel_floor.h"

#include <stdio.h>
#include <string.h>

/* CVE-2026-74611, and for 6.12 also data lost under back-pressure (6.12.113). */
static const struct kernel_floor {
	unsigned int major;
	unsigned int minor;
	unsigned int point;
} kernel_floors[] = {
	{ 6, 1, 192 },
	{ 6, 12, 115 },
};

static bool kernel_read(const char *text, struct kernel_floor *k)
{
	k->point = 0;
	return sscanf(text, "%u.%u.%u", &k->major, &k->minor, &k->point) >= 2;
}

/*
 * Debian 12 calls 6.1.176 "6.1.0-50-amd64", and has the number that counts in
 * "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-06-28)".
 */
static bool kernel_running(const char *release, const char *version,
			   struct kernel_floor *k)
{
	const char *debian = strstr(version, "Debian ");

	return (debian && kernel_read(debian + strlen("Debian "), k)) ||
	       kernel_read(release, k);
}

bool kernel_floor_ok(const char *release, const char *version, char *text,
		     size_t size)
{
	const struct kernel_floor *floor;
	struct kernel_floor k;

	if (!kernel_running(release, version, &k))
		return true;
	for (size_t i = 0; i < sizeof(kernel_floors) / sizeof(*floor); i++) {
		floor = &kernel_floors[i];
		if (k.major != floor->major || k.minor != floor->minor ||
		    k.point >= floor->point)
			continue;
		snprintf(text, size,
			 "kernel %u.%u.%u has bugs in kTLS that lose sessions and data; %u.%u.%u or newer has not",
			 k.major, k.minor, k.point, floor->major, floor->minor,
			 floor->point);
		return false;
	}
	return true;
}
