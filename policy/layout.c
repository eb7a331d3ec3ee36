/*
 * layout: a profile as it should be written: members in the schema's order, what fits on a line on
 * one line, lists of names filled like text, rules one a line. The order of lists is meaning and
 * stays; so does that of members whose names are the author's.
 */
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 110, INDENT = 2, HEIGHT_INLINE = 4 };

/* One order for all objects of the schema: no two keys of it stand otherwise in any of them. */
static const char *const order[] = {
	"$schema",
	"schema",
	"name",
	"description",
	"images",
	"extends",
	"groups",
	"capability",
	"arch",
	"kernel",
	"call",
	"when",
	"decision",
	"syscalls",
	"default",
	"unknown",
	"rules",
	"deny",
	"allow",
	"architectures",
	"capabilities",
	"add",
	"drop",
	"user",
	"idmap",
	"mode",
	"filesystem",
	"root",
	"tmpfs",
	"path",
	"size",
	"mask",
	"is",
	"not",
	"in",
	"below",
	"above",
	"at_least",
	"at_most",
	"hide",
	"read-only",
	"landlock",
	"write",
	"execute",
	"network",
	"bind",
	"connect",
	"limits",
	"apparmor",
	"no_new_privileges",
	"user_namespaces",
	"image_profile",
	"if_available",
	"comment",
};

struct member {
	const struct value *value;
	size_t rank, place;
};

static size_t rank_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (strcmp(order[i], key) == 0)
			return i;
	return ARRAY_SIZE(order);
}

static int by_rank(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The author's own names: arguments, groups, and all of Docker's files. */
static bool is_ordered(const struct value *object)
{
	static const char *const own[] = { "when", "groups", "limits" };
	const struct value *root = object;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (text_equal(object->key, own[i]))
			return false;
	while (root->parent != NULL)
		root = root->parent;
	return value_get(root, "schema") != NULL;
}

static struct member *members(struct arena *arena, const struct value *object)
{
	struct member *list = arena_array(arena, object->count + 1, sizeof *list);
	bool ordered = is_ordered(object);

	for (size_t i = 0; i < object->count; i++)
		list[i] = (struct member){ object->items[i],
			                   ordered ? rank_of(object->items[i]->key) : 0, i };
	qsort(list, object->count, sizeof *list, by_rank);
	return list;
}

struct layout {
	struct text *text;
	struct arena *arena;
};

static bool is_list(const struct value *value)
{
	return value->kind == VALUE_ARRAY || value->kind == VALUE_OBJECT;
}

static unsigned height(const struct value *value)
{
	unsigned highest = 0;

	for (size_t i = 0; is_list(value) && i < value->count; i++) {
		unsigned below = height(value->items[i]);

		highest = below > highest ? below : highest;
	}
	return is_list(value) ? highest + 1 : 0;
}

static void append_key(struct text *ret, struct arena *arena, const char *key)
{
	value_encode(ret, value_new_string(arena, key), VALUE_COMPACT);
	text_append(ret, ": ");
}

/* All of it on one line. */
static void print_inline(struct text *ret, struct arena *arena, const struct value *value)
{
	bool object = value->kind == VALUE_OBJECT;
	const struct member *list;

	if (!is_list(value)) {
		value_encode(ret, value, VALUE_COMPACT);
		return;
	}
	list = object ? members(arena, value) : NULL;
	text_append_char(ret, object ? '{' : '[');
	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = object ? list[i].value : value->items[i];

		if (i > 0)
			text_append(ret, ", ");
		if (object)
			append_key(ret, arena, item->key);
		print_inline(ret, arena, item);
	}
	text_append_char(ret, object ? '}' : ']');
}

static void new_line(struct text *ret, unsigned depth)
{
	text_append_char(ret, '\n');
	for (unsigned i = 0; i < depth * INDENT; i++)
		text_append_char(ret, ' ');
}

static size_t column(const struct text *text)
{
	const char *last = text->length == 0 ? NULL : strrchr(text->data, '\n');

	return last == NULL ? text->length : text->length - (size_t)(last + 1 - text->data);
}

/* Broken into lines whether it fits or not: the whole, and its system calls. */
static bool is_always_broken(const struct value *value)
{
	return value->parent == NULL ||
	       (text_equal(value->key, "syscalls") && value->kind == VALUE_OBJECT);
}

static void print(const struct layout *layout, const struct value *value, unsigned depth);

static void print_members(const struct layout *layout, const struct value *value, unsigned depth)
{
	const struct member *list = members(layout->arena, value);

	text_append_char(layout->text, '{');
	for (size_t i = 0; i < value->count; i++) {
		new_line(layout->text, depth + 1);
		append_key(layout->text, layout->arena, list[i].value->key);
		print(layout, list[i].value, depth + 1);
		text_append(layout->text, i + 1 < value->count ? "," : "");
	}
	new_line(layout->text, depth);
	text_append_char(layout->text, '}');
}

/* Names share lines, rules do not. */
static void print_items(const struct layout *layout, const struct value *value, unsigned depth)
{
	bool alone = true;

	text_append_char(layout->text, '[');
	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];
		_cleanup_text struct text one = {};

		print_inline(&one, layout->arena, item);
		if (alone || is_list(item) || column(layout->text) + 1 + one.length + 1 > COLUMNS)
			new_line(layout->text, depth + 1);
		else
			text_append_char(layout->text, ' ');
		print(layout, item, depth + 1);
		text_append(layout->text, i + 1 < value->count ? "," : "");
		alone = is_list(item);
	}
	new_line(layout->text, depth);
	text_append_char(layout->text, ']');
}

static void print(const struct layout *layout, const struct value *value, unsigned depth)
{
	_cleanup_text struct text one = {};
	bool fits;

	print_inline(&one, layout->arena, value);
	fits = column(layout->text) + one.length + 1 <= COLUMNS && height(value) <= HEIGHT_INLINE;
	if (!is_list(value) || value->count == 0 || (fits && !is_always_broken(value)))
		text_append(layout->text, text_string(&one));
	else if (value->kind == VALUE_OBJECT)
		print_members(layout, value, depth);
	else
		print_items(layout, value, depth);
}

void policy_layout(struct text *ret, const struct value *profile)
{
	_cleanup_arena struct arena arena = {};

	print(&(struct layout){ ret, &arena }, profile, 0);
	text_append_char(ret, '\n');
}
