// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_value.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

const char *ctl_text(struct json_object *o, const char *key)
{
	struct json_object *value = ctl_object(o, key);

	return value ? json_object_get_string(value) : "";
}

int64_t ctl_number(struct json_object *o, const char *key)
{
	return json_object_get_int64(ctl_object(o, key));
}

struct json_object *ctl_object(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

/* Divides @value until it is below 1000; returns how often. */
static unsigned int ctl_scale(double *value)
{
	unsigned int unit = 0;

	while (*value >= 1000 && unit < 5) {
		*value /= 1000;
		unit++;
	}
	return unit;
}

void ctl_show_bytes(double bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	unsigned int unit = ctl_scale(&bytes);

	snprintf(text, size, "%.*f %s", unit ? 1 : 0, bytes, units[unit]);
}

void ctl_show_bits(double bits, char *text, size_t size)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P" };
	unsigned int unit = ctl_scale(&bits);

	snprintf(text, size, "%.*f %sbit/s", unit ? 1 : 0, bits, units[unit]);
}

void ctl_short_number(double value, char *text, size_t size)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P" };
	unsigned int unit = ctl_scale(&value);

	snprintf(text, size, "%.*f%s", unit ? 1 : 0, value, units[unit]);
}

void ctl_show_duration(long seconds, char *text, size_t size)
{
	long days = seconds / 86400;
	long hours = seconds / 3600 % 24;
	long minutes = seconds / 60 % 60;

	if (days)
		snprintf(text, size, "%ld day%s %ld h", days,
			 days == 1 ? "" : "s", hours);
	else if (hours)
		snprintf(text, size, "%ld h %ld min", hours, minutes);
	else if (minutes)
		snprintf(text, size, "%ld min %ld s", minutes, seconds % 60);
	else
		snprintf(text, size, "%ld s", seconds);
}

void ctl_short_duration(long seconds, char *text, size_t size)
{
	long days = seconds / 86400;
	long hours = seconds / 3600 % 24;
	long minutes = seconds / 60 % 60;

	if (days > 99)
		snprintf(text, size, "%ldd", days);
	else if (days)
		snprintf(text, size, "%ldd%ldh", days, hours);
	else if (hours)
		snprintf(text, size, "%ldh%ldm", hours, minutes);
	else if (minutes)
		snprintf(text, size, "%ldm%lds", minutes, seconds % 60);
	else
		snprintf(text, size, "%lds", seconds);
}

void ctl_short_delay(double us, char *text, size_t size)
{
	double ms = us / 1000;

	if (ms >= 1000)
		snprintf(text, size, "%.1fs", ms / 1000);
	else
		snprintf(text, size, "%.*fms", ms < 100 ? 1 : 0, ms);
}

void ctl_host(const char *where, char *text, size_t size)
{
	size_t len = strlen(where);
	const char *colon = strrchr(where, ':');

	if (*where == '[') {
		where++;
		len = strcspn(where, "]");
	} else if (colon && colon == strchr(where, ':')) {
		len = (size_t)(colon - where);
	}
	snprintf(text, size, "%.*s", (int)len, where);
}
