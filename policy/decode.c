/*
 * decode: JSON text to a value tree, through jansson (the one file that includes it) wherever
 * plain.c does not take it.
 *
 * jansson's integers end at 2^63-1, and its reals lose bits. Where larger ones are wanted and there
 * are any, jansson gets a copy of the text in which each is a real of the same length, "0.00...",
 * and their places among the reals are kept: that is how they are known again.
 */
#include "policy/plain.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

/* An integer that jansson has not, and how many reals stand before it. */
struct large {
	size_t reals_before;
	uint64_t value;
};

struct larges {
	struct large *items;
	size_t count, capacity;
	size_t reals; /* in the whole text */
};

struct conversion {
	struct arena *arena;
	const char *file;
	struct error *err;
	const struct larges *larges;
	size_t reals, next; /* met so far */
	bool own;           /* a person's own text: an error shows its line */
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

/* A real of the text, or what stands for a large integer. */
static struct value *convert_real(const json_t *json, struct conversion *conversion)
{
	const struct larges *larges = conversion->larges;
	size_t place = conversion->reals++;
	struct value *value;

	if (conversion->next < larges->count &&
	    larges->items[conversion->next].reals_before == place)
		return value_new_unsigned(conversion->arena,
		                          larges->items[conversion->next++].value);
	value = value_new_null(conversion->arena);
	value->kind = VALUE_REAL;
	value->real = json_real_value(json);
	return value;
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
		*ret = convert_real(json, conversion);
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
static int complain(const struct conversion *conversion, const json_error_t *problem,
                    const char *text, size_t length)
{
	bool nul = json_error_code(problem) == json_error_null_character;
	int column = problem->column > 0 ? problem->column : 1;
	const char *line = NULL;

	error_set(conversion->err, 0, "%s:%d:%d: %s", conversion->file, problem->line, column,
	          nul ? "a string with a NUL (\\u0000) in it" : problem->text);
	if (conversion->own)
		line = value_line(&length, text, length, (unsigned)problem->line);
	return line == NULL ? -1 : error_point(conversion->err, line, length, (unsigned)column);
}

/* What jansson makes of one text lives until it has been converted, and then goes at once: that is
 * a fifth quicker than piece by piece. NULL: it is not decoding. */
static struct arena *pool;

static void *pool_take(size_t size)
{
	return pool == NULL ? malloc(size) : arena_alloc(pool, size);
}

static void pool_give(void *memory)
{
	if (pool == NULL)
		free(memory);
}

static int decode(struct value **ret, const char *text, size_t length,
                  struct conversion *conversion)
{
	_cleanup_arena struct arena pieces = {};
	json_error_t problem;
	json_t *json;
	int result;

	json_set_alloc_funcs(pool_take, pool_give);
	pool = &pieces;
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
	result = json == NULL ? complain(conversion, &problem, text, length)
	                      : convert(ret, json, 0, conversion);
	pool = NULL;
	return result;
}

/* What plain.c did not take. */
static int decode_rest(struct value **ret, struct arena *arena, const char *file, const char *text,
                       size_t length, struct error *err)
{
	const struct larges none = {};
	struct conversion conversion = { arena, file, err, &none, 0, 0, false };

	if (check_bytes(file, text, length, err) < 0 || check_depth(file, text, length, err) < 0)
		return -1;
	return decode(ret, text, length, &conversion);
}

static bool decode_plain(struct value **ret, struct arena *arena, const char *text, size_t length)
{
	return plain_decode(ret, arena, arena_text(arena, text, length), length, DEPTH_MAX);
}

int value_decode(struct value **ret, struct arena *arena, const char *file, const char *text,
                 size_t length, struct error *err)
{
	if (decode_plain(ret, arena, text, length))
		return 0;
	return decode_rest(ret, arena, file, text, length, err);
}

int value_decode_kept(struct value **ret, struct arena *arena, const char *file, struct text *text,
                      struct error *err)
{
	const struct text own = *text;

	if (own.data == NULL)
		return decode_rest(ret, arena, file, "", 0, err);
	*text = (struct text){};
	arena_keep(arena, own.data);
	if (plain_decode(ret, arena, own.data, own.length, DEPTH_MAX))
		return 0;
	return decode_rest(ret, arena, file, own.data, own.length, err);
}

/* ---- large integers ---- */

/* Whether a token is an integer above INT64_MAX that 64 bits hold. */
static bool is_large(uint64_t *ret, const char *token, size_t length)
{
	uint64_t number = 0;

	if (length < 19 || length > 20 || token[0] < '1' || token[0] > '9')
		return false;
	for (size_t i = 0; i < length; i++) {
		uint64_t digit = (uint64_t)(token[i] - '0');

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*ret = number;
	return number > INT64_MAX;
}

static void keep_large(struct larges *larges, struct arena *arena, uint64_t value)
{
	if (larges->count == larges->capacity) {
		size_t capacity = larges->capacity == 0 ? 16 : larges->capacity * 2;
		struct large *items = arena_array(arena, capacity, sizeof *items);

		if (larges->count > 0)
			memcpy(items, larges->items, larges->count * sizeof *items);
		larges->items = items;
		larges->capacity = capacity;
	}
	larges->items[larges->count++] = (struct large){ larges->reals++, value };
}

/* Takes the number at the start of `token`; its length. */
static size_t take_number(struct larges *larges, struct arena *arena, char *token, size_t left)
{
	size_t length = 0;
	bool real = false;
	uint64_t value;

	for (; length < left && token[length] != '\0' &&
	       strchr("+-.0123456789Ee", token[length]) != NULL;
	     length++)
		real = real || strchr(".Ee", token[length]) != NULL;
	if (is_large(&value, token, length)) {
		memset(token, '0', length);
		token[1] = '.';
		keep_large(larges, arena, value);
	} else if (real) {
		larges->reals++;
	}
	return length;
}

static void find_larges(struct larges *larges, struct arena *arena, char *text, size_t length)
{
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr("-0123456789", text[i]) != NULL)
			i += take_number(larges, arena, text + i, length - i) - 1;
	}
}

/* Whether 19 digits stand in a row: rare, and cheaper to ask than to copy a text. */
static bool may_have_large(const char *text, size_t length)
{
	size_t digits = 0;

	for (size_t i = 0; i < length && digits < 19; i++)
		digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
	return digits >= 19;
}

int value_decode_large(struct value **ret, struct arena *arena, const char *file, const char *text,
                       size_t length, struct error *err)
{
	struct larges larges = {};
	struct conversion conversion = { arena, file, err, &larges, 0, 0, true };
	char *copy;

	if (decode_plain(ret, arena, text, length))
		return 0;
	if (!may_have_large(text, length))
		return decode_rest(ret, arena, file, text, length, err);
	if (check_bytes(file, text, length, err) < 0 || check_depth(file, text, length, err) < 0)
		return -1;
	copy = arena_text(arena, text, length);
	find_larges(&larges, arena, copy, length);
	return decode(ret, copy, length, &conversion);
}
