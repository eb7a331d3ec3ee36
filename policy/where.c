#include "policy/where.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

struct listing {
	struct where *into;
	struct arena *arena;
	const struct policy *policy; /* whose texts are read */
	const struct policy_text *text;
	bool ceiling;
};

/* Resolved already, or of no meaning. */
static const char *const passed_over[] = { "$schema", "schema", "extends", "groups" };
/* The first text's alone. */
static const char *const not_inherited[] = { "name", "description", "images" };

static bool is_among(const char *key, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(key, list[i]) == 0)
			return true;
	return false;
}

static void add(const struct listing *listing, const char *key, const struct value *value,
                bool item)
{
	struct where *into = listing->into;

	if (into->count == into->room) {
		size_t room = into->room == 0 ? 32 : into->room * 2;
		struct where_row *rows = arena_array(listing->arena, room, sizeof *rows);

		if (into->count > 0)
			memcpy(rows, into->rows, into->count * sizeof *rows);
		into->rows = rows;
		into->room = room;
	}
	into->rows[into->count++] = (struct where_row){
		key, value, place_of_value(listing->arena, listing->text->source, value, !item),
		listing->ceiling
	};
}

/* Whether a text that counts before this one says something at that path; where an object is opened
 * here, something that is none ("idmap": "range" before {"mode": ...}). */
static bool said_before(const struct listing *listing, const char *path, bool object)
{
	for (const struct policy_text *text = listing->policy->texts; text < listing->text;
	     text++) {
		const struct value *said = value_path(text->root, path);

		if (said != NULL && !(object && said->kind == VALUE_OBJECT))
			return true;
	}
	return false;
}

static bool listed_before(const struct listing *listing, const char *key, const char *string)
{
	for (size_t i = 0; string != NULL && i < listing->into->count; i++) {
		const struct where_row *row = &listing->into->rows[i];

		if (row->ceiling == listing->ceiling && strcmp(row->key, key) == 0 &&
		    text_equal(value_string(row->value, NULL), string))
			return true;
	}
	return false;
}

/* A capability that a child drops is not there any more. */
static bool is_dropped(const struct listing *listing, const char *key, const char *string)
{
	int number = text_starts(key, "capabilities") && string != NULL && !text_ends(key, ".drop")
	                     ? capability_from_name(string)
	                     : -1;

	return number >= 0 && (listing->policy->capabilities >> number & 1) == 0;
}

static void list_items(const struct listing *listing, const char *key, const struct value *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *string = value_string(list->items[i], NULL);

		if (!listed_before(listing, key, string) && !is_dropped(listing, key, string))
			add(listing, key, list->items[i], true);
	}
}

/* A decision is an object, but one setting. */
static bool is_opened(const char *key, const struct value *member)
{
	return member->kind == VALUE_OBJECT && !text_ends(key, ".default") &&
	       !text_ends(key, ".unknown");
}

static bool is_passed_over(const struct listing *listing, const char *key)
{
	return is_among(key, passed_over, ARRAY_SIZE(passed_over)) ||
	       (is_among(key, not_inherited, ARRAY_SIZE(not_inherited)) &&
	        listing->text != listing->policy->texts);
}

/* Objects are opened down to settings and lists; an item of a list is one thing. */
static void list_members(const struct listing *listing, const char *above,
                         const struct value *object)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct value *member = object->items[i];
		const char *key =
		        above == NULL ? member->key
		                      : arena_printf(listing->arena, "%s.%s", above, member->key);

		if (is_passed_over(listing, key))
			continue;
		if (member->kind == VALUE_ARRAY)
			list_items(listing, key, member);
		else if (said_before(listing, key, is_opened(key, member)))
			continue;
		else if (is_opened(key, member))
			list_members(listing, key, member);
		else
			add(listing, key, member, false);
	}
}

struct where policy_where(struct arena *arena, const struct policy *policy)
{
	struct where where = {};
	struct listing listing = { &where, arena, policy, NULL, false };

	for (; listing.policy != NULL; listing.policy = listing.policy->ceiling) {
		for (size_t i = 0; i < listing.policy->text_count; i++) {
			listing.text = &listing.policy->texts[i];
			list_members(&listing, NULL, listing.text->root);
		}
		listing.ceiling = true;
	}
	return where;
}
