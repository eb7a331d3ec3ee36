/*
 * listing: rows of objects as Docker prints them: columns padded by three blanks, or a template a
 * line. What an image or a registry named is made visible first, so that it cannot drive the
 * terminal.
 */
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/cli/template/template.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

enum { COLUMNS_MAX = 24 };

int format_value(struct text *ret, const char *source, const struct value *value, struct error *err)
{
	if (strcmp(source, "json") != 0)
		return template_print(ret, source, value, err);
	value_encode(ret, value, VALUE_COMPACT);
	return 0;
}

static void cell(struct text *ret, const struct value *row, const char *field)
{
	const struct value *value = value_get(row, field);
	_cleanup_text struct text plain = {};

	if (value == NULL)
		return;
	if (value->kind == VALUE_STRING) {
		text_append_visible(ret, value->string, value->length);
		return;
	}
	value_encode(&plain, value, VALUE_COMPACT);
	text_append_visible(ret, text_string(&plain), plain.length);
}

/* Until the next is asked for. */
static const struct value *row_at(struct arena *scratch, const struct listing *listing,
                                  const struct listing_rows *rows, size_t place)
{
	arena_reset(scratch);
	return rows->make(scratch, listing, rows->context, place);
}

/* Columns a text takes: one a character, which is right for all that is not East Asian. */
static size_t width(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* ---- lines of cells that end with a tab, the last of a line with the line ---- */

static void measure(size_t widths[COLUMNS_MAX], const char *line, size_t length)
{
	size_t column = 0;

	for (const char *end = line + length; column < COLUMNS_MAX; column++) {
		const char *tab = memchr(line, '\t', (size_t)(end - line));
		size_t wide;

		if (tab == NULL)
			return;
		wide = width(line, (size_t)(tab - line));
		widths[column] = wide > widths[column] ? wide : widths[column];
		line = tab + 1;
	}
}

static void align_line(struct text *ret, const size_t widths[COLUMNS_MAX], const char *line,
                       size_t length)
{
	const char *end = line + length, *tab;

	for (size_t column = 0; (tab = memchr(line, '\t', (size_t)(end - line))) != NULL;
	     column++) {
		size_t wide = width(line, (size_t)(tab - line));

		text_append_bytes(ret, line, (size_t)(tab - line));
		for (; column < COLUMNS_MAX && wide < widths[column] + 3; wide++)
			text_append_char(ret, ' ');
		line = tab + 1;
	}
	text_append_bytes(ret, line, (size_t)(end - line));
	text_append_char(ret, '\n');
}

static void align(struct text *ret, const struct text *table)
{
	size_t widths[COLUMNS_MAX] = {};

	for (int pass = 0; pass < 2; pass++)
		for (const char *line = text_string(table); *line != '\0';) {
			size_t length = strcspn(line, "\n");

			if (pass == 0)
				measure(widths, line, length);
			else
				align_line(ret, widths, line, length);
			line += length + (line[length] == '\n');
		}
}

/* ---- tables ---- */

/* NULL: the line of titles. */
static void add_line(struct text *ret, const struct listing *listing, const struct value *row)
{
	for (size_t c = 0; c < listing->count; c++) {
		if (row == NULL)
			text_append(ret, listing->columns[c].title);
		else
			cell(ret, row, listing->columns[c].field);
		text_append_char(ret, c + 1 < listing->count ? '\t' : '\n');
	}
}

static void print_table(struct text *ret, const struct listing *listing,
                        const struct listing_rows *rows)
{
	_cleanup_arena struct arena scratch = {};
	_cleanup_text struct text table = {};

	if (!listing->no_header)
		add_line(&table, listing, NULL);
	for (size_t i = 0; i < rows->count; i++)
		add_line(&table, listing, row_at(&scratch, listing, rows, i));
	align(ret, &table);
}

static const struct column *column_at(const struct listing *listing, size_t i)
{
	return i < listing->count ? &listing->columns[i] : &listing->more[i - listing->count];
}

/* The columns a template may name, as an object of their titles. */
static struct value *titles_of(struct arena *arena, const struct listing *listing,
                               struct plan_strings *names)
{
	struct value *titles = value_new_object(arena);
	size_t count = listing->count + listing->more_count;

	names->items = arena_array(arena, count + 1, sizeof *names->items);
	for (size_t i = 0; i < count; i++) {
		const struct column *column = column_at(listing, i);

		value_set(arena, titles, column->field, value_new_string(arena, column->title));
		names->items[names->count++] = column->field;
	}
	return titles;
}

static int print_template(struct text *ret, const struct listing *listing,
                          const struct listing_rows *rows, struct error *err)
{
	_cleanup_arena struct arena arena = {}, scratch = {};
	_cleanup_text struct text table = {};
	bool is_table = text_starts(listing->format, "table ");
	const char *source = listing->format + (is_table ? 6 : 0);
	struct plan_strings names = {};
	struct value *titles = titles_of(&arena, listing, &names);
	const struct template *template;

	if (template_parse(&template, &arena, source, err) < 0 ||
	    template_check_fields(template, &names, err) < 0)
		return -1;
	if (is_table && !listing->no_header) {
		if (template_run_titles(&table, template, titles, err) < 0)
			return error_prefix(err, "the titles of the table");
		text_append_char(&table, '\n');
	}
	for (size_t i = 0; i < rows->count; i++) {
		if (template_run(&table, template, row_at(&scratch, listing, rows, i), err) < 0)
			return -1;
		text_append_char(&table, '\n');
	}
	if (is_table)
		align(ret, &table);
	else
		text_append_bytes(ret, text_string(&table), table.length);
	return 0;
}

static void print_quiet(struct text *ret, const struct listing *listing,
                        const struct listing_rows *rows)
{
	_cleanup_arena struct arena scratch = {};

	for (size_t i = 0; i < rows->count; i++) {
		cell(ret, row_at(&scratch, listing, rows, i), listing->quiet_field);
		text_append_char(ret, '\n');
	}
}

/* An object a line, of what has a title. */
static void print_json(struct text *ret, const struct listing *listing,
                       const struct listing_rows *rows)
{
	_cleanup_arena struct arena scratch = {};

	for (size_t i = 0; i < rows->count; i++) {
		const struct value *made = row_at(&scratch, listing, rows, i);
		struct value *row = value_new_object(&scratch);

		for (size_t c = 0; c < listing->count + listing->more_count; c++) {
			const struct column *column = column_at(listing, c);
			const struct value *item = value_get(made, column->field);

			if (column->title != NULL && item != NULL)
				value_set(&scratch, row, column->field, value_copy(&scratch, item));
		}
		value_encode(ret, row, VALUE_COMPACT);
		text_append_char(ret, '\n');
	}
}

int listing_print_each(const struct listing *listing, const struct listing_rows *rows,
                       struct error *err)
{
	const char *format = listing->format == NULL ? "table" : listing->format;
	_cleanup_text struct text text = {};

	if (listing->format == NULL && listing->quiet_field != NULL)
		print_quiet(&text, listing, rows);
	else if (strcmp(format, "table") == 0)
		print_table(&text, listing, rows);
	else if (strcmp(format, "json") == 0 || strcmp(format, "{{json .}}") == 0)
		print_json(&text, listing, rows);
	else if (print_template(&text, listing, rows, err) < 0)
		return -1;
	return output_print(&text, err);
}

static const struct value *take_made(struct arena *arena, const struct listing *listing,
                                     const void *context, size_t place)
{
	const struct value *rows = context;

	(void)arena;
	(void)listing;
	return rows->items[place];
}

int listing_print(const struct listing *listing, const struct value *rows, struct error *err)
{
	const struct listing_rows each = { rows->count, take_made, rows };

	return listing_print_each(listing, &each, err);
}

/* Docker's steps: whole hours are rounded, all that is longer is cut. */
const char *human_duration(struct arena *arena, int64_t seconds)
{
	static const struct {
		int64_t below, unit; /* in hours */
		const char *name;
	} rows[] = {
		{ 48, 1, "hours" },
		{ 14 * 24, 24, "days" },
		{ 60 * 24, 7 * 24, "weeks" },
		{ 2 * 365 * 24, 30 * 24, "months" },
		{ INT64_MAX, 365 * 24, "years" },
	};
	int64_t hours = seconds / 3600 + (seconds % 3600 >= 1800);
	size_t row = 0;

	if (seconds < 1)
		return "Less than a second";
	if (seconds < 60)
		return seconds == 1 ? "1 second"
		                    : arena_printf(arena, "%lld seconds", (long long)seconds);
	if (seconds < 3600)
		return seconds < 120
		               ? "About a minute"
		               : arena_printf(arena, "%lld minutes", (long long)(seconds / 60));
	if (hours == 1)
		return "About an hour";
	while (hours >= rows[row].below)
		row++;
	if (row + 1 == ARRAY_SIZE(rows))
		hours = seconds / 3600;
	return arena_printf(arena, "%lld %s", (long long)(hours / rows[row].unit), rows[row].name);
}

const char *human_time(struct arena *arena, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char stamp[64];
	struct tm parts;

	if (localtime_r(&time, &parts) == NULL ||
	    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S %z %Z", &parts) == 0)
		return "";
	return arena_strdup(arena, stamp);
}

/* Divides by `step` until it is below, or there is no larger unit; how often. */
static size_t scale(double *size, double step, size_t units)
{
	size_t unit = 0;

	for (; *size >= step && unit + 1 < units; unit++)
		*size /= step;
	return unit;
}

/* Three digits that count, without zeros behind them: "1.2MB", "7kB". */
const char *human_size(struct arena *arena, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double size = (double)bytes;
	size_t unit = scale(&size, 1000, ARRAY_SIZE(units));

	return arena_printf(arena, size < 999.5 ? "%.3g%s" : "%.0f%s", size, units[unit]);
}

const char *human_memory(struct arena *arena, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double size = (double)bytes;
	size_t unit = scale(&size, 1024, ARRAY_SIZE(units));

	return arena_printf(arena, "%.4g%s", size, units[unit]);
}
