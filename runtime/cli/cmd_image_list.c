/*
 * images: a row for every name of an image, and one for an image without a name.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/cli/image_filter.h"
#include "runtime/image/image.h"

#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct images_options {
	bool all, quiet, no_trunc, digests, no_heading;
	const char *format, *sort;
	struct plan_strings filter;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct images_options, member), value, help           \
	}

static const struct option images_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "accepted; there are no intermediate images"),
	ROW(0, "digests", OPTION_FLAG, digests, NULL, "with digests"),
	ROW('f', "filter", OPTION_LIST, filter, "KEY=VALUE",
	    "reference=PATTERN, dangling=true|false, label=NAME[=VALUE], id=ID, before=IMAGE, "
	    "since=IMAGE, until=TIME"),
	ROW(0, "format", OPTION_TEXT, format, "TEMPLATE",
	    "a Go template, \"table TEMPLATE\" or json"),
	ROW(0, "no-trunc", OPTION_FLAG, no_trunc, NULL, "ids in full, as sha256:DIGITS"),
	ROW('n', "noheading", OPTION_FLAG, no_heading, NULL, "no line of headings"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only ids, each once"),
	ROW(0, "sort", OPTION_TEXT, sort, "WORD",
	    "created (the default), id, repository, size or tag"),
	OPTIONS_END,
};

/* The digest is among them only with --digests. */
static const struct column columns[] = {
	{ "REPOSITORY", "Repository" }, { "TAG", "Tag" },
	{ "DIGEST", "Digest" },         { "IMAGE ID", "ID" },
	{ "CREATED", "CreatedSince" },  { "SIZE", "Size" },
};
static const struct column plain_columns[] = {
	{ "REPOSITORY", "Repository" }, { "TAG", "Tag" },   { "IMAGE ID", "ID" },
	{ "CREATED", "CreatedSince" },  { "SIZE", "Size" },
};
static const struct column more_columns[] = {
	{ "DIGEST", "Digest" },
	{ "CREATED AT", "CreatedAt" },
	{ "VIRTUAL SIZE", "VirtualSize" },
	/* what Docker's client does not count for a list either: "N/A"; system df -v counts */
	{ "SHARED SIZE", "SharedSize" },
	{ "UNIQUE SIZE", "UniqueSize" },
	{ "CONTAINERS", "Containers" },
	{ NULL, "Name" }, /* what completion offers */
};

/* A row: an image under one of its names; NULL: it has none. */
struct shown {
	const struct image *image;
	const char *name;
};

struct images {
	struct call *call;
	const struct images_options *options;
	struct image_filter filter;
	struct shown *rows;
	size_t count, capacity;
	int64_t now;
};

/* ---- the order ---- */

static int by_size(const void *a, const void *b)
{
	const struct image *first = a, *second = b;

	return (first->size > second->size) - (first->size < second->size);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct image *)a)->id, ((const struct image *)b)->id);
}

/* The name's length up to its tag. */
static size_t repository_length(const char *name)
{
	return name == NULL ? 0 : image_name_repository(name);
}

static const char *tag_of(const char *name)
{
	size_t length = repository_length(name);

	return name == NULL || name[length] == '\0' ? "<none>" : name + length + 1;
}

static int compare_repositories(const struct shown *first, const struct shown *second)
{
	const char *names[] = { first->name, second->name };
	size_t lengths[2], least;
	int order;

	for (int i = 0; i < 2; i++) {
		names[i] = names[i] == NULL ? "<none>" : names[i];
		lengths[i] = image_name_repository(names[i]);
	}
	least = lengths[0] < lengths[1] ? lengths[0] : lengths[1];
	order = memcmp(names[0], names[1], least);
	return order != 0 ? order : (lengths[0] > lengths[1]) - (lengths[0] < lengths[1]);
}

static int compare_tags(const struct shown *first, const struct shown *second)
{
	return strcmp(tag_of(first->name), tag_of(second->name));
}

static int by_repository(const void *a, const void *b)
{
	int order = compare_repositories(a, b);

	return order != 0 ? order : compare_tags(a, b);
}

static int by_tag(const void *a, const void *b)
{
	int order = compare_tags(a, b);

	return order != 0 ? order : compare_repositories(a, b);
}

static const struct order {
	const char *word;
	int (*of_images)(const void *a, const void *b); /* NULL: as they come, newest first */
	int (*of_rows)(const void *a, const void *b);   /* NULL: as the images */
} orders[] = {
	{ "created", NULL, NULL }, { "id", by_id, NULL },   { "repository", NULL, by_repository },
	{ "size", by_size, NULL }, { "tag", NULL, by_tag },
};

static int find_order(const struct order **ret, const char *word, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		if (word == NULL || strcmp(orders[i].word, word) == 0) {
			*ret = &orders[i];
			return 0;
		}
	error_set(err, 0, "--sort %.80s: there is no such order", word);
	return error_hint(err, "created, id, repository, size and tag are");
}

