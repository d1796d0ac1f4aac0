// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/tls_error.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

void tls_error_text(char *text, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	/* What the socket said: OpenSSL leaves that to strerror(). */
	if (ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	snprintf(text, size, "%s", reason ? reason : "unknown TLS error");
	ERR_clear_error();
}
