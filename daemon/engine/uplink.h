/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's channel to the parent, for all parts of the engine. */
#ifndef SSTPD_UPLINK_H
#define SSTPD_UPLINK_H

#include <stdint.h>

#include "boundary/imsg.h"

/**
 * uplink_open() - serve the channel
 * @cb: gets what the parent sends
 * @quiet: called by uplink_quiet()
 */
void uplink_open(imsg_cb cb, void (*quiet)(void));

/** uplink_tell() - send the parent a message without descriptor */
void uplink_tell(uint32_t type, const void *body);
/** uplink_tell_fd() - the same with @fd, which is owned by the call */
void uplink_tell_fd(uint32_t type, const void *body, int fd);
/** uplink_flush() - wait until all of it is written */
void uplink_flush(void);

/** uplink_quiet() - a session was freed, or a client is done: is anything left? */
void uplink_quiet(void);

#endif /* SSTPD_UPLINK_H */
