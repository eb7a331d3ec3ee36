#include "runtime/registry/settings.h"

#include "runtime/registry/toml.h"

#include <string.h>

int settings_complain(const struct settings *file, const struct value *at, const char *what,
                      const char *why)
{
	struct position position = toml_position(at);

	return error_set(file->err, 0, "%s:%u:%u: %.200s %s", file->name, position.line,
	                 position.column, what, why);
}

int settings_take(const struct value **ret, const struct settings *file, const struct value *table,
                  const char *key, enum value_kind kind)
{
	const struct value *value = value_get(table, key);

	if (value == NULL)
		return 0;
	if (value->kind != kind) {
		error_set(file->err, 0, "%s:%u:%u: %s is %s, must be %s", file->name,
		          toml_position(value).line, toml_position(value).column, key,
		          value_kind_name(value->kind), value_kind_name(kind));
		return -1;
	}
	*ret = value;
	return 1;
}

int settings_take_boolean(bool *ret, bool *given, const struct settings *file,
                          const struct value *table, const char *key)
{
	const struct value *value;
	int found = settings_take(&value, file, table, key, VALUE_BOOLEAN);

	if (found > 0)
		*ret = value->boolean;
	if (given != NULL)
		*given = found > 0;
	return found < 0 ? -1 : 0;
}

int settings_check_keys(const struct settings *file, const struct value *table,
                        const char *const *keys)
{
	for (size_t i = 0; i < table->count; i++) {
		const char *near = NULL;
		bool known = false;

		for (size_t j = 0; keys[j] != NULL; j++) {
			unsigned distance = text_distance(table->items[i]->key, keys[j]);

			known |= distance == 0;
			if (distance <= 2)
				near = keys[j];
		}
		if (!known && near != NULL) {
			settings_complain(file, table->items[i], table->items[i]->key,
			                  "is no key here");
			return error_hint(file->err, "did you mean %s?", near);
		}
	}
	return 0;
}

int settings_take_list(struct plan_strings *ret, const struct settings *file,
                       const struct value *root, const char *key)
{
	const struct value *list;
	int found = settings_take(&list, file, root, key, VALUE_ARRAY);

	if (found <= 0)
		return found;
	ret->items = arena_array(file->arena, list->count + 1, sizeof *ret->items);
	ret->count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->kind != VALUE_STRING)
			return settings_complain(file, list->items[i], key,
			                         "must be a list of strings");
		ret->items[i] = list->items[i]->string;
	}
	return 1;
}

int settings_take_word(unsigned *ret, const struct settings *file, const struct value *table,
                       const char *key, const char *const *words)
{
	const struct value *value;
	int found = settings_take(&value, file, table, key, VALUE_STRING);
	_cleanup_text struct text known = {};

	if (found <= 0 || value->length == 0)
		return found < 0 ? -1 : 0;
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (strcmp(value->string, words[i]) == 0) {
			*ret = i;
			return 0;
		}
		text_printf(&known, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	return error_set(file->err, 0, "%s:%u:%u: %s is none of %s", file->name,
	                 toml_position(value).line, toml_position(value).column, key,
	                 text_string(&known));
}
