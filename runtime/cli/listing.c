/*
 * listing: rows of objects as Docker prints them: columns padded by three blanks, or a template a
 * line. What an image or a registry named is made visible first, so that it cannot drive the
 * terminal.
 */
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>

enum { COLUMNS_MAX = 12 };

static void cell(struct text *ret, const struct value *row, const char *field)
{
	const struct value *value = value_get(row, field);
	_cleanup_text struct text plain = {};

	if (value != NULL && value->kind == VALUE_STRING)
		text_append(&plain, value->string);
	else if (value != NULL)
		value_encode(&plain, value, VALUE_COMPACT);
	text_append_visible(ret, text_string(&plain), plain.length);
}

/* Columns a text takes: one a character, which is right for all that is not East Asian. */
static size_t width(const struct text *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->length; i++)
		count += ((unsigned char)text->data[i] & 0xc0) != 0x80;
	return count;
}

static void pad(struct text *ret, size_t count)
{
	while (count-- > 0)
		text_append_char(ret, ' ');
}

static void print_table(struct text *ret, const struct listing *listing, const struct value *rows)
{
	size_t widths[COLUMNS_MAX] = {};

	for (size_t c = 0; c < listing->count && c < COLUMNS_MAX; c++) {
		widths[c] = strlen(listing->columns[c].title);
		for (size_t i = 0; i < rows->count; i++) {
			_cleanup_text struct text text = {};

			cell(&text, rows->items[i], listing->columns[c].field);
			widths[c] = width(&text) > widths[c] ? width(&text) : widths[c];
		}
	}
	for (size_t i = 0; i <= rows->count; i++) {
		if (i == 0 && listing->no_header)
			continue;
		for (size_t c = 0; c < listing->count && c < COLUMNS_MAX; c++) {
			_cleanup_text struct text text = {};

			if (i == 0)
				text_append(&text, listing->columns[c].title);
			else
				cell(&text, rows->items[i - 1], listing->columns[c].field);
			text_append(ret, text_string(&text));
			if (c + 1 < listing->count)
				pad(ret, widths[c] - width(&text) + 3);
		}
		text_append_char(ret, '\n');
	}
}

/* "table {{.ID}}\t{{.Names}}": the columns named, under their titles. */
static int print_chosen_table(struct text *ret, const struct listing *listing,
                              const struct value *rows, struct error *err)
{
	struct column chosen[COLUMNS_MAX];
	char fields[COLUMNS_MAX][48];
	struct listing other = *listing;
	size_t count = 0;

	for (const char *next = listing->format;
	     (next = strstr(next, "{{.")) != NULL && count < COLUMNS_MAX; next++) {
		snprintf(fields[count], sizeof fields[count], "%.*s", (int)strcspn(next + 3, "} "),
		         next + 3);
		chosen[count] = (struct column){ fields[count], fields[count] };
		for (size_t i = 0; i < listing->count; i++)
			if (strcmp(listing->columns[i].field, fields[count]) == 0)
				chosen[count].title = listing->columns[i].title;
		if (rows->count > 0 && value_get(rows->items[0], fields[count]) == NULL)
			return error_set(err, 0, "in --format: there is no field .%s",
			                 fields[count]);
		count++;
	}
	other.columns = chosen;
	other.count = count;
	print_table(ret, &other, rows);
	return 0;
}

int listing_print(const struct listing *listing, const struct value *rows, struct error *err)
{
	_cleanup_text struct text text = {};

	if (listing->quiet_field != NULL) {
		for (size_t i = 0; i < rows->count; i++) {
			cell(&text, rows->items[i], listing->quiet_field);
			text_append_char(&text, '\n');
		}
	} else if (listing->format == NULL || strcmp(listing->format, "table") == 0) {
		print_table(&text, listing, rows);
	} else if (text_starts(listing->format, "table ")) {
		if (print_chosen_table(&text, listing, rows, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < rows->count; i++) {
			if (format_value(&text, listing->format, rows->items[i], err) < 0)
				return -1;
			text_append_char(&text, '\n');
		}
	}
	return output_print(&text, err);
}

const char *human_duration(struct arena *arena, int64_t seconds)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} rows[] = {
		{ 60, 1, "seconds" },
		{ 120, 0, "About a minute" },
		{ 3600, 60, "minutes" },
		{ 7200, 0, "About an hour" },
		{ 172800, 3600, "hours" },
		{ 1209600, 86400, "days" },
		{ 5184000, 604800, "weeks" },
		{ 63072000, 2592000, "months" },
		{ INT64_MAX, 31536000, "years" },
	};

	if (seconds < 1)
		return "Less than a second";
	if (seconds == 1)
		return "1 second";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (seconds < rows[i].below)
			return rows[i].unit == 0 ? rows[i].name
			                         : arena_printf(arena, "%lld %s",
			                                        (long long)(seconds / rows[i].unit),
			                                        rows[i].name);
	return "";
}

const char *human_size(struct arena *arena, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		size /= 1000;
		unit++;
	}
	return arena_printf(arena,
	                    size < 10 && unit > 0    ? "%.2f%s"
	                    : size < 100 && unit > 0 ? "%.1f%s"
	                                             : "%.0f%s",
	                    size, units[unit]);
}
