/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of the configuration as they were when it was accepted: certificates, keys,
 * CAs, OCSP responses, accounts. A process that is started later gets these, not what
 * somebody is writing to the disk just then; and what was checked is what is used.
 */
#ifndef SSTPD_KEPT_H
#define SSTPD_KEPT_H

#include <stdbool.h>
#include <stddef.h>

enum kept_kind {
	KEPT_PLAIN,
	KEPT_SECRET,	/* other users of the machine must not be able to read it */
};

/**
 * kept_open() - a descriptor of its own for the bytes of @path, at their beginning
 *
 * The disk is read if the file is not kept yet, or not in the draft that is open.
 *
 * Return: descriptor, or -1 with the reason in @err.
 */
int kept_open(const char *path, enum kept_kind kind, char *err, size_t err_len);

/**
 * kept_is_current() - has @path on the disk the bytes that are in force?
 *
 * Return: false also if it cannot be read, or is not kept.
 */
bool kept_is_current(const char *path, enum kept_kind kind);

/** kept_begin() - a draft: from now on files are read from the disk again */
void kept_begin(void);
/** kept_accept() - what the draft has counts; @all: and nothing else does */
void kept_accept(bool all);
/** kept_refuse() - the draft was no good, what was there before still counts */
void kept_refuse(void);

/** kept_lock() - no swap space for them; a fork() takes that away */
void kept_lock(void);
/** kept_wipe() - at the end */
void kept_wipe(void);

#endif /* SSTPD_KEPT_H */
