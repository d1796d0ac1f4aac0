// SPDX-License-Identifier: GPL-2.0-only
/*
 * SSTP data path over kTLS.
 *
 * A file a concept. Each includes only what stands below it (its own header aside,
 * and trace.h, which drop.c makes):
 *
 *	main			loads and unloads
 *	netlink			the way in
 *	life			how a session begins and ends
 *	rx, tx			the packets
 *	rekey			keys that change
 *	ethtool, limit, socket	a device's counters; how much may wait; the kTLS socket
 *	device, slot		the network device; each of its connections
 *	ctrl, drop, segment, source
 *				the session fd; packets that do not get through; GSO; where
 *				they may come from
 *	trace			tracepoints
 *	session			what a session is, who owns what, the registry
 *	join			GRO
 *	frame, pool, store, turn	the wire format; memory to read to, and for payload;
 *				when a work runs
 *	tls_keys		a kTLS socket gets its next key
 *	buffer, copy, netlink-gen, proto, tls, tls_derive
 */
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include <linux/sstp.h>

#include "copy.h"
#include "device.h"
#include "ethtool.h"
#include "netlink.h"
#include "pool.h"
#include "turn.h"

static int __init sstp_module_init(void)
{
	int err;

	sstp_copy_init();

	/*
	 * Encryption may run on another CPU than the stack. Where there is no other, the
	 * works take turns instead of one another's time.
	 */
	sstp_wq = alloc_workqueue("sstp", WQ_HIGHPRI | WQ_SYSFS | WQ_MEM_RECLAIM |
				  (num_possible_cpus() == 1 ? WQ_PERCPU : WQ_UNBOUND), 0);
	if (!sstp_wq)
		return -ENOMEM;
	err = sstp_pool_init();
	if (err)
		goto err_wq;
	err = sstp_dev_register(&sstp_ethtool_ops);
	if (err)
		goto err_pool;
	err = sstp_nl_register();
	if (err)
		goto err_dev;
	return 0;

err_dev:
	sstp_dev_unregister();
err_pool:
	sstp_pool_exit();
err_wq:
	destroy_workqueue(sstp_wq);
	return err;
}

/* Open session fds hold the module: there are no sessions left here. */
static void __exit sstp_module_exit(void)
{
	sstp_nl_unregister();
	sstp_dev_unregister();
	destroy_workqueue(sstp_wq);
	sstp_pool_exit();
}

module_init(sstp_module_init);
module_exit(sstp_module_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SSTP (MS-SSTP) data path over kTLS");
MODULE_AUTHOR("ksstp");
MODULE_ALIAS_RTNL_LINK("sstp");
MODULE_ALIAS_GENL_FAMILY("sstp");
