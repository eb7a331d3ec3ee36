#include "runtime/cli/caret.h"

#include "sandbox/base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SHOWN_MAX = 100, BEFORE = 30 };

static bool in_character(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Letters that take two columns on a terminal: those of East Asia, and pictures. */
static bool is_wide(const char *letter, size_t left)
{
	static const struct {
		uint32_t first, last;
	} rows[] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0xa4cf },   { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};
	unsigned char head = (unsigned char)letter[0];
	uint32_t code = head >= 0xf0 ? head & 7u : head & 15u;

	if (head < 0xe0)
		return false;
	for (size_t i = 1; i < left && in_character(letter[i]); i++)
		code = code << 6 | ((unsigned char)letter[i] & 0x3fu);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (code >= rows[i].first && code <= rows[i].last)
			return true;
	return false;
}

/* As many blanks as the letter is wide: what cannot be shown is shown as \x0d. */
static void append_blanks(struct text *ret, const char *letter, size_t left)
{
	unsigned char byte = (unsigned char)letter[0];

	if (byte == '\t')
		text_append_char(ret, '\t');
	else if (byte < ' ' || byte == 0x7f)
		text_append(ret, "    ");
	else if (!in_character(letter[0]))
		text_append(ret, is_wide(letter, left) ? "  " : " ");
}

static void append_part(struct text *ret, const char *line, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		size_t end = i + 1;

		while (end < last && in_character(line[end]))
			end++;
		if (line[i] == '\t')
			text_append_char(ret, '\t');
		else
			text_append_visible(ret, line + i, end - i);
		i = end - 1;
	}
}

/* Tabs stay tabs above and below, so that both stand in one column. */
void caret_append(struct text *ret, const char *line, unsigned column)
{
	size_t length = strlen(line), first = 0, last = length;

	if (column == 0 || column > length + 1)
		return;
	if (length > SHOWN_MAX && column > BEFORE)
		first = column - 1 - BEFORE;
	if (last - first > SHOWN_MAX)
		last = first + SHOWN_MAX;
	while (first > 0 && in_character(line[first]))
		first--;
	while (last < length && in_character(line[last]))
		last++;
	text_append(ret, first > 0 ? "  …" : "  ");
	append_part(ret, line, first, last);
	text_append(ret, last < length ? "…\n  " : "\n  ");
	text_append(ret, first > 0 ? " " : "");
	for (size_t i = first; i + 1 < column; i++)
		append_blanks(ret, line + i, length - i);
	text_append(ret, "^\n");
}
