/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the configuration has what an account of the users file names: its group, its
 * pools. Warnings, as the daemon's: the configuration may be the next to be written.
 */
#ifndef SSTPD_CTL_NAMES_H
#define SSTPD_CTL_NAMES_H

struct mschap;

/**
 * struct ctl_names - where to look
 * @conf: the configuration, NULL = that of @dir whose users file is @users
 * @dir: where configurations are
 * @users: the users file
 */
struct ctl_names {
	const char *conf;
	const char *dir;
	const char *users;
};

/** ctl_names_warn() - to stderr, of what account @name has; nothing if all is there */
void ctl_names_warn(const struct ctl_names *where, const char *name, struct mschap *mschap);

#endif /* SSTPD_CTL_NAMES_H */
