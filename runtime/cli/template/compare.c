/*
 * compare: and, or, not, eq and its kin, len, index, slice.
 */
#include "runtime/cli/template/function.h"
#include "runtime/cli/template/tree.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

static int answer(struct run *run, const struct value **ret, bool yes)
{
	*ret = value_new_boolean(run->arena, yes);
	return run_spend(run, sizeof **ret);
}

static int not_(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	return answer(run, ret, !value_is_true(arguments->items[0]));
}

static bool is_nothing(const struct value *value)
{
	return value == NULL || value->kind == VALUE_NULL;
}

/* As Go: what is of two kinds cannot be compared, but everything with nil. */
static int check_kinds(struct run *run, const struct value *a, const struct value *b)
{
	if (is_nothing(a) || is_nothing(b))
		return 0;
	if (a->kind != b->kind)
		return run_fail(run, "%s and %s cannot be compared", kind_of(a), kind_of(b));
	return a->kind < VALUE_ARRAY ? 0 : run_fail(run, "%s cannot be compared", kind_of(a));
}

static bool is_equal(const struct value *a, const struct value *b)
{
	if (is_nothing(a) || is_nothing(b))
		return is_nothing(a) && is_nothing(b);
	switch (a->kind) {
	case VALUE_BOOLEAN:
		return a->boolean == b->boolean;
	case VALUE_INTEGER:
		return a->integer == b->integer;
	case VALUE_REAL:
		return a->real >= b->real && a->real <= b->real;
	default:
		return a->length == b->length && memcmp(a->string, b->string, a->length) == 0;
	}
}

/* True where the first equals one of the others. */
static int eq(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	bool found = false;

	for (size_t i = 1; i < arguments->count && !found; i++) {
		if (check_kinds(run, arguments->items[0], arguments->items[i]) < 0)
			return -1;
		found = is_equal(arguments->items[0], arguments->items[i]);
	}
	return answer(run, ret, found);
}

static int ne(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	if (check_kinds(run, arguments->items[0], arguments->items[1]) < 0)
		return -1;
	return answer(run, ret, !is_equal(arguments->items[0], arguments->items[1]));
}

/* -1, 0, 1 in *ret. */
static int order(struct run *run, int *ret, const struct arguments *arguments)
{
	const struct value *a = arguments->items[0], *b = arguments->items[1];

	if (is_nothing(a) || is_nothing(b) || a->kind == VALUE_BOOLEAN)
		return run_fail(run, "%s and %s have no order", kind_of(a), kind_of(b));
	if (check_kinds(run, a, b) < 0)
		return -1;
	if (a->kind == VALUE_INTEGER)
		*ret = (a->integer > b->integer) - (a->integer < b->integer);
	else if (a->kind == VALUE_REAL)
		*ret = (a->real > b->real) - (a->real < b->real);
	else
		*ret = strcmp(a->string, b->string);
	return 0;
}

static int lt(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	int result;

	return order(run, &result, arguments) < 0 ? -1 : answer(run, ret, result < 0);
}

static int le(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	int result;

	return order(run, &result, arguments) < 0 ? -1 : answer(run, ret, result <= 0);
}

static int gt(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	int result;

	return order(run, &result, arguments) < 0 ? -1 : answer(run, ret, result > 0);
}

static int ge(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	int result;

	return order(run, &result, arguments) < 0 ? -1 : answer(run, ret, result >= 0);
}

static int len(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *value = arguments->items[0];
	size_t length;

	if (value == NULL || (value->kind < VALUE_STRING && value->kind != VALUE_NULL))
		return run_fail(run, "len of %s", kind_of(value));
	length = value->kind == VALUE_NULL     ? 0
	         : value->kind == VALUE_STRING ? value->length
	                                       : value->count;
	*ret = value_new_integer(run->arena, (int64_t)length);
	return run_spend(run, sizeof **ret);
}

static int index_array(struct run *run, const struct value **ret, const struct value *array,
                       const struct value *place)
{
	if (place == NULL || place->kind != VALUE_INTEGER)
		return run_fail(run, "index of an array takes an integer, not %s", kind_of(place));
	if (place->integer < 0 || (uint64_t)place->integer >= array->count)
		return run_fail(run, "index %lld is out of range: there are %u",
		                (long long)place->integer, array->count);
	*ret = array->items[place->integer];
	return 0;
}

