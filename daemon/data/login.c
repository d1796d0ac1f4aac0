// SPDX-License-Identifier: GPL-2.0-or-later
#include "data/login.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *account_name(const char *user)
{
	const char *domain_end = strrchr(user, '\\');

	return domain_end ? domain_end + 1 : user;
}

struct account account_of(enum account_from from, bool fold, const char *user)
{
	bool folds = fold && from != ACCOUNT_USERS;
	struct account a;

	snprintf(a.key, sizeof(a.key), "%c%s", from, folds ? account_name(user) : user);
	/* Not tolower(): whatever the locale, one name is one account. */
	for (char *p = a.key + 1; folds && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return a;
}

bool account_same(const struct account *a, const struct account *b)
{
	return *a->key && !strcmp(a->key, b->key);
}

bool account_proved(const struct account *a)
{
	return *a->key && *a->key != ACCOUNT_CLAIMED;
}

bool account_same_name(bool fold, const char *a, const char *b)
{
	const struct account x = account_of(ACCOUNT_RADIUS, fold, a);
	const struct account y = account_of(ACCOUNT_RADIUS, fold, b);

	return account_same(&x, &y);
}

bool auth_allows(const struct auth_methods *list, uint8_t ids)
{
	int i;

	for (i = 0; i < AUTH_METHODS_MAX && list->id[i]; i++)
		if (list->id[i] & ids)
			return true;
	return false;
}

const char *auth_method_name(enum auth_method_id id)
{
	switch (id) {
	case AUTH_PAP:
		return "PAP";
	case AUTH_MSCHAPV2:
		return "MS-CHAPv2";
	case AUTH_CHAP_MD5:
		return "CHAP-MD5";
	case AUTH_EAP_MSCHAPV2:
		return "EAP-MSCHAPv2";
	case AUTH_EAP_TLS:
		return "EAP-TLS";
	case AUTH_PEAP:
		return "PEAP";
	case AUTH_EAP_RADIUS:
		return "EAP by RADIUS";
	}
	return "nothing";
}
