/*
 * value: the JSON tree. Arrays and objects keep their items in the order of the text; objects are
 * searched in a line, which is the fastest for the few members that documents here have.
 */
#include "policy/value.h"

#include <stdlib.h>
#include <string.h>

/* Most names differ at once. */
static bool is_key(const struct value *item, const char *key)
{
	return item->key[0] == key[0] && strcmp(item->key, key) == 0;
}

const struct value *value_get(const struct value *object, const char *key)
{
	if (object == NULL || object->kind != VALUE_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++)
		if (is_key(object->items[i], key))
			return object->items[i];
	return NULL;
}

const struct value *value_path(const struct value *root, const char *dotted)
{
	char part[256];

	while (root != NULL && *dotted != '\0') {
		size_t length = strcspn(dotted, ".");

		if (length >= sizeof part)
			return NULL;
		memcpy(part, dotted, length);
		part[length] = '\0';
		root = value_get(root, part);
		dotted += length + (dotted[length] == '.');
	}
	return root;
}

const char *value_string(const struct value *value, const char *fallback)
{
	return value != NULL && value->kind == VALUE_STRING ? value->string : fallback;
}

int64_t value_integer(const struct value *value, int64_t fallback)
{
	return value != NULL && value->kind == VALUE_INTEGER ? value->integer : fallback;
}

bool value_boolean(const struct value *value, bool fallback)
{
	return value != NULL && value->kind == VALUE_BOOLEAN ? value->boolean : fallback;
}

const char *value_kind_name(enum value_kind kind)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",          [VALUE_BOOLEAN] = "true or false",
		[VALUE_INTEGER] = "an integer", [VALUE_REAL] = "a number",
		[VALUE_STRING] = "a string",    [VALUE_ARRAY] = "an array",
		[VALUE_OBJECT] = "an object",   [VALUE_LARGE] = "an integer above 2^63-1",
	};

	_Static_assert(sizeof names / sizeof names[0] == VALUE_KINDS, "one name a kind");
	return (unsigned)kind < VALUE_KINDS ? names[kind] : "something else";
}

static struct value *new_value(struct arena *arena, enum value_kind kind)
{
	struct value *value = arena_alloc(arena, sizeof *value);

	value->kind = kind;
	return value;
}

struct value *value_new_null(struct arena *arena)
{
	return new_value(arena, VALUE_NULL);
}

struct value *value_new_boolean(struct arena *arena, bool boolean)
{
	struct value *value = new_value(arena, VALUE_BOOLEAN);

	value->boolean = boolean;
	return value;
}

struct value *value_new_integer(struct arena *arena, int64_t integer)
{
	struct value *value = new_value(arena, VALUE_INTEGER);

	value->integer = integer;
	return value;
}

struct value *value_new_unsigned(struct arena *arena, uint64_t number)
{
	struct value *value;

	if (number <= INT64_MAX)
		return value_new_integer(arena, (int64_t)number);
	value = new_value(arena, VALUE_LARGE);
	value->large = number;
	return value;
}

struct value *value_new_string(struct arena *arena, const char *string)
{
	struct value *value;

	if (string == NULL)
		return value_new_null(arena);
	value = new_value(arena, VALUE_STRING);
	value->string = arena_strdup(arena, string);
	value->length = strlen(string);
	return value;
}

struct value *value_new_array(struct arena *arena)
{
	return new_value(arena, VALUE_ARRAY);
}

struct value *value_new_object(struct arena *arena)
{
	return new_value(arena, VALUE_OBJECT);
}

struct value *value_append(struct arena *arena, struct value *array, struct value *item)
{
	if (array->count == array->capacity) {
		uint32_t capacity = array->capacity == 0 ? 4 : array->capacity * 2;
		struct value **items;

		if (capacity < array->capacity)
			abort(); /* of 2^31 items */
		items = arena_array(arena, capacity, sizeof(struct value *));
		if (array->count > 0)
			memcpy(items, array->items, array->count * sizeof(struct value *));
		array->items = items;
		array->capacity = capacity;
	}
	item->parent = array;
	item->index = array->count;
	array->items[array->count++] = item;
	return item;
}

struct value *value_set(struct arena *arena, struct value *object, const char *key,
                        struct value *item)
{
	item->key = arena_strdup(arena, key);
	for (uint32_t i = 0; i < object->count; i++) {
		if (!is_key(object->items[i], key))
			continue;
		item->parent = object;
		item->index = i;
		object->items[i] = item;
		return item;
	}
	return value_append(arena, object, item);
}

bool value_remove(struct value *object, const char *key)
{
	uint32_t found = 0;

	while (found < object->count && strcmp(object->items[found]->key, key) != 0)
		found++;
	if (found == object->count)
		return false;
	object->count--;
	for (uint32_t i = found; i < object->count; i++) {
		object->items[i] = object->items[i + 1];
		object->items[i]->index = i;
	}
	return true;
}

struct value *value_copy(struct arena *arena, const struct value *value)
{
	struct value *copy = new_value(arena, value->kind);

	switch (value->kind) {
	case VALUE_STRING:
		copy->string = arena_text(arena, value->string, value->length);
		copy->length = value->length;
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		for (size_t i = 0; i < value->count; i++) {
			struct value *item = value_copy(arena, value->items[i]);

			item->key = arena_strdup(arena, value->items[i]->key);
			value_append(arena, copy, item);
		}
		break;
	default:
		copy->integer = value->integer;
		if (value->kind == VALUE_BOOLEAN)
			copy->boolean = value->boolean;
		else if (value->kind == VALUE_REAL)
			copy->real = value->real;
		break;
	}
	return copy;
}

void value_pointer(struct text *ret, const struct value *value)
{
	if (value == NULL || value->parent == NULL)
		return;
	value_pointer(ret, value->parent);
	text_append_char(ret, '/');
	if (value->parent->kind == VALUE_ARRAY) {
		text_printf(ret, "%u", value->index);
		return;
	}
	for (const char *next = value->key; *next != '\0'; next++) {
		if (*next == '~')
			text_append(ret, "~0");
		else if (*next == '/')
			text_append(ret, "~1");
		else
			text_append_visible(ret, next, 1);
	}
}
