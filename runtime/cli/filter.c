#include "runtime/cli/filter.h"

#include "policy/value.h"
#include "runtime/cli/label.h"
#include "sandbox/base/cleanup.h"

#include <regex.h>
#include <string.h>

const char *filter_status(enum container_status status)
{
	static const char *const words[] = { "created", "running", "exited", "dead" };

	return words[status];
}

/* Each says 1, 0, or -1 where the value makes no sense. */
static int match_name(const struct container *container, const char *value, struct error *err)
{
	regex_t expression;
	char reason[128];
	int result = regcomp(&expression, value, REG_EXTENDED | REG_NOSUB);

	if (result != 0) {
		regerror(result, &expression, reason, sizeof reason);
		return error_set(err, 0, "filter name=%.80s: %s", value, reason);
	}
	result = regexec(&expression, container->name, 0, NULL, 0) == 0;
	regfree(&expression);
	return result;
}

static int match_id(const struct container *container, const char *value, struct error *err)
{
	(void)err;
	return text_starts(container->id, value);
}

static int match_status(const struct container *container, const char *value, struct error *err)
{
	static const enum container_status all[] = { CONTAINER_CREATED, CONTAINER_RUNNING,
		                                     CONTAINER_EXITED, CONTAINER_DEAD };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(filter_status(all[i]), value) == 0)
			return container->status == all[i];
	error_set(err, 0, "filter status=%.80s: there is no such status", value);
	return error_hint(err, "there are created, running, exited and dead");
}

static int match_label(const struct container *container, const char *value, struct error *err)
{
	(void)err;
	return label_matches(container->labels, value);
}

static int match_ancestor(const struct container *container, const char *value, struct error *err)
{
	(void)err;
	return strstr(container->image, value) != NULL || text_starts(container->image_id, value);
}

static int match_exited(const struct container *container, const char *value, struct error *err)
{
	uint64_t wanted;

	if (!text_to_number(&wanted, value, 255))
		return error_set(err, 0, "filter exited=%.80s: that is no exit status", value);
	return container->status == CONTAINER_EXITED && container->exit_status == (int)wanted;
}

static const struct key {
	const char *name;
	bool all; /* every value must hold, not one */
	int (*match)(const struct container *container, const char *value, struct error *err);
} keys[] = {
	{ "name", false, match_name },         { "id", false, match_id },
	{ "status", false, match_status },     { "label", true, match_label },
	{ "ancestor", false, match_ancestor }, { "exited", false, match_exited },
};

/* The value of a filter of that key; NULL for others. */
static const char *value_of(const char *filter, const char *key)
{
	size_t length = strlen(key);

	return strncmp(filter, key, length) == 0 && filter[length] == '=' ? filter + length + 1
	                                                                  : NULL;
}

int filter_check(const struct plan_strings *filters, struct error *err)
{
	static const struct container blank = { .id = "", .name = "", .image = "", .image_id = "" };

	for (size_t i = 0; i < filters->count; i++) {
		const char *value = NULL;
		size_t j = 0;

		for (; j < ARRAY_SIZE(keys) && value == NULL; j++)
			value = value_of(filters->items[i], keys[j].name);
		if (value == NULL) {
			error_set(err, 0, "unknown filter '%.80s'", filters->items[i]);
			return error_hint(err, "known are name, id, status, label, ancestor and "
			                       "exited, as --filter status=exited");
		}
		if (keys[j - 1].match(&blank, value, err) < 0)
			return -1;
	}
	return 0;
}

/* No filter of the key: 1. */
static int match_key(const struct container *container, const struct plan_strings *filters,
                     const struct key *key, struct error *err)
{
	bool any = false, one = false, all = true;

	for (size_t i = 0; i < filters->count; i++) {
		const char *value = value_of(filters->items[i], key->name);
		int result = value == NULL ? 0 : key->match(container, value, err);

		if (value == NULL)
			continue;
		if (result < 0)
			return -1;
		any = true;
		one |= result > 0;
		all &= result > 0;
	}
	return !any || (key->all ? all : one);
}

int filter_matches(const struct container *container, const struct plan_strings *filters,
                   struct error *err)
{
	int result = 1;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && result > 0; i++)
		result = match_key(container, filters, &keys[i], err);
	return result;
}
