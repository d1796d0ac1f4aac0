/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of text that fits the terminal: columns are as wide as what is in them, and
 * where that is too much the widest of those that may be cut are cut, with a "+" to show.
 */
#ifndef SSTPD_CTL_TABLE_H
#define SSTPD_CTL_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define CTL_COLUMNS	80	/* of a terminal that does not say */

/** enum ctl_bars - what the terminal can */
enum ctl_bars {
	CTL_BARS_NO,
	CTL_BARS_ASCII,
	CTL_BARS_BLOCKS,	/* it knows U+2588 to U+258F */
};

/**
 * struct ctl_column
 * @right: numbers, their ends below each other
 * @least: columns that must be left of it, 0 = it is never cut
 */
struct ctl_column {
	const char *title;
	bool right;
	unsigned int least;
};

struct ctl_table;

/** ctl_table_new() - of @n @columns, which must stay valid; ends the program if it cannot */
struct ctl_table *ctl_table_new(const struct ctl_column *columns, unsigned int n);
void ctl_table_free(struct ctl_table *table);

/** ctl_table_add() - the next cell, line by line; the text is copied */
void ctl_table_add(struct ctl_table *table, const char *text);

/** ctl_table_number() - the same of a number, see ctl_short_number() */
void ctl_table_number(struct ctl_table *table, double value);

/** ctl_table_bar() - how long the bar behind the last line is, 0 to 1 */
void ctl_table_bar(struct ctl_table *table, double share);

/** ctl_table_print() - titles and lines, @width columns wide at most; bars get the rest */
void ctl_table_print(struct ctl_table *table, FILE *out, unsigned int width,
		     enum ctl_bars bars);

/** ctl_terminal() - size of the terminal at stdout; false if it is none, or does not say */
bool ctl_terminal(unsigned int *rows, unsigned int *columns);

#endif /* SSTPD_CTL_TABLE_H */
