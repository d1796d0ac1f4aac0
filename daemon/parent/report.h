/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions as JSON objects, for the control socket: sstpctl(8), section JSON,
 * describes every member. Runs in the parent.
 */
#ifndef SSTPD_REPORT_H
#define SSTPD_REPORT_H

#include <stdint.h>

#include <json-c/json.h>

#include "parent/table.h"

/** report_text() - as a string fit to be shown: names may be those of strangers */
struct json_object *report_text(const char *value);
/** report_add() - the same as a member of @o */
void report_add(struct json_object *o, const char *key, const char *value);
void report_add_number(struct json_object *o, const char *key, uint64_t value);

const char *report_path_name(uint32_t kind);

/** report_session() - a session that is up; the object is the caller's */
struct json_object *report_session(const struct entry *e);

/** report_depth() - add what the kernel knows of it: TCP, stream, drops */
void report_depth(struct json_object *o, const struct entry *e);

/** report_failed() - what is known of a session that never was up */
struct json_object *report_failed(const struct entry *e);

/** report_time() - "2026-01-31T23:59:59Z" */
void report_time(struct json_object *o, const char *key, time_t t);

#endif /* SSTPD_REPORT_H */
