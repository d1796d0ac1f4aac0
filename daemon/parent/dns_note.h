/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that says what others were told of the tunnels' name servers, so that the next
 * sstpd knows it, whatever became of this one: it goes on with it, or takes it back.
 */
#ifndef SSTPD_DNS_NOTE_H
#define SSTPD_DNS_NOTE_H

#include "parent/dns_plan.h"

/** struct dns_note - what was told because of client @name */
struct dns_note {
	char name[CONF_NAME_MAX];
	struct dns_told told;
};

/**
 * dns_note_read() - what is in the file
 *
 * Return: how many; 0 without a file. What cannot be understood is left out.
 */
unsigned int dns_note_read(const char *path, struct dns_note *notes, unsigned int max);

/** dns_note_write() - the whole of it anew; none: no file. Trouble is logged */
void dns_note_write(const char *path, const struct dns_note *notes, unsigned int n);

#endif /* SSTPD_DNS_NOTE_H */
