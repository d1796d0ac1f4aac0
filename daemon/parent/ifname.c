// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/ifname.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "data/login.h"

static size_t ifname_put_user(char *name, size_t room, const char *user)
{
	const char *c = account_name(user);
	size_t n = 0;

	for (c = *c ? c : user; *c && n < room; c++)
		name[n++] = isalnum((unsigned char)*c) || strchr("-._", *c) ?
			    *c : '_';
	return n;
}

void ifname_from(const char *tmpl, uint32_t number, const char *user,
		   char name[static IFNAMSIZ])
{
	char digits[12];
	size_t n = 0, after;

	snprintf(digits, sizeof(digits), "%u", number);
	memset(name, 0, IFNAMSIZ);
	for (; *tmpl && n < IFNAMSIZ - 1; tmpl++) {
		if (*tmpl != '%') {
			name[n++] = *tmpl;
			continue;
		}
		if (*++tmpl == 'd') {
			n += (size_t)snprintf(name + n, IFNAMSIZ - n, "%s",
					      digits);
		} else {
			/* The user is what is cut: the rest tells them apart. */
			after = strlen(tmpl + 1);
			if (strstr(tmpl + 1, "%d"))
				after += strlen(digits) - 2;
			if (n + after < IFNAMSIZ - 1)
				n += ifname_put_user(name + n,
						     IFNAMSIZ - 1 - n - after,
						     user);
		}
	}
	name[IFNAMSIZ - 1] = '\0';
}
