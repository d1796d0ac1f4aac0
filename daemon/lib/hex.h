/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SSTPD_HEX_H
#define SSTPD_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** hex_decode() - 2 * @len hex digits and nothing else; else @out is undefined */
bool hex_decode(const char *hex, uint8_t *out, size_t len);

#endif /* SSTPD_HEX_H */
