/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of one sstpd, for root alone, in memory (/run). Certificates and keys of the
 * user's are copied there: they may be where sstpd's AppArmor profile does not let it read,
 * and a key may be encrypted.
 */
#ifndef SSTPD_NM_FILES_H
#define SSTPD_NM_FILES_H

#include <glib.h>
#include <stdbool.h>

#include "nm/nm_conf.h"

/** nm_files_write() - make @dir, and all of @conf in it; @name: of the configuration */
bool nm_files_write(const char *dir, const char *name, const struct nm_conf *conf,
		    GError **error);

/** nm_files_forget_secrets() - what sstpd has read, and will not read again */
void nm_files_forget_secrets(const char *dir);

/** nm_files_remove() - @dir and all in it; no-op if it is not there */
void nm_files_remove(const char *dir);

#endif /* SSTPD_NM_FILES_H */
