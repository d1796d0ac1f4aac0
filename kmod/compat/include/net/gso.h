/* SPDX-License-Identifier: GPL-2.0-only */
/* Before 6.5, skb_gso_segment() was declared in <linux/netdevice.h>. */
#include <linux/netdevice.h>
