#include "runtime/cli/filter.h"

#include "policy/value.h"
#include "runtime/cli/label.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

#include <regex.h>
#include <string.h>

struct asked {
	const struct container *container;
	const struct filters *filters;
};

/* Each says 1, 0, or -1 where the value makes no sense. */
static int match_name(const struct asked *asked, const char *value, struct error *err)
{
	regex_t expression;
	char reason[128];
	int result = regcomp(&expression, value, REG_EXTENDED | REG_NOSUB);

	if (result != 0) {
		regerror(result, &expression, reason, sizeof reason);
		return error_set(err, 0, "filter name=%.80s: %s", value, reason);
	}
	result = regexec(&expression, asked->container->name, 0, NULL, 0) == 0;
	regfree(&expression);
	return result;
}

static int match_id(const struct asked *asked, const char *value, struct error *err)
{
	(void)err;
	return text_starts(asked->container->id, value);
}

static int match_status(const struct asked *asked, const char *value, struct error *err)
{
	bool known = strcmp(value, "paused") == 0;

	for (int status = CONTAINER_CREATED; status <= CONTAINER_DEAD && !known; status++)
		known = strcmp(state_status_name(status), value) == 0;
	if (known)
		return strcmp(container_status_name(asked->container), value) == 0;
	error_set(err, 0, "filter status=%.80s: there is no such status", value);
	return error_hint(err, "there are created, running, paused, exited and dead");
}

static int match_label(const struct asked *asked, const char *value, struct error *err)
{
	(void)err;
	return label_matches(asked->container->labels, value);
}

static int match_ancestor(const struct asked *asked, const char *value, struct error *err)
{
	(void)err;
	return strstr(asked->container->image, value) != NULL ||
	       text_starts(asked->container->image_id, value);
}

static int match_exited(const struct asked *asked, const char *value, struct error *err)
{
	uint64_t wanted;

	if (!text_to_number(&wanted, value, 255))
		return error_set(err, 0, "filter exited=%.80s: that is no exit status", value);
	return asked->container->status == CONTAINER_EXITED &&
	       asked->container->exit_status == (int)wanted;
}

/* By the volume's name, the source on the host, or the place in the container. */
static int match_volume(const struct asked *asked, const char *value, struct error *err)
{
	const struct value *mounts = asked->container->mounts;

	(void)err;
	for (size_t i = 0; mounts != NULL && i < mounts->count; i++)
		for (size_t j = 0; j < mounts->items[i]->count; j++)
			if (text_equal(value_string(mounts->items[i]->items[j], NULL), value))
				return 1;
	return 0;
}

static int match_network(const struct asked *asked, const char *value, struct error *err)
{
	(void)err;
	return text_equal(asked->container->network, value);
}

/* By name, id, or the beginning of an id. */
static int find_other(const struct container **ret, const struct asked *asked, const char *value,
                      struct error *err)
{
	const struct filters *filters = asked->filters;

	for (size_t i = 0; i < filters->among_count; i++) {
		*ret = &filters->among[i];
		if (text_equal((*ret)->name, value) || text_starts((*ret)->id, value))
			return 0;
	}
	return error_set(err, 0, "no such container: %.200s", value);
}

static int match_before(const struct asked *asked, const char *value, struct error *err)
{
	const struct container *other;

	if (find_other(&other, asked, value, err) < 0)
		return -1;
	return asked->container > other;
}

static int match_since(const struct asked *asked, const char *value, struct error *err)
{
	const struct container *other;

	if (find_other(&other, asked, value, err) < 0)
		return -1;
	return asked->container < other;
}

static const struct key {
	const char *name;
	bool all;     /* every value must hold, not one */
	bool stopped; /* also of containers that do not run, without -a */
	bool others;  /* its value is another container: nothing to check without */
	int (*match)(const struct asked *asked, const char *value, struct error *err);
} keys[] = {
	{ "name", false, false, false, match_name },
	{ "id", false, false, false, match_id },
	{ "status", false, true, false, match_status },
	{ "label", true, false, false, match_label },
	{ "ancestor", false, false, false, match_ancestor },
	{ "exited", false, true, false, match_exited },
	{ "volume", false, false, false, match_volume },
	{ "network", false, false, false, match_network },
	{ "before", false, false, true, match_before },
	{ "since", false, false, true, match_since },
};

/* The value of a filter of that key; NULL for others. */
static const char *value_of(const char *filter, const char *key)
{
	size_t length = strlen(key);

	return strncmp(filter, key, length) == 0 && filter[length] == '=' ? filter + length + 1
	                                                                  : NULL;
}

bool filter_wants_all(const struct plan_strings *words)
{
	for (size_t i = 0; i < words->count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(keys); j++)
			if (keys[j].stopped && value_of(words->items[i], keys[j].name) != NULL)
				return true;
	return false;
}

int filter_check(const struct plan_strings *filters, struct error *err)
{
	static const struct container blank = { .id = "", .name = "", .image = "", .image_id = "" };
	static const struct filters none = {};
	static const struct asked asked = { &blank, &none };

	for (size_t i = 0; i < filters->count; i++) {
		const char *value = NULL;
		size_t j = 0;

		for (; j < ARRAY_SIZE(keys) && value == NULL; j++)
			value = value_of(filters->items[i], keys[j].name);
		if (value == NULL) {
			error_set(err, 0, "unknown filter '%.80s'", filters->items[i]);
			return error_hint(err, "known are name, id, status, label, ancestor, "
			                       "exited, volume, network, before and since, as "
			                       "--filter status=exited");
		}
		if (!keys[j - 1].others && keys[j - 1].match(&asked, value, err) < 0)
			return -1;
	}
	return 0;
}

/* No filter of the key: 1. */
static int match_key(const struct asked *asked, const struct key *key, struct error *err)
{
	const struct plan_strings *words = asked->filters->words;
	bool any = false, one = false, all = true;

	for (size_t i = 0; i < words->count; i++) {
		const char *value = value_of(words->items[i], key->name);
		int result = value == NULL ? 0 : key->match(asked, value, err);

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

int filter_matches(const struct container *container, const struct filters *filters,
                   struct error *err)
{
	const struct asked asked = { container, filters };
	int result = 1;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && result > 0; i++)
		result = match_key(&asked, &keys[i], err);
	return result;
}
