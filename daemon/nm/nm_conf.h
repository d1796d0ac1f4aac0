/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the settings of a NetworkManager connection to a configuration of sstpd with one
 * [client NAME]: pure. The keys are those of network-manager-sstp, whose editors, and
 * KDE's, write them.
 *
 * Settings come from whoever may change the connection, which need not be root: no value
 * gets into a line that it could end, nor is one taken that sstpd.conf cannot hold.
 */
#ifndef SSTPD_NM_CONF_H
#define SSTPD_NM_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define NM_CONF_MAX	4096
#define NM_CONF_FILES	8
#define NM_CONF_PATH	512

/**
 * struct nm_settings - what NetworkManager has told
 * @data: value of a key, @secret: of a secret one; NULL = there is none
 * @user: of the connection, if no key names one; may be NULL
 * @ifname: of the interface, unless a key says otherwise
 * @dir: where the files of @struct nm_conf will lie
 * @ipv6: is wanted
 */
struct nm_settings {
	const char *(*data)(const void *ctx, const char *key);
	const char *(*secret)(const void *ctx, const char *key);
	const void *ctx;
	const char *user;
	const char *ifname;
	const char *dir;
	bool ipv6;
};

/**
 * struct nm_file - goes beside the configuration, for root alone
 * @name: in the directory
 * @text: what is in it, a line; of @struct nm_settings
 * @from: or a file that it is a copy of, and @more, if not empty, behind it
 * @passphrase: what is encrypted in there is so by that; of @struct nm_settings
 * @key: it is for the key in there; else for what else there is
 */
struct nm_file {
	const char *name;
	const char *text;
	const char *passphrase;
	bool key;
	char from[NM_CONF_PATH];
	char more[NM_CONF_PATH];
};

/**
 * struct nm_conf - all that sstpd gets
 * @text: its configuration
 * @ifname: of the interface
 * @err: why there is none
 */
struct nm_conf {
	char text[NM_CONF_MAX];
	size_t len;
	char ifname[16];
	unsigned int n_files;
	struct nm_file files[NM_CONF_FILES];
	char err[400];
};

/** nm_conf_make() - Return: false with the reason in @conf->err */
bool nm_conf_make(struct nm_conf *conf, const struct nm_settings *s);

/**
 * nm_conf_note() - what there is to say of a key and its value
 *
 * Return: NULL = it counts, or need not
 */
const char *nm_conf_note(const char *key, const char *value);

/** nm_conf_by_certificate() - users log in by certificate, not by password */
bool nm_conf_by_certificate(const struct nm_settings *s);

#endif /* SSTPD_NM_CONF_H */
