/*
 * toml: tables, arrays and pairs.
 *
 * TOML lets a table be made in four ways, and what may be added to it later depends on the way: so
 * every value carries how it came about beside where it stands. A header [a.b] makes a and b; a may
 * have its own header later (it was only named), b may not. A dotted key a.b = 1 makes a, and goes
 * on adding to it, but only where it was made by dotted keys. An inline table is whole as written.
 * [[a]] adds to an array that [[a]] made.
 */
#include "runtime/registry/toml.h"

#include "runtime/registry/toml_scan.h"

#include <string.h>

enum origin {
	ORIGIN_PLAIN,  /* a value; an inline table; an array in brackets */
	ORIGIN_NAMED,  /* a table on the way to that of a header */
	ORIGIN_HEADER, /* a table with its header, or the root */
	ORIGIN_DOTTED, /* a table on the way of a dotted key */
	ORIGIN_LIST,   /* the array of [[...]] */
};

struct item {
	struct value value; /* first: a value of a tree is its item */
	struct position position;
	enum origin origin;
};

static struct item *item_of(const struct value *value)
{
	return (struct item *)value;
}

struct position toml_position(const struct value *value)
{
	return item_of(value)->position;
}

static struct value *make(struct toml_scan *scan, const char *at, enum value_kind kind,
                          enum origin origin)
{
	struct item *item = arena_alloc(scan->arena, sizeof *item);

	item->value.kind = kind;
	item->position = toml_place(scan, at);
	item->origin = origin;
	return &item->value;
}

static struct value *member(const struct value *table, const char *name)
{
	return (struct value *)value_get(table, name);
}

static void add(struct toml_scan *scan, struct value *table, const char *name, struct value *item)
{
	item->key = name;
	value_append(scan->arena, table, item);
}

static int defined_twice(struct toml_scan *scan, const char *at, const struct value *first)
{
	return toml_complain(scan, at, "%.100s is defined a second time (first in line %u)",
	                     first->key, item_of(first)->position.line);
}

/* ---- values ---- */

static int take_value(struct value **ret, struct toml_scan *scan, const char *at);
static int take_pair(struct toml_scan *scan, struct value *table);

static int take_array(struct value **ret, struct toml_scan *scan, const char *at)
{
	struct value *array = make(scan, at, VALUE_ARRAY, ORIGIN_PLAIN), *item;

	for (toml_skip_lines(scan); !toml_take(scan, "]"); toml_skip_lines(scan)) {
		if (array->count > 0 && !toml_take(scan, ","))
			return toml_complain(scan, scan->next, "',' or ']' is expected here");
		toml_skip_lines(scan);
		if (array->count > 0 && toml_take(scan, "]"))
			break; /* a comma may be the last */
		if (take_value(&item, scan, scan->next) < 0)
			return -1;
		value_append(scan->arena, array, item);
	}
	*ret = array;
	return 0;
}

/* On one line, without a comma at the end. */
static int take_inline(struct value **ret, struct toml_scan *scan, const char *at)
{
	struct value *table = make(scan, at, VALUE_OBJECT, ORIGIN_PLAIN);

	toml_skip_blanks(scan);
	if (!toml_take(scan, "}"))
		for (;;) {
			if (take_pair(scan, table) < 0)
				return -1;
			toml_skip_blanks(scan);
			if (toml_take(scan, "}"))
				break;
			if (!toml_take(scan, ","))
				return toml_complain(scan, scan->next,
				                     "',' or '}' is expected here");
		}
	*ret = table;
	return 0;
}

static int take_nested(struct value **ret, struct toml_scan *scan, const char *at, bool table)
{
	int result;

	if (scan->depth == TOML_DEPTH_MAX)
		return toml_complain(scan, scan->next, "nested more than %d deep", TOML_DEPTH_MAX);
	scan->depth++;
	scan->next++;
	result = table ? take_inline(ret, scan, at) : take_array(ret, scan, at);
	scan->depth--;
	return result;
}

/* Whether the word stands alone: "trueish" is no boolean. */
static bool take_word(struct toml_scan *scan, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(scan->next, word, length) != 0 ||
	    strchr(" \t\r\n,]}#", scan->next[length]) == NULL) /* a NUL, too, is found */
		return false;
	scan->next += length;
	return true;
}

static int take_value(struct value **ret, struct toml_scan *scan, const char *at)
{
	struct value *value;

	switch (*scan->next) {
	case '[':
	case '{':
		return take_nested(ret, scan, at, *scan->next == '{');
	case '"':
	case '\'':
		value = make(scan, at, VALUE_STRING, ORIGIN_PLAIN);
		if (toml_take_string(&value->string, scan, true) < 0)
			return -1;
		value->length = strlen(value->string);
		break;
	default:
		value = make(scan, at, VALUE_BOOLEAN, ORIGIN_PLAIN);
		value->boolean = take_word(scan, "true");
		if (value->boolean || take_word(scan, "false"))
			break;
		value->kind = VALUE_INTEGER;
		if (toml_take_integer(&value->integer, scan) < 0)
			return -1;
	}
	*ret = value;
	return 0;
}

/* ---- pairs ---- */

