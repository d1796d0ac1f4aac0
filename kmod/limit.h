/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_LIMIT_H
#define _SSTP_LIMIT_H

struct sstp_session;

void sstp_limit_update(struct sstp_session *s);

#endif /* _SSTP_LIMIT_H */
