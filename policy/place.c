#include "policy/place.h"

#include <string.h>

struct place place_of_value(struct arena *arena, const struct policy_source *source,
                            const struct value *value, bool key)
{
	struct place place = { .file = source->file };
	size_t length;
	const char *line;

	place.position = value_position(value, source->text, source->length, key);
	line = value_line(&length, source->text, source->length, place.position.line);
	place.line = line == NULL ? NULL : arena_text(arena, line, length);
	return place;
}

struct place place_of_rule(struct arena *arena, const struct rule *rule)
{
	if (rule->written == NULL)
		return (struct place){};
	return place_of_value(arena, rule->source, rule->written, false);
}

/* A list, or an object with a list under "add", as "capabilities" may be. */
static const struct value *find_item(const struct value *list, const char *item)
{
	if (list->kind == VALUE_OBJECT)
		list = value_get(list, "add");
	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++)
		if (text_equal(value_string(list->items[i], NULL), item))
			return list->items[i];
	return NULL;
}

struct place place_of_member(struct arena *arena, const struct policy *policy, const char *path,
                             const char *item)
{
	for (size_t i = 0; i < policy->text_count; i++) {
		const struct policy_text *text = &policy->texts[i];
		const struct value *found = value_path(text->root, path);

		if (found != NULL && item != NULL)
			found = find_item(found, item);
		if (found != NULL)
			return place_of_value(arena, text->source, found, item == NULL);
	}
	return (struct place){};
}

int place_blame(const struct policy_source *source, const struct value *value, struct error *err)
{
	struct position position;
	size_t length;
	const char *line;

	if (source == NULL || value == NULL)
		return -1;
	position = value_position(value, source->text, source->length, false);
	line = value_line(&length, source->text, source->length, position.line);
	error_prefix(err, "%s:%u:%u", source->file, position.line, position.column);
	return line == NULL ? -1 : error_point(err, line, length, position.column);
}

int policy_blame_parent(const struct policy *policy, const char *parent, struct error *err)
{
	const struct policy_text *text = policy->texts;
	const struct value *item;

	if (policy->text_count == 0)
		return -1;
	item = value_get(text->root, "extends");
	item = item == NULL ? NULL : find_item(item, parent);
	return place_blame(text->source, item, err);
}
