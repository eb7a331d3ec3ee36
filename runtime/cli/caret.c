#include "runtime/cli/caret.h"

#include <stdbool.h>
#include <string.h>

enum { SHOWN_MAX = 100, BEFORE = 30 };

static bool in_character(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
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
		if (line[i] == '\t')
			text_append_char(ret, '\t');
		else if (!in_character(line[i]))
			text_append_char(ret, ' ');
	text_append(ret, "^\n");
}
