#include "runtime/cli/image_filter.h"

#include "runtime/cli/label.h"
#include "runtime/cli/when.h"
#include "sandbox/base/cleanup.h"

#include <fnmatch.h>
#include <string.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

/* ---- names ---- */

size_t image_name_repository(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL && strchr(colon, '/') == NULL ? (size_t)(colon - name) : strlen(name);
}

bool image_name_matches(const char *pattern, const char *name)
{
	static const char *const implied[] = { "", "docker.io/", "docker.io/library/",
		                               "localhost/" };
	char repository[512];

	snprintf(repository, sizeof repository, "%.*s", (int)image_name_repository(name), name);
	for (size_t i = 0; i < ARRAY_SIZE(implied); i++) {
		size_t length = strlen(implied[i]);

		if (text_starts(repository, implied[i]) &&
		    (fnmatch(pattern, name + length, FNM_PATHNAME) == 0 ||
		     fnmatch(pattern, repository + length, FNM_PATHNAME) == 0))
			return true;
	}
	return false;
}

bool image_filter_matches_name(const struct image_filter *filter, const char *name)
{
	bool found = filter->references.count == 0;

	if (filter->operand != NULL && (name == NULL || !image_name_matches(filter->operand, name)))
		return false;
	for (size_t i = 0; i < filter->references.count && name != NULL; i++)
		found |= image_name_matches(filter->references.items[i], name);
	return found;
}

/* ---- reading ---- */

struct reader {
	struct image_filter *filter;
	struct arena *arena;
	const struct paths *paths;
	struct error *err;
};

static void append(struct reader *reader, struct plan_strings *list, const char *item)
{
	const char **items = arena_array(reader->arena, list->count + 2, sizeof *items);

	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = item;
	list->items = items;
}

static int take_reference(struct reader *reader, const char *value)
{
	append(reader, &reader->filter->references, value);
	return 0;
}

static int take_label(struct reader *reader, const char *value)
{
	append(reader, &reader->filter->labels, value);
	return 0;
}

static int take_dangling(struct reader *reader, const char *value)
{
	bool yes = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!yes && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return error_set(reader->err, 0, "filter dangling=%.80s: that is true or false",
		                 value);
	reader->filter->dangling_given = true;
	reader->filter->dangling = yes;
	return 0;
}

static int take_time(struct reader *reader, const char *name, int64_t *ret)
{
	struct image image;
	int found = image_find(&image, reader->arena, reader->paths, name, reader->err);

	if (found == 0)
		error_set(reader->err, 0, "no such image: %.200s", name);
	if (found <= 0)
		return -1;
	*ret = image.created;
	return 0;
}

/* Of several, the earliest: all have to be met. */
static void lower(struct image_filter *filter, int64_t when)
{
	if (!filter->before_given || when < filter->before)
		filter->before = when;
	filter->before_given = true;
}

static int take_before(struct reader *reader, const char *value)
{
	int64_t when;

	if (take_time(reader, value, &when) < 0)
		return -1;
	lower(reader->filter, when);
	return 0;
}

static int take_since(struct reader *reader, const char *value)
{
	reader->filter->since_given = true;
	return take_time(reader, value, &reader->filter->since);
}

static int take_until(struct reader *reader, const char *value)
{
	int64_t when, now = (int64_t)time(NULL) * NANOSECONDS;

	if (when_parse(&when, value, now, reader->err) < 0)
		return error_prefix(reader->err, "filter until=%.80s", value);
	lower(reader->filter, when / NANOSECONDS);
	return 0;
}

static int take_id(struct reader *reader, const char *value)
{
	static const char algorithm[] = "sha256:";

	value += text_starts(value, algorithm) ? strlen(algorithm) : 0;
	if (value[0] == '\0' || value[strspn(value, "0123456789abcdef")] != '\0')
		return error_set(reader->err, 0, "filter id=%.80s: that is no id", value);
	reader->filter->id = value;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct reader *reader, const char *value);
} keys[] = {
	{ "reference", take_reference }, { "dangling", take_dangling },
	{ "label", take_label },         { "before", take_before },
	{ "since", take_since },         { "after", take_since },
	{ "until", take_until },         { "id", take_id },
};

static int take(struct reader *reader, const char *filter)
{
	size_t length = strcspn(filter, "=");

	for (size_t i = 0; filter[length] == '=' && i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == length && strncmp(keys[i].name, filter, length) == 0)
			return keys[i].take(reader, filter + length + 1);
	error_set(reader->err, 0, "unknown filter '%.80s'", filter);
	return error_hint(reader->err,
	                  "known are reference=PATTERN, dangling=true|false, label=NAME[=VALUE], "
	                  "id=ID, before=IMAGE, since=IMAGE and until=TIME");
}

int image_filter_read(struct image_filter *ret, struct arena *arena, const struct paths *paths,
                      const struct plan_strings *filters, struct error *err)
{
	struct reader reader = { ret, arena, paths, err };

	*ret = (struct image_filter){};
	for (size_t i = 0; i < filters->count; i++)
		if (take(&reader, filters->items[i]) < 0)
			return -1;
	return 0;
}

/* ---- images ---- */

int image_filter_matches(const struct image_filter *filter, struct arena *arena,
                         const struct paths *paths, const struct image *image, struct error *err)
{
	struct value *object;

	if ((filter->dangling_given && filter->dangling != (image->names.count == 0)) ||
	    (filter->id != NULL && !text_starts(image->id, filter->id)) ||
	    (filter->before_given && image->created >= filter->before) ||
	    (filter->since_given && image->created <= filter->since))
		return 0;
	if (filter->labels.count == 0)
		return 1;
	if (image_inspect(&object, arena, paths, image->id, err) < 0)
		return -1;
	for (size_t i = 0; i < filter->labels.count; i++)
		if (!label_matches(value_path(object, "Config.Labels"), filter->labels.items[i]))
			return 0;
	return 1;
}
