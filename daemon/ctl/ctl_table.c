// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl/ctl_ask.h"
#include "ctl/ctl_value.h"
#include "lib/text.h"

#define TABLE_COLUMNS_MAX	16
/* A bar shorter than this says nothing. */
#define TABLE_BAR_MIN		6
#define TABLE_BAR_MAX		40
/* Of a full block, U+2588; those with fewer follow. */
#define TABLE_EIGHTHS		8

/**
 * struct ctl_table
 * @cells: @n of them, a line after the other
 * @bars: one for each line that has one
 * @width: of each column, when printed
 */
struct ctl_table {
	const struct ctl_column *columns;
	unsigned int n_columns;
	size_t n;
	size_t room;
	char **cells;
	double *bars;
	unsigned int width[TABLE_COLUMNS_MAX];
};

struct ctl_table *ctl_table_new(const struct ctl_column *columns, unsigned int n)
{
	struct ctl_table *table = calloc(1, sizeof(*table));

	if (!table || n > TABLE_COLUMNS_MAX)
		ctl_die("out of memory");
	table->columns = columns;
	table->n_columns = n;
	return table;
}

void ctl_table_free(struct ctl_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->bars);
	free(table);
}

static void table_grow(struct ctl_table *table)
{
	size_t room = table->room ? 2 * table->room : 16 * table->n_columns;
	size_t lines = room / table->n_columns;

	table->cells = reallocarray(table->cells, room, sizeof(*table->cells));
	table->bars = reallocarray(table->bars, lines, sizeof(*table->bars));
	if (!table->cells || !table->bars)
		ctl_die("out of memory");
	memset(table->bars + table->n / table->n_columns, 0,
	       (lines - table->n / table->n_columns) * sizeof(*table->bars));
	table->room = room;
}

void ctl_table_add(struct ctl_table *table, const char *text)
{
	if (table->n == table->room)
		table_grow(table);
	table->cells[table->n] = strdup(*text ? text : "-");
	if (!table->cells[table->n++])
		ctl_die("out of memory");
}

void ctl_table_number(struct ctl_table *table, double value)
{
	char text[24];

	ctl_short_number(value, text, sizeof(text));
	ctl_table_add(table, text);
}

void ctl_table_bar(struct ctl_table *table, double share)
{
	table->bars[(table->n - 1) / table->n_columns] = share;
}

/* Characters, each of which takes a column. */
static unsigned int table_length(const char *text)
{
	unsigned int len = 0;
	size_t n;

	for (; *text; text += n, len++) {
		n = text_char(text);
		if (!n)
			n = 1;
	}
	return len;
}

/* Bytes of the first @chars characters. */
static int table_bytes(const char *text, unsigned int chars)
{
	const char *p = text;
	size_t n;

	for (; *p && chars; p += n, chars--) {
		n = text_char(p);
		if (!n)
			n = 1;
	}
	return (int)(p - text);
}

/* Return: the widest column that may be made narrower, or -1. */
static int table_widest(const struct ctl_table *table)
{
	int widest = -1;

	for (unsigned int i = 0; i < table->n_columns; i++) {
		if (!table->columns[i].least ||
		    table->width[i] <= table->columns[i].least)
			continue;
		if (widest < 0 || table->width[i] > table->width[widest])
			widest = (int)i;
	}
	return widest;
}

/* Return: columns that all of it takes. */
static unsigned int table_lay_out(struct ctl_table *table, unsigned int room)
{
	unsigned int total = table->n_columns - 1;
	int widest;

	for (unsigned int i = 0; i < table->n_columns; i++) {
		table->width[i] = table_length(table->columns[i].title);
		for (size_t cell = i; cell < table->n; cell += table->n_columns) {
			unsigned int len = table_length(table->cells[cell]);

			if (len > table->width[i])
				table->width[i] = len;
		}
		total += table->width[i];
	}
	while (total > room && (widest = table_widest(table)) >= 0) {
		table->width[widest]--;
		total--;
	}
	return total;
}

/* @last: nothing comes behind it, not even blanks. */
static void table_cell(const struct ctl_table *table, FILE *out, unsigned int i,
		       const char *text, bool last)
{
	unsigned int width = table->width[i], len = table_length(text);
	int blanks = len < width ? (int)(width - len) : 0;

	if (table->columns[i].right)
		fprintf(out, "%*s", blanks, "");
	if (len > width)
		fprintf(out, "%.*s+", table_bytes(text, width - 1), text);
	else
		fputs(text, out);
	if (!table->columns[i].right && !last)
		fprintf(out, "%*s", blanks, "");
	if (!last)
		fputc(' ', out);
}

static void table_bar(FILE *out, double share, unsigned int room, enum ctl_bars bars)
{
	unsigned int eighths = (unsigned int)(share * room * TABLE_EIGHTHS + 0.5);

	for (; eighths >= TABLE_EIGHTHS; eighths -= TABLE_EIGHTHS)
		fputs(bars == CTL_BARS_BLOCKS ? "\xe2\x96\x88" : "#", out);
	if (eighths && bars == CTL_BARS_BLOCKS)
		fprintf(out, "\xe2\x96%c", 0x88 + (int)(TABLE_EIGHTHS - eighths));
	else if (eighths >= TABLE_EIGHTHS / 2)
		fputc('#', out);
}

void ctl_table_print(struct ctl_table *table, FILE *out, unsigned int width,
		     enum ctl_bars bars)
{
	unsigned int n = table->n_columns;
	unsigned int bar_room = bars ? TABLE_BAR_MIN + 1 : 0;
	unsigned int room = width > bar_room ? width - bar_room : width;
	unsigned int used = table_lay_out(table, room);

	room = bars && used + 1 < width ? width - used - 1 : 0;
	if (room > TABLE_BAR_MAX)
		room = TABLE_BAR_MAX;
	for (unsigned int i = 0; i < n; i++)
		table_cell(table, out, i, table->columns[i].title, i == n - 1);
	fputc('\n', out);
	for (size_t i = 0; i < table->n; i++) {
		bool end = i % n == n - 1;
		bool bar = end && room && table->bars[i / n] > 0;

		table_cell(table, out, (unsigned int)(i % n), table->cells[i],
			   end && !bar);
		if (bar)
			table_bar(out, table->bars[i / n], room, bars);
		if (end)
			fputc('\n', out);
	}
}

bool ctl_terminal(unsigned int *rows, unsigned int *columns)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return false;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return true;
}