/* ---- rows ---- */

static void add_row(struct images *images, const struct image *image, const char *name)
{
	if (images->count == images->capacity) {
		size_t capacity = images->capacity * 2 + 64;
		struct shown *more = arena_array(images->call->arena, capacity, sizeof *more);

		if (images->count > 0)
			memcpy(more, images->rows, images->count * sizeof *more);
		images->rows = more;
		images->capacity = capacity;
	}
	images->rows[images->count++] = (struct shown){ image, name };
}

static const struct value *make_row(struct arena *arena, const struct listing *listing,
                                    const void *context, size_t place)
{
	const struct images *images = context;
	const struct image *image = images->rows[place].image;
	const char *name = images->rows[place].name;
	struct value *row = value_new_object(arena);
	const char *since = human_duration(arena, images->now - image->created);
	/* what only a template can name is not made for a table: a list is long, and read often */
	bool all = listing->format != NULL;
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "ID", images->options->no_trunc ? arena_printf(arena, "sha256:%s", image->id)
		                                  : arena_text(arena, image->id, 12) },
		{ "Repository",
		  name == NULL ? "<none>" : arena_text(arena, name, repository_length(name)) },
		{ "Tag", tag_of(name) },
		{ "Digest", image->digest },
		{ "CreatedSince", arena_printf(arena, "%s ago", since) },
		{ "Size", human_size(arena, image->size) },
		{ "CreatedAt", all ? human_time(arena, image->created) : NULL },
		{ "VirtualSize", all ? human_size(arena, image->size) : NULL },
		{ "SharedSize", all ? "N/A" : NULL },
		{ "UniqueSize", all ? "N/A" : NULL },
		{ "Containers", all ? "N/A" : NULL },
		{ "Name", !all           ? NULL
		          : name == NULL ? "<none>"
		                         : name },
	};
	/* the first is all that -q shows */
	size_t count = !all && images->options->quiet ? 1 : ARRAY_SIZE(texts);

	for (size_t i = 0; i < count; i++)
		if (texts[i].text != NULL)
			value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	return row;
}

static int add_image(struct images *images, const struct image *image, struct error *err)
{
	bool once = images->options->quiet && images->options->format == NULL;
	struct call *call = images->call;
	int matches = image_filter_matches(&images->filter, call->arena, &call->paths, image, err);

	if (matches <= 0)
		return matches;
	if (image->names.count == 0 && image_filter_matches_name(&images->filter, NULL))
		add_row(images, image, NULL);
	for (size_t i = 0; i < image->names.count; i++)
		if (image_filter_matches_name(&images->filter, image->names.items[i])) {
			add_row(images, image, image->names.items[i]);
			if (once)
				break;
		}
	return 0;
}

static int images(struct call *call, struct error *err)
{
	const struct images_options *options = call->options;
	struct listing listing = { .columns = options->digests ? columns : plain_columns,
		                   .count = options->digests ? ARRAY_SIZE(columns)
		                                             : ARRAY_SIZE(plain_columns),
		                   .format = options->format,
		                   .quiet_field = options->quiet ? "ID" : NULL,
		                   .no_header = options->no_heading,
		                   .more = more_columns,
		                   .more_count = ARRAY_SIZE(more_columns) };
	struct images state = { .call = call, .options = options, .now = time(NULL) };
	struct listing_rows rows = { .make = make_row, .context = &state };
	const struct order *order = NULL;
	struct image *list;
	size_t count;

	if (find_order(&order, options->sort, err) < 0 ||
	    image_filter_read(&state.filter, call->arena, &call->paths, &options->filter, err) < 0)
		return -1;
	if (call->count > 0)
		state.filter.operand = call->words[0];
	if (image_titles(&list, &count, call->arena, &call->paths, err) < 0)
		return -1;
	if (order->of_images != NULL && count > 0)
		qsort(list, count, sizeof *list, order->of_images);
	for (size_t i = 0; i < count; i++)
		if (add_image(&state, &list[i], err) < 0)
			return -1;
	if (order->of_rows != NULL && state.count > 0)
		qsort(state.rows, state.count, sizeof *state.rows, order->of_rows);
	rows.count = state.count;
	return listing_print_each(&listing, &rows, err);
}

const struct command command_images = {
	.name = "images",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image ls", "image list"),
	.operands = "[NAME[:TAG]]",
	.summary = "List images",
	.options = images_table,
	.options_size = sizeof(struct images_options),
	.absent = absent_images_options,
	.needs = NEED_STATE,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = images,
	.details =
	        "NAME may be a pattern of a shell, as in 'ngin*' or 'nginx:1.*', where * does not pass a slash.\n"
	        "It is compared with the name in full (docker.io/library/nginx) and without what is implied\n"
	        "(nginx), with and without the tag.",
};
