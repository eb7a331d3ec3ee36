/*
 * decode: JSON text to a value tree, through jansson (the one file that includes it).
 *
 * jansson knows where a syntax error is, but not where a value stood. Positions are needed for
 * messages only, so they are found then, by walking the text again along the value's path
 * (value_position).
 */
#include "policy/value.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct conversion {
	struct arena *arena;
	const char *file;
	struct error *err;
};

static int convert(struct value **ret, const json_t *json, unsigned depth,
                   struct conversion *conversion);

static int convert_array(struct value *array, const json_t *json, unsigned depth,
                         struct conversion *conversion)
{
	size_t count = json_array_size(json);

	for (size_t i = 0; i < count; i++) {
		struct value *item;

		if (convert(&item, json_array_get(json, i), depth + 1, conversion) < 0)
			return -1;
		value_append(conversion->arena, array, item);
	}
	return 0;
}

static int convert_object(struct value *object, json_t *json, unsigned depth,
                          struct conversion *conversion)
{
	/* Keys cannot repeat (JSON_REJECT_DUPLICATES), so append without a search. */
	for (void *next = json_object_iter(json); next != NULL;
	     next = json_object_iter_next(json, next)) {
		struct value *item;

		if (convert(&item, json_object_iter_value(next), depth + 1, conversion) < 0)
			return -1;
		item->key = arena_strdup(conversion->arena, json_object_iter_key(next));
		value_append(conversion->arena, object, item);
	}
	return 0;
}

static int convert(struct value **ret, const json_t *json, unsigned depth,
                   struct conversion *conversion)
{
	struct arena *arena = conversion->arena;

	if (depth > DEPTH_MAX)
		return error_set(conversion->err, 0, "%s: nested more than %d deep",
		                 conversion->file, DEPTH_MAX);
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		*ret = value_new_object(arena);
		return convert_object(*ret, (json_t *)json, depth, conversion);
	case JSON_ARRAY:
		*ret = value_new_array(arena);
		return convert_array(*ret, json, depth, conversion);
	case JSON_STRING:
		*ret = value_new_string(arena, json_string_value(json));
		return 0;
	case JSON_INTEGER:
		*ret = value_new_integer(arena, json_integer_value(json));
		return 0;
	case JSON_REAL:
		*ret = value_new_null(arena);
		(*ret)->kind = VALUE_REAL;
		(*ret)->real = json_real_value(json);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = value_new_boolean(arena, json_is_true(json));
		return 0;
	default:
		*ret = value_new_null(arena);
		return 0;
	}
}

/* Nesting beyond what convert takes is found before jansson builds it. */
static int check_depth(const char *file, const char *text, size_t length, struct error *err)
{
	unsigned depth = 0, line = 1;
	size_t line_start = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			line++;
			line_start = i + 1;
		}
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && depth > 0 && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return error_set(err, 0, "%s:%u:%zu: nested more than %d deep", file, line,
			                 i - line_start + 1, DEPTH_MAX);
	}
	return 0;
}

/* A NUL is refused here, because texts end at one everywhere else. */
static int check_bytes(const char *file, const char *text, size_t length, struct error *err)
{
	const char *nul = memchr(text, '\0', length);
	const char *line = text;
	unsigned lines = 1;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return error_set(err, 0,
		                 "%s:1:1: begins with a byte order mark; JSON has none (RFC 8259)",
		                 file);
	if (nul == NULL)
		return 0;
	for (const char *next = text; next < nul; next++) {
		if (*next != '\n')
			continue;
		lines++;
		line = next + 1;
	}
	return error_set(err, 0, "%s:%u:%zu: holds a NUL byte", file, lines,
	                 (size_t)(nul - line) + 1);
}

/* jansson's words, but for those that speak of its own flags. */
static int complain(const char *file, const json_error_t *problem, struct error *err)
{
	bool nul = json_error_code(problem) == json_error_null_character;

	return error_set(err, 0, "%s:%d:%d: %s", file, problem->line,
	                 problem->column > 0 ? problem->column : 1,
	                 nul ? "a string with a NUL (\\u0000) in it" : problem->text);
}

int value_decode(struct value **ret, struct arena *arena, const char *file, const char *text,
                 size_t length, struct error *err)
{
	struct conversion conversion = { arena, file, err };
	json_error_t problem;
	json_t *json;
	int result;

	if (check_bytes(file, text, length, err) < 0 || check_depth(file, text, length, err) < 0)
		return -1;
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
	if (json == NULL)
		return complain(file, &problem, err);
	result = convert(ret, json, 0, &conversion);
	json_decref(json);
	return result;
}

/* ---- positions ---- */

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
