/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oldest point release of each kernel series whose kTLS has no known bug that
 * loses data or memory (README.md has the list of them).
 */
#ifndef SSTPD_KERNEL_FLOOR_H
#define SSTPD_KERNEL_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

/**
 * kernel_floor_ok() - is this kernel one of them, or newer?
 * @release: uname -r
 * @version: uname -v, where Debian tells the point release
 * @text: otherwise receives what to say, of @size bytes
 *
 * A series that the table does not have is ok: nothing is known against it.
 */
bool kernel_floor_ok(const char *release, const char *version, char *text,
		     size_t size);

#endif /* SSTPD_KERNEL_FLOOR_H */
