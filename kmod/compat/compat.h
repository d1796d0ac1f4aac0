/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included ahead of every file: gives older kernels the interfaces of current
 * ones. kmod/compat/probe finds out what there is.
 */
#ifndef _SSTP_COMPAT_H
#define _SSTP_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/tls.h>
#include <net/netlink.h>

#ifndef NLA_POLICY_MAX_LEN
#define NLA_POLICY_MAX_LEN(_len) { .type = NLA_BINARY, .len = (_len) }
#endif /* NLA_POLICY_MAX_LEN */

#ifndef kzalloc_obj
#define kzalloc_obj(_of, _gfp) kzalloc(sizeof(_of), _gfp)
#define kzalloc_flex(_of, _member, _n, _gfp) \
	kzalloc(struct_size((typeof(_of) *)NULL, _member, _n), _gfp)
#define kzalloc_objs(_of, _n, _gfp) kcalloc(_n, sizeof(_of), _gfp)
#endif /* kzalloc_obj */

#ifndef HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif /* HAVE_HRTIMER_SETUP */

#ifndef HAVE_WQ_PERCPU
/* What a queue was, unless it said otherwise. */
#define WQ_PERCPU 0
#endif /* HAVE_WQ_PERCPU */

#ifdef SSTP_COMPAT_NO_PAD_BROKEN
/*
 * No option at all: kTLS refuses it, and goes on not to expect it, which is slower, and
 * right where its way of doing a record over loses bytes.
 */
#undef TLS_RX_EXPECT_NO_PAD
#define TLS_RX_EXPECT_NO_PAD 0
#endif /* SSTP_COMPAT_NO_PAD_BROKEN */

#ifndef HAVE_SKB_FRAGS_READABLE
/* All payload is readable where there is no device memory. */
#define skb_frags_readable(skb) ((void)(skb), true)
#endif /* HAVE_SKB_FRAGS_READABLE */

#ifndef HAVE_GENL_SPLIT_OPS
#include <net/genetlink.h>

int sstp_compat_genl_register(struct genl_family *family);
#define genl_register_family(family) sstp_compat_genl_register(family)
#endif /* HAVE_GENL_SPLIT_OPS */

#endif /* _SSTP_COMPAT_H */
