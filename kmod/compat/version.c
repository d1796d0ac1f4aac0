// SPDX-License-Identifier: GPL-2.0-only
/* In a kernel tree the version is the kernel's. DKMS compares this one. */
#include <linux/module.h>
#include <linux/stringify.h>

MODULE_VERSION(__stringify(SSTP_VERSION));
