/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of the daemon's answers, and figures as people read them. */
#ifndef SSTPD_CTL_VALUE_H
#define SSTPD_CTL_VALUE_H

#include <stddef.h>
#include <stdint.h>

struct json_object;

/** ctl_text() - member @key of @o, "" if there is none */
const char *ctl_text(struct json_object *o, const char *key);
/** ctl_number() - the same as a number, 0 if there is none */
int64_t ctl_number(struct json_object *o, const char *key);
/** ctl_object() - the same as it is, NULL if there is none */
struct json_object *ctl_object(struct json_object *o, const char *key);

/** ctl_show_bytes() - "1.5 GB"; @text has room for 16 characters */
void ctl_show_bytes(double bytes, char *text, size_t size);

/** ctl_show_bits() - "1.5 Gbit/s"; @text has room for 24 characters */
void ctl_show_bits(double bits, char *text, size_t size);

/** ctl_show_duration() - "3 days 4 h", "5 h 6 min", "7 min 8 s", "9 s" */
void ctl_show_duration(long seconds, char *text, size_t size);

/* For the cells of a table: at most 6 characters each. */

/** ctl_short_number() - "999", "1.5k", "999.9G" */
void ctl_short_number(double value, char *text, size_t size);
/** ctl_short_duration() - "3d4h", "5h6m", "7m8s", "9s" */
void ctl_short_duration(long seconds, char *text, size_t size);
/** ctl_short_delay() - "0.2ms", "123ms", "12.3s" */
void ctl_short_delay(double us, char *text, size_t size);

/** ctl_host() - "192.0.2.1" of "192.0.2.1:443", "2001:db8::1" of "[2001:db8::1]:443" */
void ctl_host(const char *where, char *text, size_t size);

#endif /* SSTPD_CTL_VALUE_H */
