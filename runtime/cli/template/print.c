/*
 * print: values as Go's fmt prints them with %v, and which objects are maps to Go.
 *
 * Docker runs its templates on structs and maps of Go; here both are objects of JSON. A map is what
 * stands under one of the keys below; all else is a struct.
 */
#include "runtime/cli/template/function.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

/* The maps of Docker's inspect, and what an absent key of theirs holds. */
static const struct map {
	const char *key;
	enum value_kind zero;
} maps[] = {
	{ "Annotations", VALUE_STRING },  { "Data", VALUE_STRING },
	{ "DriverOpts", VALUE_STRING },   { "ExposedPorts", VALUE_OBJECT },
	{ "GraphOptions", VALUE_STRING }, { "Label", VALUE_STRING },
	{ "Labels", VALUE_STRING },       { "Networks", VALUE_NULL },
	{ "Options", VALUE_STRING },      { "PortBindings", VALUE_ARRAY },
	{ "Ports", VALUE_ARRAY },         { "StorageOpt", VALUE_STRING },
	{ "Sysctls", VALUE_STRING },      { "Tmpfs", VALUE_STRING },
	{ "Volumes", VALUE_OBJECT },
};

static const struct map *map_of(const struct value *value)
{
	for (size_t i = 0; value != NULL && value->key != NULL && i < ARRAY_SIZE(maps); i++)
		if (strcmp(maps[i].key, value->key) == 0)
			return &maps[i];
	return NULL;
}

bool value_is_map(const struct value *value)
{
	return value != NULL && (value->kind == VALUE_OBJECT || value->kind == VALUE_NULL) &&
	       map_of(value) != NULL;
}

const struct value *map_zero(struct arena *arena, const struct value *map)
{
	const struct map *row = map_of(map);
	struct value *zero;

	if (row == NULL)
		return NULL;
	if (row->zero == VALUE_STRING)
		return value_new_string(arena, "");
	zero = row->zero == VALUE_OBJECT  ? value_new_object(arena)
	       : row->zero == VALUE_ARRAY ? value_new_array(arena)
	                                  : value_new_null(arena);
	return zero;
}

const char *kind_of(const struct value *value)
{
	return value == NULL ? "no value" : value_kind_name(value->kind);
}

bool value_is_true(const struct value *value)
{
	if (value == NULL)
		return false;
	switch (value->kind) {
	case VALUE_NULL:
		return false;
	case VALUE_BOOLEAN:
		return value->boolean;
	case VALUE_INTEGER:
		return value->integer != 0;
	case VALUE_REAL:
		return value->real != 0;
	case VALUE_STRING:
		return value->length > 0;
	default:
		return value->count > 0;
	}
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp((*(const struct value *const *)a)->key,
	              (*(const struct value *const *)b)->key);
}

const struct value *const *sorted_members(struct arena *arena, const struct value *object)
{
	const struct value **members = arena_array(arena, object->count + 1, sizeof *members);

	for (size_t i = 0; i < object->count; i++)
		members[i] = object->items[i];
	if (object->count > 1)
		qsort(members, object->count, sizeof *members, compare_keys);
	return members;
}

void print_real(struct text *ret, double real)
{
	char buffer[40];
	int digits = 0, exponent;

	do
		snprintf(buffer, sizeof buffer, "%.*e", digits, real);
	while (digits++ < 17 && strtod(buffer, NULL) != real);
	exponent = atoi(strchr(buffer, 'e') + 1);
	/* where Go's shortest %g writes an exponent (strconv/ftoa.go) */
	if (exponent < -4 || exponent >= 6)
		text_append(ret, buffer);
	else
		text_printf(ret, "%.*f", digits - 1 > exponent ? digits - 1 - exponent : 0, real);
}

static void print_inside(struct text *ret, const struct value *value);

static void print_object(struct text *ret, const struct value *object)
{
	_cleanup_arena struct arena arena = {};
	bool map = value_is_map(object);
	const struct value *const *members =
	        map ? sorted_members(&arena, object) : (const struct value *const *)object->items;

	text_append(ret, map ? "map[" : "{");
	for (size_t i = 0; i < object->count; i++) {
		text_append(ret, i > 0 ? " " : "");
		if (map)
			text_printf(ret, "%s:", members[i]->key);
		print_inside(ret, members[i]);
	}
	text_append_char(ret, map ? ']' : '}');
}

static void print_inside(struct text *ret, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		text_append(ret, value_is_map(value) ? "map[]" : "<nil>");
		break;
	case VALUE_STRING:
		text_append_bytes(ret, value->string, value->length);
		break;
	case VALUE_REAL:
		print_real(ret, value->real);
		break;
	case VALUE_OBJECT:
		print_object(ret, value);
		break;
	case VALUE_ARRAY:
		text_append_char(ret, '[');
		for (size_t i = 0; i < value->count; i++) {
			text_append(ret, i > 0 ? " " : "");
			print_inside(ret, value->items[i]);
		}
		text_append_char(ret, ']');
		break;
	default:
		value_encode(ret, value, VALUE_COMPACT);
		break;
	}
}

void print_value(struct text *ret, const struct value *value)
{
	if (value == NULL)
		text_append(ret, "<no value>");
	else
		print_inside(ret, value);
}
