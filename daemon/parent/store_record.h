/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session as bytes, for the sstpd that comes after this one, which may be older or
 * newer: a list of fields, each with its number and its length. Pure.
 *
 * Integers are as this machine has them, text and arrays without the zeros at their
 * end, and what is zero is not there. So a reader skips fields that it does not know,
 * finds zero in those that the writer did not know, and takes longer arrays and texts
 * as they grow. A number never changes its meaning; one that is not used any more is
 * never given again.
 */
#ifndef SSTPD_STORE_RECORD_H
#define SSTPD_STORE_RECORD_H

#include "parent/table.h"

/* No record is longer; a static assertion sees to it. */
#define STORE_RECORD_MAX	8000

/**
 * store_record_write() - @e as bytes, with what its engine said of its link (@e->state),
 *	which it must have said of one on the kernel path
 * @client: name of the [client] that it is of, empty in the server's role
 * @out: STORE_RECORD_MAX bytes
 *
 * Return: bytes written.
 */
size_t store_record_write(const struct entry *e, const char *client, uint8_t *out);

/** store_record_id() - number of the session, 0 if this is no record */
uint32_t store_record_id(const uint8_t *in, size_t len);
/** store_record_takes_over() - number of the session that it takes the place of, or 0 */
uint32_t store_record_takes_over(const uint8_t *in, size_t len);

/**
 * store_record_read() - the opposite
 * @e: from table_add(); receives the fields, and a @state of its own
 * @client: receives the name
 *
 * Return: false if it is none that can be read; @e is not to be used then.
 */
bool store_record_read(const uint8_t *in, size_t len, struct entry *e,
		       char client[CONF_NAME_MAX]);

/**
 * store_record_field() - the table, for the test that keeps it as it is
 *
 * Return: false beyond its end.
 */
bool store_record_field(size_t i, uint16_t *number, size_t *size);

#endif /* SSTPD_STORE_RECORD_H */
