/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenSSL's errors as text. */
#ifndef SSTPD_TLS_ERROR_H
#define SSTPD_TLS_ERROR_H

#include <stddef.h>

/** tls_error_text() - what OpenSSL calls the error, one line; empties its queue */
void tls_error_text(char *text, size_t size);

#endif /* SSTPD_TLS_ERROR_H */
