// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls/cert_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509v3.h>

#define CERT_NAME_MAX	256

/* As text. A NUL inside would cut the name down to that of someone else. */
static bool cert_text(const ASN1_STRING *from, char *name, size_t size)
{
	unsigned char *text = NULL;
	int len = ASN1_STRING_to_UTF8(&text, from);
	bool ok = len > 0 && (size_t)len < size && !memchr(text, '\0', (size_t)len);

	if (ok)
		snprintf(name, size, "%.*s", len, (char *)text);
	OPENSSL_free(text);
	return ok;
}

void cert_common_name(X509 *cert, char *name, size_t size)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	*name = '\0';
	if (at >= 0)
		cert_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), name, size);
}

/* The string inside an alternative name, NULL if it is of no kind for users. */
static const ASN1_STRING *cert_alternative(const GENERAL_NAME *alt)
{
	if (alt->type == GEN_EMAIL)
		return alt->d.rfc822Name;
	if (alt->type == GEN_OTHERNAME &&
	    OBJ_obj2nid(alt->d.otherName->type_id) == NID_ms_upn &&
	    alt->d.otherName->value->type == V_ASN1_UTF8STRING)
		return alt->d.otherName->value->value.utf8string;
	return NULL;
}

bool cert_is_of(X509 *cert, const char *name, bool fold)
{
	int (*compare)(const char *a, const char *b) = fold ? strcasecmp : strcmp;
	GENERAL_NAMES *alts = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	char text[CERT_NAME_MAX];
	const ASN1_STRING *alt;
	bool is_of;

	cert_common_name(cert, text, sizeof(text));
	is_of = *name && !compare(text, name);
	for (int i = 0; i < sk_GENERAL_NAME_num(alts); i++) {
		alt = cert_alternative(sk_GENERAL_NAME_value(alts, i));
		is_of |= alt && cert_text(alt, text, sizeof(text)) &&
			 !compare(text, name);
	}
	GENERAL_NAMES_free(alts);
	return is_of;
}
