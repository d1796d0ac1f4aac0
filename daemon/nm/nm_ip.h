/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session, in NetworkManager's words. */
#ifndef SSTPD_NM_IP_H
#define SSTPD_NM_IP_H

#include <glib.h>

#include "nm/nm_session.h"

/** nm_ip_config() - interface, MTU, the server outside; for SetConfig */
GVariant *nm_ip_config(const struct nm_session *session);

/** nm_ip_config4() - for SetIp4Config; NULL = there is no IPv4 */
GVariant *nm_ip_config4(const struct nm_session *session);

/** nm_ip_config6() - for SetIp6Config; NULL = there is no IPv6, or no address of it yet */
GVariant *nm_ip_config6(const struct nm_session *session);

#endif /* SSTPD_NM_IP_H */
