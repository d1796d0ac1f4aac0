/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_SOURCE_H
#define _SSTP_SOURCE_H

#include <linux/types.h>

struct genl_info;
struct sk_buff;
struct sstp_session;
struct sstp_sources;

struct sstp_sources *sstp_source_parse(const struct genl_info *info);
void sstp_source_set(struct sstp_session *s, struct sstp_sources *sources);
int sstp_source_put(struct sk_buff *msg, const struct sstp_session *s);
bool sstp_source_allowed(const struct sstp_session *s, const u8 *ip, bool ipv6);
void sstp_source_free(struct sstp_session *s);

#endif /* _SSTP_SOURCE_H */
