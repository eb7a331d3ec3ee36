#include "runtime/image/change.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <strings.h>

/* ["a", "b"], else a command line for /bin/sh. */
static int set_command(struct value *config, struct arena *arena, const char *key, const char *rest,
                       struct error *err)
{
	struct value *array;

	if (rest[0] == '[') {
		if (value_decode(&array, arena, key, rest, strlen(rest), err) < 0)
			return -1;
		for (size_t i = 0; i < array->count; i++)
			if (array->items[i]->kind != VALUE_STRING)
				return error_set(err, 0, "%s: must be an array of texts", key);
	} else {
		array = value_new_array(arena);
		value_append(arena, array, value_new_string(arena, "/bin/sh"));
		value_append(arena, array, value_new_string(arena, "-c"));
		value_append(arena, array, value_new_string(arena, rest));
	}
	value_set(arena, config, key, array);
	return 0;
}

static int set_text(struct value *config, struct arena *arena, const char *key, const char *rest,
                    struct error *err)
{
	(void)err;
	value_set(arena, config, key, value_new_string(arena, rest));
	return 0;
}

static struct value *member(struct value *config, struct arena *arena, const char *key, bool array)
{
	struct value *there = (struct value *)value_get(config, key);

	if (there == NULL)
		there = value_set(arena, config, key,
		                  array ? value_new_array(arena) : value_new_object(arena));
	return there;
}

/* Takes the quotes of a value off: NAME="a b", NAME='a b'. */
static const char *unquoted(struct arena *arena, const char *text)
{
	size_t length = strlen(text);

	if (length >= 2 && (text[0] == '"' || text[0] == '\'') && text[length - 1] == text[0])
		return arena_text(arena, text + 1, length - 2);
	return text;
}

static int add_environment(struct value *config, struct arena *arena, const char *key,
                           const char *rest, struct error *err)
{
	const char *cut = rest + strcspn(rest, "= ");
	struct value *list = member(config, arena, key, true);
	const char *name = arena_text(arena, rest, (size_t)(cut - rest));

	if (*cut == '\0' || cut == rest)
		return error_set(err, 0, "ENV %.100s: must be NAME=VALUE", rest);
	value_append(arena, list,
	             value_new_string(arena, arena_printf(arena, "%s=%s", name,
	                                                  unquoted(arena, cut + 1))));
	return 0;
}

static int add_label(struct value *config, struct arena *arena, const char *key, const char *rest,
                     struct error *err)
{
	const char *equals = strchr(rest, '=');

	if (equals == NULL || equals == rest)
		return error_set(err, 0, "LABEL %.100s: must be NAME=VALUE", rest);
	value_set(arena, member(config, arena, key, false),
	          arena_text(arena, rest, (size_t)(equals - rest)),
	          value_new_string(arena, unquoted(arena, equals + 1)));
	return 0;
}

/* Words, or ["a", "b"], into Go's way to write a set. */
static int add_words(struct value *config, struct arena *arena, const char *key, const char *rest,
                     struct error *err)
{
	struct value *set = member(config, arena, key, false), *array;
	bool port = strcmp(key, "ExposedPorts") == 0;
	char *words = arena_strdup(arena, rest), *save = NULL;

	if (rest[0] == '[') {
		if (value_decode(&array, arena, key, rest, strlen(rest), err) < 0)
			return -1;
		for (size_t i = 0; i < array->count; i++)
			value_set(arena, set, value_string(array->items[i], ""),
			          value_new_object(arena));
		return 0;
	}
	for (char *word = strtok_r(words, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save))
		value_set(arena, set,
		          port && strchr(word, '/') == NULL ? arena_printf(arena, "%s/tcp", word)
		                                            : word,
		          value_new_object(arena));
	return 0;
}

static const struct instruction {
	const char *name, *key;
	int (*apply)(struct value *config, struct arena *arena, const char *key, const char *rest,
	             struct error *err);
} instructions[] = {
	{ "CMD", "Cmd", set_command },         { "ENTRYPOINT", "Entrypoint", set_command },
	{ "ENV", "Env", add_environment },     { "EXPOSE", "ExposedPorts", add_words },
	{ "LABEL", "Labels", add_label },      { "STOPSIGNAL", "StopSignal", set_text },
	{ "USER", "User", set_text },          { "VOLUME", "Volumes", add_words },
	{ "WORKDIR", "WorkingDir", set_text },
};

int change_apply(struct value *config, struct arena *arena, const char *text, struct error *err)
{
	size_t length = strcspn(text, " \t=");
	const char *rest = text + length;

	rest += strspn(rest, " \t=");
	for (size_t i = 0; i < ARRAY_SIZE(instructions); i++) {
		const struct instruction *row = &instructions[i];

		if (strlen(row->name) != length || strncasecmp(row->name, text, length) != 0)
			continue;
		if (rest[0] == '\0')
			return error_set(err, 0, "--change %s: what to?", row->name);
		return row->apply(config, arena, row->key, rest, err);
	}
	error_set(err, 0, "--change %.100s: not an instruction that changes an image", text);
	return error_hint(err, "known are CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, "
	                       "VOLUME and WORKDIR");
}
