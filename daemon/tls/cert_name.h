/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a certificate of a client is about. */
#ifndef SSTPD_CERT_NAME_H
#define SSTPD_CERT_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

/** cert_common_name() - of the subject; empty if there is none, or an odd one */
void cert_common_name(X509 *cert, char *name, size_t size);

/**
 * cert_is_of() - does @cert name user @name?
 *
 * As the subject's common name, or as an alternative name: an e-mail address, or
 * the principal name that Windows' certificates have. Letter by letter, or with
 * @fold whatever its capitals.
 */
bool cert_is_of(X509 *cert, const char *name, bool fold);

#endif /* SSTPD_CERT_NAME_H */
