/*
 * ps: the containers there are.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/filter.h"
#include "runtime/cli/format.h"
#include "runtime/cli/prune.h"
#include "runtime/container/state.h"
#include "runtime/image/image.h"
#include "runtime/image/list.h"
#include "runtime/store/usage.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct ps_options {
	bool all, no_heading, quiet, no_trunc, latest, size;
	const char *format, *last;
	struct plan_strings filter;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct ps_options, member), value, help               \
	}

static const struct option ps_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "also those that do not run"),
	ROW('f', "filter", OPTION_LIST, filter, "KEY=VALUE",
	    "name, id, status, label, ancestor, exited, volume, network, before, since"),
	ROW(0, "format", OPTION_TEXT, format, "TEMPLATE",
	    "a Go template, \"table TEMPLATE\" or json"),
	ROW('l', "latest", OPTION_FLAG, latest, NULL, "only the one made last"),
	ROW('n', "last", OPTION_TEXT, last, "NUMBER", "only so many, those made last"),
	ROW(0, "no-trunc", OPTION_FLAG, no_trunc, NULL, "ids and commands in full"),
	ROW(0, "noheading", OPTION_FLAG, no_heading, NULL, "no line with the columns' names"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only ids"),
	ROW('s', "size", OPTION_FLAG, size, NULL, "how much each has written, and with its image"),
	OPTIONS_END,
};

/* The last one only with --size. */
static const struct column ps_columns[] = {
	{ "CONTAINER ID", "ID" },    { "IMAGE", "Image" },   { "COMMAND", "Command" },
	{ "CREATED", "RunningFor" }, { "STATUS", "Status" }, { "PORTS", "Ports" },
	{ "NAMES", "Names" },        { "SIZE", "Size" },
};

static const struct column ps_more[] = {
	{ "CREATED AT", "CreatedAt" },
	{ "STATE", "State" },
	{ "LABELS", "Labels" },
	{ "PID", "Pid" },
	{ "EXIT CODE", "ExitCode" },
	{ NULL, "Label" },
	{ "MOUNTS", "Mounts" },
	{ "NETWORKS", "Networks" },
	{ "LOCAL VOLUMES", "LocalVolumes" },
	{ "SIZE", "Size" },
};

/* Docker's "name=value,name=value". */
static const char *labels_text(struct arena *arena, const struct value *labels)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; labels != NULL && i < labels->count; i++)
		text_printf(&text, "%s%s=%s", i > 0 ? "," : "", labels->items[i]->key,
		            value_string(labels->items[i], ""));
	return arena_strdup(arena, text_string(&text));
}

/* At most `length` characters, the last of them a mark where it was cut; not within a character. */
static const char *shown(struct arena *arena, const char *text, size_t length, bool whole)
{
	if (whole || strlen(text) <= length)
		return text;
	length--;
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return arena_printf(arena, "%.*s…", (int)length, text);
}

/* Docker's: names of volumes and sources of binds. */
static const char *mounts_text(struct arena *arena, const struct value *mounts, bool whole)
{
	enum { SHOWN = 15 };
	_cleanup_text struct text text = {};

	for (size_t i = 0; mounts != NULL && i < mounts->count; i++) {
		const char *source = value_string(value_get(mounts->items[i], "source"), "");
		const char *name = value_string(value_get(mounts->items[i], "volume"), source);

		text_printf(&text, "%s%s", i > 0 ? "," : "", shown(arena, name, SHOWN, whole));
	}
	return arena_strdup(arena, text_string(&text));
}

static size_t count_volumes(const struct value *mounts)
{
	size_t count = 0;

	for (size_t i = 0; mounts != NULL && i < mounts->count; i++)
		count += value_get(mounts->items[i], "volume") != NULL;
	return count;
}

static const char *status_text(struct arena *arena, const struct container *container, int64_t now)
{
	switch (container->status) {
	case CONTAINER_RUNNING:
		return arena_printf(arena, "Up %s%s",
		                    human_duration(arena, now - container->started),
		                    container->paused ? " (Paused)" : "");
	case CONTAINER_EXITED:
		return arena_printf(arena, "Exited (%d) %s ago", container->exit_status,
		                    human_duration(arena, now - container->finished));
	case CONTAINER_CREATED:
		return "Created";
	default:
		return "Dead";
	}
}

static const char *command_text(struct arena *arena, const char *command, bool whole)
{
	return arena_printf(arena, "\"%s\"", shown(arena, command, 20, whole));
}

/* Docker's: what it has written, and with what its image has. */
static const char *size_text(struct arena *arena, const struct call *call,
                             const struct container *container, uint64_t written)
{
	struct error ignored;
	struct image image;

	if (image_find(&image, arena, &call->paths, container->image_id, &ignored) != 1)
		return human_size(arena, written); /* --rootfs, or its image is gone */
	return arena_printf(arena, "%s (virtual %s)", human_size(arena, written),
	                    human_size(arena, written + image.size));
}

/* What is shown. */
struct ps_view {
	struct call *call;
	const struct container **shown;
	const uint64_t *sizes; /* NULL: they were not asked for */
	size_t count;
	int64_t now;
};

