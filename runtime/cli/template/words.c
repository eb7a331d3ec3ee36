/*
 * words: print and its kin, and what Docker adds: json, join, split, lower, upper, title, pad,
 * truncate.
 */
#include "runtime/cli/template/character.h"
#include "runtime/cli/template/function.h"
#include "runtime/cli/template/tree.h"

#include "sandbox/base/cleanup.h"

#include <ctype.h>
#include <string.h>

/* The text of argument `place`, which has to be one. NULL with the error set where it is not. */
static const struct value *need_text(struct run *run, const char *name,
                                     const struct arguments *arguments, size_t place)
{
	const struct value *value = arguments->items[place];

	if (value != NULL && value->kind == VALUE_STRING)
		return value;
	run_fail(run, "%s takes a string as argument %zu, not %s", name, place + 1, kind_of(value));
	return NULL;
}

/* A count of blanks or characters; -1 with the error set. */
static int64_t need_count(struct run *run, const char *name, const struct arguments *arguments,
                          size_t place)
{
	const struct value *value = arguments->items[place];

	if (value == NULL || value->kind != VALUE_INTEGER || value->integer < 0 ||
	    value->integer > 1000000)
		return run_fail(run, "%s takes a number from 0 to 1000000 as argument %zu", name,
		                place + 1);
	return value->integer;
}

/* Go's Sprint: a blank between two operands where neither is a string. */
static int print(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	_cleanup_text struct text text = {};
	bool was_string = true;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct value *item = arguments->items[i];
		bool is_string = item != NULL && item->kind == VALUE_STRING;

		if (i > 0 && !was_string && !is_string)
			text_append_char(&text, ' ');
		print_value(&text, item);
		was_string = is_string;
	}
	return run_string(run, ret, &text);
}

static int println(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < arguments->count; i++) {
		text_append(&text, i > 0 ? " " : "");
		print_value(&text, arguments->items[i]);
	}
	text_append_char(&text, '\n');
	return run_string(run, ret, &text);
}

static int printf_(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	_cleanup_text struct text text = {};

	if (need_text(run, "printf", arguments, 0) == NULL ||
	    print_formatted(run, &text, arguments) < 0)
		return -1;
	return run_string(run, ret, &text);
}

static int json(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	_cleanup_text struct text text = {};

	if (arguments->items[0] == NULL)
		text_append(&text, "null");
	else
		value_encode(&text, arguments->items[0], VALUE_COMPACT);
	return run_string(run, ret, &text);
}

static int join(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *list = arguments->items[0];
	const struct value *separator = need_text(run, "join", arguments, 1);
	_cleanup_text struct text text = {};

	if (separator == NULL)
		return -1;
	if (list == NULL || (list->kind != VALUE_ARRAY && list->kind != VALUE_NULL))
		return run_fail(run, "join takes a list as argument 1, not %s", kind_of(list));
	for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->count; i++) {
		if (list->items[i]->kind != VALUE_STRING)
			return run_fail(run, "join takes a list of strings, not of %s",
			                kind_of(list->items[i]));
		text_append(&text, i > 0 ? separator->string : "");
		text_append(&text, list->items[i]->string);
	}
	return run_string(run, ret, &text);
}

static int append_part(struct run *run, struct value *list, const char *start, size_t length)
{
	if (run_spend(run, length + 2 * sizeof *list) < 0)
		return -1;
	value_append(run->arena, list,
	             value_new_string(run->arena, arena_text(run->arena, start, length)));
	return 0;
}

static int split(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *whole = need_text(run, "split", arguments, 0);
	const struct value *separator =
	        whole == NULL ? NULL : need_text(run, "split", arguments, 1);
	struct value *list = value_new_array(run->arena);
	const char *next, *found;

	if (separator == NULL)
		return -1;
	*ret = list;
	/* an empty separator splits into characters */
	for (next = whole->string; separator->length == 0 && *next != '\0';) {
		size_t length = character_prefix(next, 1);

		if (append_part(run, list, next, length) < 0)
			return -1;
		next += length;
	}
	if (separator->length == 0)
		return 0;
	for (; (found = strstr(next, separator->string)) != NULL; next = found + separator->length)
		if (append_part(run, list, next, (size_t)(found - next)) < 0)
			return -1;
	return append_part(run, list, next, strlen(next));
}

/* Names, states and images are ASCII: other letters are left as they are. */
static int change_case(struct run *run, const struct value **ret, const struct value *value,
                       int (*change)(int))
{
	_cleanup_text struct text text = {};

	if (value == NULL)
		return -1;
	for (const char *next = value->string; *next != '\0'; next++)
		text_append_char(&text, (unsigned char)*next < 0x80 ? (char)change(*next) : *next);
	return run_string(run, ret, &text);
}

static int lower(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	return change_case(run, ret, need_text(run, "lower", arguments, 0), tolower);
}

static int upper(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	return change_case(run, ret, need_text(run, "upper", arguments, 0), toupper);
}

/* Go's strings.Title: the first letter of every word; digits and '_' are part of words. */
static int title(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *value = need_text(run, "title", arguments, 0);
	_cleanup_text struct text text = {};
	bool inside = false;

	if (value == NULL)
		return -1;
	for (const char *next = value->string; *next != '\0'; next++) {
		unsigned char letter = (unsigned char)*next;

		text_append_char(&text, inside || letter >= 0x80 ? *next : (char)toupper(letter));
		inside = isalnum(letter) || letter == '_' || letter >= 0x80;
	}
	return run_string(run, ret, &text);
}

/* pad TEXT BEFORE AFTER: blanks around what is not empty. */
static int pad(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *value = need_text(run, "pad", arguments, 0);
	int64_t before = value == NULL ? -1 : need_count(run, "pad", arguments, 1);
	int64_t after = before < 0 ? -1 : need_count(run, "pad", arguments, 2);
	_cleanup_text struct text text = {};

	if (after < 0)
		return -1;
	if (value->length > 0)
		text_printf(&text, "%*s%s%*s", (int)before, "", value->string, (int)after, "");
	return run_string(run, ret, &text);
}

static int truncate_(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	const struct value *value = need_text(run, "truncate", arguments, 0);
	int64_t count = value == NULL ? -1 : need_count(run, "truncate", arguments, 1);
	_cleanup_text struct text text = {};

	if (count < 0)
		return -1;
	text_append_bytes(&text, value->string, character_prefix(value->string, (size_t)count));
	return run_string(run, ret, &text);
}

const struct function word_functions[] = {
	{ "print", 0, SIZE_MAX, print, false },
	{ "printf", 1, SIZE_MAX, printf_, false },
	{ "println", 0, SIZE_MAX, println, false },
	{ "json", 1, 1, json, true },
	{ "join", 2, 2, join, false },
	{ "split", 2, 2, split, false },
	{ "lower", 1, 1, lower, true },
	{ "upper", 1, 1, upper, true },
	{ "title", 1, 1, title, true },
	{ "pad", 3, 3, pad, false },
	{ "truncate", 2, 2, truncate_, true },
	{},
};
