/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors of the parent, which holds one of each session. The last of them are no
 * session's: with them a child that dies is replaced, a reload reads its files, sstpctl
 * is answered.
 */
#ifndef SSTPD_DESCRIPTORS_H
#define SSTPD_DESCRIPTORS_H

#include <stdbool.h>

#include "conf/conf.h"

/**
 * descriptors_have_room() - for one more session?
 * @coming: sessions that will take theirs in a moment
 *
 * They are given out from below: the next one says how many there are at least.
 */
bool descriptors_have_room(const struct conf *conf, unsigned int coming);

#endif /* SSTPD_DESCRIPTORS_H */