/* Looked for only where it is asked for: every file is. */
static int find_sizes(struct ps_view *view, struct error *err)
{
	struct call *call = view->call;
	uint64_t *sizes = arena_array(call->arena, view->count + 1, sizeof *sizes);
	struct plan_strings folders = {};

	view->sizes = sizes;
	if (host_probe(&call->host, getenv("CORDON_SIMULATE_MISSING"), err) < 0)
		return -1;
	for (size_t i = 0; i < view->count; i++)
		list_append(&folders, call->arena,
		            prune_container_folder(call->arena, &call->paths, view->shown[i]->id));
	return usage_of_folders(sizes, &folders, &call->host, err);
}

static const char *ps_id(struct arena *arena, const char *id, bool whole)
{
	return whole ? id : arena_text(arena, id, CONTAINER_ID_SHORT);
}

/* What only a template can name: a list is long, and read often. */
static void add_more(struct value *row, struct arena *arena, const struct container *container,
                     bool whole)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "CreatedAt", human_time(arena, container->created) },
		{ "State", container_status_name(container) },
		{ "Labels", labels_text(arena, container->labels) },
		{ "Mounts", mounts_text(arena, container->mounts, whole) },
		{ "Networks", container->network == NULL ? "" : container->network },
		{ "LocalVolumes", arena_printf(arena, "%zu", count_volumes(container->mounts)) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	value_set(arena, row, "Pid", value_new_integer(arena, container->pid));
	value_set(arena, row, "ExitCode", value_new_integer(arena, container->exit_status));
	value_set(arena, row, "Label",
	          container->labels == NULL ? value_new_object(arena)
	                                    : value_copy(arena, container->labels));
}

static const struct value *ps_row(struct arena *arena, const struct listing *listing,
                                  const void *context, size_t place)
{
	const struct ps_view *view = context;
	const struct container *container = view->shown[place];
	const struct ps_options *options = view->call->options;
	struct value *row = value_new_object(arena);
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "ID", ps_id(arena, container->id, options->no_trunc) },
		{ "Image", container->image },
		{ "Command", command_text(arena, container->command, options->no_trunc) },
		{ "RunningFor",
		  arena_printf(arena, "%s ago",
		               human_duration(arena, view->now - container->created)) },
		{ "Status", status_text(arena, container, view->now) },
		{ "Ports", container->ports },
		{ "Names", container->name },
		{ "Size", view->sizes == NULL
		                  ? ""
		                  : size_text(arena, view->call, container, view->sizes[place]) },
	};
	/* the first is all that -q shows */
	size_t count = listing->format == NULL && options->quiet ? 1 : ARRAY_SIZE(texts);

	for (size_t i = 0; i < count; i++)
		value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	if (listing->format != NULL)
		add_more(row, arena, container, options->no_trunc);
	return row;
}

/* How many are shown at most. */
static int find_most(size_t *ret, const struct ps_options *options, struct error *err)
{
	uint64_t most = options->latest ? 1 : SIZE_MAX;

	if (options->last != NULL && !text_to_number(&most, options->last, INT32_MAX))
		return error_set(err, 0, "--last takes a number, not '%.40s'", options->last);
	*ret = most;
	return 0;
}

/* Those that the options ask for. */
static int choose(struct ps_view *view, const struct ps_options *options, struct error *err)
{
	struct call *call = view->call;
	bool all = options->all || options->latest || options->last != NULL ||
	           filter_wants_all(&options->filter);
	struct filters filters = { .words = &options->filter };
	struct container *list;
	size_t count, most = SIZE_MAX;

	if (find_most(&most, options, err) < 0 || filter_check(&options->filter, err) < 0 ||
	    container_list(&list, &count, call->arena, &call->paths,
	                   all || options->filter.count > 0, err) < 0)
		return -1;
	filters.among = list;
	filters.among_count = count;
	view->shown = arena_array(call->arena, count + 1, sizeof(struct container *));
	for (size_t i = 0; i < count && view->count < most; i++) {
		int matches = filter_matches(&list[i], &filters, err);

		if (matches < 0)
			return -1;
		if (matches && (all || list[i].status == CONTAINER_RUNNING))
			view->shown[view->count++] = &list[i];
	}
	return 0;
}

static int ps(struct call *call, struct error *err)
{
	const struct ps_options *options = call->options;
	struct listing listing = { .columns = ps_columns,
		                   .count = ARRAY_SIZE(ps_columns) - !options->size,
		                   .format = options->format,
		                   .quiet_field = options->quiet ? "ID" : NULL,
		                   .no_header = options->no_heading,
		                   .more = ps_more,
		                   .more_count = ARRAY_SIZE(ps_more) };
	bool sized = options->size ||
	             (options->format != NULL && strstr(options->format, ".Size") != NULL);
	struct ps_view view = { .call = call, .now = time(NULL) };
	struct listing_rows rows = { .make = ps_row, .context = &view };

	if (choose(&view, options, err) < 0 || (sized && find_sizes(&view, err) < 0))
		return -1;
	rows.count = view.count;
	return listing_print_each(&listing, &rows, err);
}

const struct command command_ps = {
	.name = "ps",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container ls", "container list"),
	.operands = "",
	.summary = "List containers",
	.options = ps_table,
	.options_size = sizeof(struct ps_options),
	.absent = absent_ps_options,
	.needs = NEED_STATE,
	.failure = EXIT_FAILURE,
	.run = ps,
};
