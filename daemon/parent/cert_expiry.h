/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Until when the certificates are good that this daemon shows, and OCSP responses: the log
 * warns of the end in time, metrics, `sstpctl show server` and `sstpd -t` have the date. A certificate of today lives for weeks.
 */
#ifndef SSTPD_CERT_EXPIRY_H
#define SSTPD_CERT_EXPIRY_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include <json-c/json.h>

#include "conf/conf.h"

/** cert_expiry_start() - of @conf, which must stay valid; what it says may change */
void cert_expiry_start(const struct conf *conf);
/** cert_expiry_look() - the configuration was read again */
void cert_expiry_look(void);
void cert_expiry_stop(void);

/**
 * cert_expiry_of() - until when is @path good, as it is in force?
 * @ocsp: it is an OCSP response; else a certificate
 *
 * Return: false if it is none, or the path is empty.
 */
bool cert_expiry_of(const char *path, bool ocsp, time_t *until);

/** cert_expiry_print() - what there is in @conf, a line each: `sstpd -t` */
void cert_expiry_print(const struct conf *conf, FILE *out);

/**
 * cert_expiry_samples() - for metrics: an array of file and end, in seconds of Unix time
 * @ocsp: of OCSP responses, which nobody alerts of two weeks ahead; else certificates
 */
struct json_object *cert_expiry_samples(bool ocsp);

/** cert_expiry_report() - for people: file, use, until, seconds_left */
struct json_object *cert_expiry_report(void);

/**
 * cert_expiry_due() - is it to be said now that @left seconds are left?
 * @said: how many days were left when it was said last, 0 = it was not
 *
 * Return: days that are left, rounded up, if another of the steps 30, 7 and 1 was
 * reached since; else 0.
 */
unsigned int cert_expiry_due(time_t left, unsigned int said);

/** cert_expiry_ocsp_due() - the same of an OCSP response: once, with a day left or less */
unsigned int cert_expiry_ocsp_due(time_t left, unsigned int said);

#endif /* SSTPD_CERT_EXPIRY_H */
