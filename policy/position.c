/*
 * position: where a value stood in its text. jansson knows where a syntax error is, but not where a
 * value was. Positions are needed for messages only, so they are found then, by walking the text
 * again along the value's path.
 */
#include "policy/value.h"

#include <string.h>

struct cursor {
	const char *text;
	size_t length, offset;
};

static char peek(const struct cursor *cursor)
{
	return cursor->offset < cursor->length ? cursor->text[cursor->offset] : '\0';
}

static void skip_blank(struct cursor *cursor)
{
	while (peek(cursor) != '\0' && strchr(" \t\r\n", peek(cursor)) != NULL)
		cursor->offset++;
}

static void skip_string(struct cursor *cursor)
{
	for (cursor->offset++; peek(cursor) != '\0' && peek(cursor) != '"'; cursor->offset++)
		if (peek(cursor) == '\\')
			cursor->offset++;
	cursor->offset++;
}

static void skip_value(struct cursor *cursor)
{
	unsigned depth = 0;

	skip_blank(cursor);
	do {
		char character = peek(cursor);

		if (character == '"') {
			skip_string(cursor);
		} else if (character == '{' || character == '[') {
			depth++;
			cursor->offset++;
		} else if (character == '}' || character == ']') {
			depth--;
			cursor->offset++;
		} else {
			do
				cursor->offset++;
			while (peek(cursor) != '\0' &&
			       strchr(",]}\"{[ \t\r\n", peek(cursor)) == NULL);
		}
		skip_blank(cursor);
		if (depth > 0 && (peek(cursor) == ',' || peek(cursor) == ':')) {
			cursor->offset++;
			skip_blank(cursor);
		}
	} while (depth > 0 && cursor->offset < cursor->length);
}

/* Moves from the start of a container to its item `index`; for objects to the key or behind the
 * colon. */
static void descend(struct cursor *cursor, const struct value *item, bool to_key)
{
	bool object = item->parent->kind == VALUE_OBJECT;

	skip_blank(cursor);
	cursor->offset++;
	for (size_t i = 0;; i++) {
		skip_blank(cursor);
		if (i == item->index && to_key && object)
			return;
		if (object) {
			skip_string(cursor);
			skip_blank(cursor);
			cursor->offset++; /* the colon */
			skip_blank(cursor);
		}
		if (i == item->index || cursor->offset >= cursor->length)
			return;
		skip_value(cursor);
		cursor->offset++; /* the comma */
	}
}

static void locate(struct cursor *cursor, const struct value *value, bool to_key)
{
	if (value->parent == NULL) {
		skip_blank(cursor);
		return;
	}
	locate(cursor, value->parent, false);
	descend(cursor, value, to_key);
}

struct position value_position(const struct value *value, const char *text, size_t length,
                               bool key_position)
{
	struct cursor cursor = { text, length, 0 };
	struct position position = { 1, 1 };

	if (value != NULL)
		locate(&cursor, value, key_position);
	for (size_t i = 0; i < cursor.offset && i < length; i++) {
		position.column++;
		if (text[i] == '\n')
			position = (struct position){ position.line + 1, 1 };
	}
	return position;
}

const char *value_line(size_t *length, const char *text, size_t text_length, unsigned number)
{
	const char *line = text, *end = text + text_length, *next;

	for (unsigned i = 1; i < number; i++) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (next == NULL)
			return NULL;
		line = next + 1;
	}
	next = memchr(line, '\n', (size_t)(end - line));
	*length = (size_t)((next == NULL ? end : next) - line);
	if (next != NULL && *length > 0 && line[*length - 1] == '\r')
		--*length;
	return line;
}
