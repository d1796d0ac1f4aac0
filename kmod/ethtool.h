/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SSTP_ETHTOOL_H
#define _SSTP_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops sstp_ethtool_ops;

#endif /* _SSTP_ETHTOOL_H */
