/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of strangers, such as the name that somebody claims, made fit to be shown. */
#ifndef SSTPD_TEXT_H
#define SSTPD_TEXT_H

#include <stddef.h>

/**
 * text_char() - bytes of the character that @s begins with
 *
 * Return: 0 if it is none that may be shown: no UTF-8 (RFC 3629), or a control
 * character of ASCII or Latin-1, which drive terminals.
 */
size_t text_char(const char *s);

/** text_clean() - copy @s, U+FFFD for each byte of what may not be shown */
void text_clean(const char *s, char *out, size_t size);

#endif /* SSTPD_TEXT_H */
