/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came with the login of a session of the server, carried out in the
 * parent: time limits, accounting records.
 */
#ifndef SSTPD_GRANT_H
#define SSTPD_GRANT_H

#include "children.h"
#include "msg.h"
#include "table.h"

/**
 * grant_init() - before the first session
 * @radius: where accounting records go, if there is such a process
 * @interim_s: seconds between interim updates unless granted, 0 = none
 * @disconnect: how to end a session that has used up its time
 */
void grant_init(const struct child *radius, uint32_t interim_s,
		bool (*disconnect)(uint32_t id, enum reason reason));

/** grant_up() - the tunnel of @e stands; no-op in the client role */
void grant_up(struct entry *e);

/** grant_change() - a RADIUS server changes its mind */
void grant_change(struct entry *e, const struct msg_grant_change *change);

/** grant_recall() - tell a new radius process of the sessions that are up */
void grant_recall(void);

/** grant_down() - the session is over, its interface still there */
void grant_down(struct entry *e, enum reason reason);

#endif /* SSTPD_GRANT_H */
