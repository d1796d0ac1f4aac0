/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the engine need of the process around them. */
#ifndef SSTPD_ENGINE_H
#define SSTPD_ENGINE_H

#include <stdint.h>

/** engine_tell() - send the parent a message without descriptor */
void engine_tell(uint32_t type, const void *body);

/** engine_tell_fd() - the same with @fd, which is owned by the call */
void engine_tell_fd(uint32_t type, const void *body, int fd);

/** engine_no_kernel() - why no session can take the kernel path; "" = it can */
const char *engine_no_kernel(void);

/** engine_session_gone() - a session was freed */
void engine_session_gone(void);

#endif /* SSTPD_ENGINE_H */