/* From `*place` to the table that the last name of a dotted key goes to. */
static int follow_dots(struct value **place, struct toml_scan *scan, const struct toml_key *key)
{
	struct value *table = *place;

	for (size_t i = 0; i + 1 < key->count; i++) {
		struct value *next = member(table, key->names[i]);

		if (next == NULL) {
			next = make(scan, key->places[i], VALUE_OBJECT, ORIGIN_DOTTED);
			add(scan, table, key->names[i], next);
		} else if (item_of(next)->origin != ORIGIN_DOTTED) {
			return toml_complain(scan, key->places[i],
			                     "%.100s (line %u) cannot be added to by a dotted key",
			                     key->names[i], item_of(next)->position.line);
		}
		table = next;
	}
	*place = table;
	return 0;
}

static int take_pair(struct toml_scan *scan, struct value *table)
{
	struct value *item, *other;
	struct toml_key key;
	const char *name;

	if (toml_take_key(&key, scan) < 0)
		return -1;
	if (!toml_take(scan, "="))
		return toml_complain(scan, scan->next, "'=' is expected here");
	if (follow_dots(&table, scan, &key) < 0)
		return -1;
	name = key.names[key.count - 1];
	other = member(table, name);
	if (other != NULL)
		return defined_twice(scan, key.places[key.count - 1], other);
	toml_skip_blanks(scan);
	if (take_value(&item, scan, key.places[key.count - 1]) < 0)
		return -1;
	add(scan, table, name, item);
	return 0;
}

/* ---- headers ---- */

/* From `*place` to the table that the last name of a header stands in. */
static int follow_header(struct value **place, struct toml_scan *scan, const struct toml_key *key)
{
	struct value *table = *place;

	for (size_t i = 0; i + 1 < key->count; i++) {
		struct value *next = member(table, key->names[i]);

		if (next == NULL) {
			next = make(scan, key->places[i], VALUE_OBJECT, ORIGIN_NAMED);
			add(scan, table, key->names[i], next);
		} else if (item_of(next)->origin == ORIGIN_LIST) {
			next = next->items[next->count - 1];
		} else if (item_of(next)->origin == ORIGIN_PLAIN) {
			return toml_complain(scan, key->places[i],
			                     "%.100s (line %u) is not a table that can be added to",
			                     key->names[i], item_of(next)->position.line);
		}
		table = next;
	}
	*place = table;
	return 0;
}

/* [NAME] */
static int open_table(struct value **ret, struct toml_scan *scan, struct value *parent,
                      const struct toml_key *key)
{
	const char *at = key->places[key->count - 1], *name = key->names[key->count - 1];
	struct value *table = member(parent, name);

	if (table == NULL) {
		table = make(scan, at, VALUE_OBJECT, ORIGIN_HEADER);
		add(scan, parent, name, table);
	} else if (item_of(table)->origin == ORIGIN_NAMED) {
		item_of(table)->origin = ORIGIN_HEADER;
		item_of(table)->position = toml_place(scan, at);
	} else {
		return defined_twice(scan, at, table);
	}
	*ret = table;
	return 0;
}

/* [[NAME]] */
static int open_item(struct value **ret, struct toml_scan *scan, struct value *parent,
                     const struct toml_key *key)
{
	const char *at = key->places[key->count - 1], *name = key->names[key->count - 1];
	struct value *list = member(parent, name);

	if (list == NULL) {
		list = make(scan, at, VALUE_ARRAY, ORIGIN_LIST);
		add(scan, parent, name, list);
	} else if (item_of(list)->origin != ORIGIN_LIST) {
		return defined_twice(scan, at, list);
	}
	*ret = make(scan, at, VALUE_OBJECT, ORIGIN_HEADER);
	value_append(scan->arena, list, *ret);
	return 0;
}

static int take_header(struct value **ret, struct toml_scan *scan, struct value *root)
{
	bool list = toml_take(scan, "[[");
	struct value *parent = root;
	struct toml_key key;

	if (!list)
		scan->next++;
	if (toml_take_key(&key, scan) < 0)
		return -1;
	if (!toml_take(scan, list ? "]]" : "]"))
		return toml_complain(scan, scan->next, "'%s' is expected here", list ? "]]" : "]");
	if (follow_header(&parent, scan, &key) < 0)
		return -1;
	return list ? open_item(ret, scan, parent, &key) : open_table(ret, scan, parent, &key);
}

static int end_line(struct toml_scan *scan)
{
	toml_skip_blanks(scan);
	if (*scan->next == '#')
		scan->next += strcspn(scan->next, "\r\n");
	if (scan->next == scan->end || toml_take(scan, "\r\n") || toml_take(scan, "\n"))
		return 0;
	return toml_complain(scan, scan->next, "the line should end here");
}

int toml_decode(struct value **ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err)
{
	const char *start = text_string(text);
	struct toml_scan scan = { .arena = arena,
		                  .file = file,
		                  .text = start,
		                  .next = start,
		                  .end = start + text->length,
		                  .err = err };
	struct value *root, *table;

	if (toml_check_bytes(&scan) < 0)
		return -1;
	root = table = make(&scan, start, VALUE_OBJECT, ORIGIN_HEADER);
	for (toml_skip_lines(&scan); scan.next < scan.end; toml_skip_lines(&scan)) {
		int result = *scan.next == '[' ? take_header(&table, &scan, root)
		                               : take_pair(&scan, table);

		if (result < 0 || end_line(&scan) < 0)
			return -1;
	}
	*ret = root;
	return 0;
}
