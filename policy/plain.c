#include "policy/plain.h"

#include <endian.h>
#include <string.h>

enum {
	MEMBERS_MOST = 64, /* each name is compared with all before it */
};

struct plain {
	struct arena *arena;
	char *next;
	const char *end;
	unsigned depth;
};

static struct value *take_value(struct plain *plain);

/* The next character behind blanks; NUL at the end, which no text holds where it counts. */
static char peek(struct plain *plain)
{
	while (plain->next < plain->end && (*plain->next == ' ' || *plain->next == '\n' ||
	                                    *plain->next == '\t' || *plain->next == '\r'))
		plain->next++;
	return plain->next < plain->end ? *plain->next : '\0';
}

static bool take(struct plain *plain, char wanted)
{
	if (peek(plain) != wanted)
		return false;
	plain->next++;
	return true;
}

/* ---- texts ---- */

/* Of eight bytes, the high bits of those that are special: below 0x20, a quote, a backslash, or
 * above 0x7e. The first of them is right; behind it there may be others that are not. */
static uint64_t special_bits(const char *bytes)
{
	const uint64_t ones = UINT64_MAX / 255, highs = ones * 0x80;
	uint64_t word, quote, backslash;

	memcpy(&word, bytes, sizeof word);
	word = le64toh(word);
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
	        ((word - ones * 0x20) & ~word) | word | (word + ones)) &
	       highs;
}

static char *find_special(char *at, const char *end)
{
	for (; end - at >= 8; at += 8) {
		uint64_t bits = special_bits(at);

		if (bits != 0)
			return at + __builtin_ctzll(bits) / 8;
	}
	while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* The end of a text that begins at next, or NULL; how many backslashes are in it. */
static char *find_quote(const struct plain *plain, size_t *escapes)
{
	*escapes = 0;
	for (char *at = plain->next;; at++) {
		at = find_special(at, plain->end);
		if (at == plain->end)
			return NULL;
		if (*at == '"')
			return at;
		if (*at != '\\')
			return NULL;
		++*escapes;
		/* what is escaped is no NUL either: restore takes each for a quote */
		if (++at == plain->end || (unsigned char)*at < 0x20)
			return NULL;
	}
}

static bool unescape(char *ret, const char *text, const char *end)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

	for (; text < end; text++) {
		const char *name;

		if (*text != '\\') {
			*ret++ = *text;
			continue;
		}
		name = strchr(names, *++text);
		if (name == NULL || *name == '\0')
			return false;
		*ret++ = meant[name - names];
	}
	return true;
}

/* NULL where it is not plain. *length: of the text it means. That stays where it stands, with a NUL
 * for its quote, but where it has escapes. */
static const char *take_text(struct plain *plain, size_t *length)
{
	char *begin, *end, *text;
	size_t escapes;

	if (!take(plain, '"'))
		return NULL;
	begin = plain->next;
	end = find_quote(plain, &escapes);
	if (end == NULL)
		return NULL;
	plain->next = end + 1;
	*length = (size_t)(end - begin) - escapes;
	if (escapes == 0) {
		*end = '\0';
		return begin;
	}
	text = arena_alloc(plain->arena, *length + 1);
	return unescape(text, begin, end) ? text : NULL;
}

static struct value *take_string(struct plain *plain)
{
	size_t length;
	const char *text = take_text(plain, &length);
	struct value *value;

	if (text == NULL)
		return NULL;
	value = value_new_null(plain->arena);
	value->kind = VALUE_STRING;
	value->string = text;
	value->length = length;
	return value;
}

/* ---- numbers and words ---- */

static struct value *take_number(struct plain *plain)
{
	bool negative = take(plain, '-');
	const char *begin = plain->next;
	int64_t number = 0;

	for (; plain->next < plain->end && *plain->next >= '0' && *plain->next <= '9';
	     plain->next++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *plain->next - '0', &number))
			return NULL;
	/* "", "-", "-0" and "007"; what follows may be a fraction, which no caller takes for an end
	 */
	if (plain->next == begin || (*begin == '0' && (negative || plain->next - begin > 1)))
		return NULL;
	return value_new_integer(plain->arena, negative ? -number : number);
}

static struct value *take_word(struct plain *plain, const char *word, struct value *value)
{
	size_t length = strlen(word);

	if ((size_t)(plain->end - plain->next) < length || memcmp(plain->next, word, length) != 0)
		return NULL;
	plain->next += length;
	return value;
}

/* ---- arrays and objects ---- */

/* Behind an item: true and *more where another follows, true at the end, else false. */
static bool take_separator(struct plain *plain, char end, bool *more)
{
	*more = take(plain, ',');
	return *more || take(plain, end);
}

static struct value *take_array(struct plain *plain)
{
	struct value *array = value_new_array(plain->arena);
	bool more = !take(plain, ']');

	while (more) {
		struct value *item = take_value(plain);

		if (item == NULL || !take_separator(plain, ']', &more))
			return NULL;
		value_append(plain->arena, array, item);
	}
	return array;
}

static bool is_named(const struct value *object, const char *key)
{
	for (size_t i = 0; i < object->count; i++)
		if (object->items[i]->key[0] == key[0] && strcmp(object->items[i]->key, key) == 0)
			return true;
	return false;
}

static struct value *take_object(struct plain *plain)
{
	struct value *object = value_new_object(plain->arena);
	bool more = !take(plain, '}');

	while (more) {
		size_t length;
		const char *key = take_text(plain, &length);
		struct value *item;

		if (key == NULL || object->count == MEMBERS_MOST || is_named(object, key) ||
		    !take(plain, ':'))
			return NULL;
		item = take_value(plain);
		if (item == NULL || !take_separator(plain, '}', &more))
			return NULL;
		item->key = key;
		value_append(plain->arena, object, item);
	}
	return object;
}

static struct value *take_nested(struct plain *plain, struct value *(*inner)(struct plain *plain))
{
	struct value *value;

	if (plain->depth == 0)
		return NULL;
	plain->next++;
	plain->depth--;
	value = inner(plain);
	plain->depth++;
	return value;
}

static struct value *take_value(struct plain *plain)
{
	switch (peek(plain)) {
	case '{':
		return take_nested(plain, take_object);
	case '[':
		return take_nested(plain, take_array);
	case '"':
		return take_string(plain);
	case 't':
		return take_word(plain, "true", value_new_boolean(plain->arena, true));
	case 'f':
		return take_word(plain, "false", value_new_boolean(plain->arena, false));
	case 'n':
		return take_word(plain, "null", value_new_null(plain->arena));
	default:
		return take_number(plain);
	}
}

/* No NUL was in what was taken: each there is now was a quote. */
static void restore(char *text, const char *end)
{
	for (; text < end; text++)
		if (*text == '\0')
			*text = '"';
}

bool plain_decode(struct value **ret, struct arena *arena, char *text, size_t length,
                  unsigned depth_most)
{
	struct plain plain = { arena, text, text + length, depth_most };
	char first = peek(&plain);
	struct value *value = first == '{' || first == '[' ? take_value(&plain) : NULL;

	/* a NUL behind it is not its end */
	if (value == NULL || peek(&plain) != '\0' || plain.next != plain.end) {
		restore(text, plain.next);
		return false;
	}
	*ret = value;
	return true;
}
