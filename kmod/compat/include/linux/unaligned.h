/* SPDX-License-Identifier: GPL-2.0-only */
/* Before 6.12, these helpers were in <asm/unaligned.h>. */
#include <asm/unaligned.h>
