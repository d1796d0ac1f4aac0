/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of sstpctl's output share. */
#ifndef TESTS_CTL_RIG_H
#define TESTS_CTL_RIG_H

#include "lib/text.h"

/* Every line has at most 80 columns; a character takes one. */
static inline void assert_eighty_columns(const char *text)
{
	const char *line = text;
	size_t n, columns = 0;

	for (; *text; text += n) {
		n = text_char(text);
		columns = *text == '\n' ? 0 : columns + 1;
		if (!columns) {
			line = text + 1;
			n = 1;
		}
		assert_int_not_equal(n, 0);
		if (columns > 80)
			fail_msg("more than 80 columns: %.*s",
				 (int)strcspn(line, "\n"), line);
	}
}

#endif /* TESTS_CTL_RIG_H */
