#include "runtime/image/members.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/name.h"
#include "runtime/image/layer/protocol.h"

#include <stdlib.h>
#include <string.h>

enum { LINKS_MAX = 16 };

static int by_name(const void *a, const void *b)
{
	const struct member_row *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (order == 0)
		order = left->place < right->place ? -1 : left->place > right->place;
	return order;
}

/* "- TARGET\tNAME" or "HEX SIZE NAME", the newline already a NUL. */
static bool read_row(struct member_row *row, char *line)
{
	char *rest;

	if (text_starts(line, "- ")) {
		rest = strchr(line, '\t');
		if (rest == NULL)
			return false;
		*rest = '\0';
		row->target = line + 2;
		row->name = rest + 1;
		return true;
	}
	if (strspn(line, "0123456789abcdef") != LAYER_HEX || line[LAYER_HEX] != ' ')
		return false;
	line[LAYER_HEX] = '\0';
	row->hex = line;
	rest = strchr(line + LAYER_HEX + 1, ' ');
	if (rest == NULL)
		return false;
	*rest = '\0';
	row->name = rest + 1;
	return text_to_number(&row->size, line + LAYER_HEX + 1, UINT64_MAX);
}

int members_parse(struct members *ret, struct arena *arena, const struct text *listing,
                  struct error *err)
{
	char *next = arena_text(arena, text_string(listing), listing->length);
	struct members members = {};
	size_t lines = 0;

	for (const char *c = next; *c != '\0'; c++)
		lines += *c == '\n';
	members.rows = arena_array(arena, lines, sizeof *members.rows);
	while (*next != '\0') {
		char *end = strchr(next, '\n');
		struct member_row *row = &members.rows[members.count];

		if (end == NULL)
			return error_set(err, 0, "the helper's listing is damaged");
		*end = '\0';
		row->place = members.count++;
		if (!read_row(row, next))
			return error_set(err, 0, "the helper's listing is damaged");
		next = end + 1;
	}
	qsort(members.rows, members.count, sizeof *members.rows, by_name);
	*ret = members;
	return 0;
}

static const struct member_row *find_row(const struct members *members, const char *name)
{
	size_t low = 0, high = members->count;

	/* the last of equal names */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(members->rows[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || strcmp(members->rows[low - 1].name, name) != 0)
		return NULL;
	return &members->rows[low - 1];
}

const struct member_row *members_find(const struct members *members, const char *name)
{
	const struct member_row *row;
	struct error ignored;
	struct name plain;

	if (name_parse_plain(&plain, name, &ignored) < 0)
		return NULL;
	row = find_row(members, plain.path);
	for (int links = 0; row != NULL && row->target != NULL; links++)
		row = links < LINKS_MAX ? find_row(members, row->target) : NULL;
	return row;
}
