/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a struct to the one that it is a member of. */
#ifndef SSTPD_CONTAINER_H
#define SSTPD_CONTAINER_H

#include <stddef.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#endif /* SSTPD_CONTAINER_H */
