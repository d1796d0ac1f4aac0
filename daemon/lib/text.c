// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/text.h"

#include <stdint.h>
#include <string.h>

#define TEXT_REPLACEMENT	"\xef\xbf\xbd"

/* How many bytes follow the first one, and the least that they may stand for. */
static size_t text_follow(uint8_t first, uint32_t *least)
{
	static const uint32_t leasts[] = { 0, 0x80, 0x800, 0x10000 };
	size_t n = 0;

	if (first >= 0xc0 && first < 0xf8)
		n = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	*least = leasts[n];
	return n;
}

size_t text_char(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	uint32_t least, c = p[0];
	size_t n, i;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	n = text_follow(p[0], &least);
	if (!n)
		return 0;
	c &= 0x3fu >> n;
	for (i = 1; i <= n; i++) {
		/* The end of the string is no such byte either. */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0)
		return 0;
	return n + 1;
}

void text_clean(const char *s, char *out, size_t size)
{
	const char *from;
	size_t used = 0, n, len;

	for (; *s; s += n) {
		len = n = text_char(s);
		from = s;
		if (!n) {
			from = TEXT_REPLACEMENT;
			len = strlen(TEXT_REPLACEMENT);
			n = 1;
		}
		if (used + len >= size)
			break;
		memcpy(out + used, from, len);
		used += len;
	}
	out[used] = '\0';
}