static int index_map(struct run *run, const struct value **ret, const struct value *map,
                     const struct value *key)
{
	if (key == NULL || key->kind != VALUE_STRING)
		return run_fail(run, "index of an object takes a string, not %s", kind_of(key));
	*ret = value_get(map, key->string);
	if (*ret != NULL)
		return 0;
	if (!value_is_map(map))
		return run_fail(run, "there is no field %.60s", key->string);
	*ret = map_zero(run->arena, map);
	return run_spend(run, sizeof **ret);
}

static int index_one(struct run *run, const struct value **ret, const struct value *value,
                     const struct value *place)
{
	struct value *byte;

	if (value != NULL && value->kind == VALUE_ARRAY)
		return index_array(run, ret, value, place);
	if (value_is_map(value) || (value != NULL && value->kind == VALUE_OBJECT))
		return index_map(run, ret, value, place);
	if (value == NULL || value->kind != VALUE_STRING)
		return run_fail(run, "index of %s", kind_of(value));
	if (place == NULL || place->kind != VALUE_INTEGER || place->integer < 0 ||
	    (uint64_t)place->integer >= value->length)
		return run_fail(run, "index of a string of %zu bytes is out of range",
		                value->length);
	byte = value_new_integer(run->arena, (unsigned char)value->string[place->integer]);
	*ret = byte;
	return run_spend(run, sizeof *byte);
}

static int index_(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	*ret = arguments->items[0];
	for (size_t i = 1; i < arguments->count; i++)
		if (index_one(run, ret, *ret, arguments->items[i]) < 0)
			return -1;
	return 0;
}

/* The bounds of slice X FROM TO: FROM is 0 and TO the length where they are not given. */
static int read_bounds(struct run *run, size_t bounds[2], const struct arguments *arguments)
{
	size_t length = bounds[1];

	for (size_t i = 1; i < arguments->count; i++) {
		const struct value *bound = arguments->items[i];

		if (bound == NULL || bound->kind != VALUE_INTEGER)
			return run_fail(run, "slice takes integers, not %s", kind_of(bound));
		if (bound->integer < 0 || (uint64_t)bound->integer > length)
			return run_fail(run, "slice: %lld is out of range: there are %zu",
			                (long long)bound->integer, length);
		bounds[i - 1] = (size_t)bound->integer;
	}
	return bounds[0] <= bounds[1] ? 0 : run_fail(run, "slice ends before it begins");
}

static int slice(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *value = arguments->items[0];
	bool string = value != NULL && value->kind == VALUE_STRING;
	size_t bounds[2] = { 0, 0 };
	_cleanup_text struct text text = {};
	struct value *part;

	if (!string && (value == NULL || value->kind != VALUE_ARRAY))
		return run_fail(run, "slice of %s", kind_of(value));
	bounds[1] = string ? value->length : value->count;
	if (read_bounds(run, bounds, arguments) < 0)
		return -1;
	if (string) {
		text_append_bytes(&text, value->string + bounds[0], bounds[1] - bounds[0]);
		return run_string(run, ret, &text);
	}
	part = value_new_array(run->arena);
	part->items = value->items + bounds[0];
	part->count = (uint32_t)(bounds[1] - bounds[0]); /* within it, or an error before */
	*ret = part;
	return run_spend(run, sizeof *part);
}

const struct function compare_functions[] = {
	{ "and", 1, SIZE_MAX, NULL, false },
	{ "or", 1, SIZE_MAX, NULL, false },
	{ "not", 1, 1, not_, false },
	{ "eq", 2, SIZE_MAX, eq, false },
	{ "ne", 2, 2, ne, false },
	{ "lt", 2, 2, lt, false },
	{ "le", 2, 2, le, false },
	{ "gt", 2, 2, gt, false },
	{ "ge", 2, 2, ge, false },
	{ "len", 1, 1, len, false },
	{ "index", 1, SIZE_MAX, index_, false },
	{ "slice", 1, 3, slice, false },
	{},
};
