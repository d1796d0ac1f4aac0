/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version of all that is built from this tree; the Makefile reads it here. */
#ifndef SSTPD_VERSION_H
#define SSTPD_VERSION_H

#define SSTPD_VERSION	"0.1.0"

#endif /* SSTPD_VERSION_H */
