/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came with the login of a session of the server, carried out in the
 * parent: time limits, accounting records.
 */
#ifndef SSTPD_METERING_H
#define SSTPD_METERING_H

#include "boundary/msg.h"
#include "lib/reason.h"
#include "parent/children.h"
#include "parent/table.h"

/**
 * metering_init() - before the first session
 * @radius: where accounting records go, NULL = nowhere
 * @interim_s: seconds between interim updates unless granted, 0 = none
 * @disconnect: how to end a session that has used up its time
 */
void metering_init(const struct child *radius, uint32_t interim_s,
		bool (*disconnect)(uint32_t id, enum reason reason));

/** metering_up() - the tunnel of @e stands; no-op in the client role */
void metering_up(struct entry *e);

/** metering_resume() - its clocks go on as the record says that another process kept */
void metering_resume(struct entry *e);

/** metering_change() - a RADIUS server changes its mind */
void metering_change(struct entry *e, const struct msg_grant_change *change);

/** metering_go_on() - tell the first radius process of the sessions that are up already */
void metering_go_on(void);
/** metering_recall() - tell a new radius process what the one before it did not take,
 *	and of the sessions that are up */
void metering_recall(void);

/** metering_move() - @e goes on with the session that was @old's, with its clocks */
void metering_move(struct entry *e, struct entry *old);

/** metering_down() - the session is over, its interface still there */
void metering_down(struct entry *e, enum reason reason);

#endif /* SSTPD_METERING_H */
