/*
 * What there is: ps, top, inspect.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/filter.h"
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/container/container.h"
#include "runtime/container/top.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

/* ---- ps ---- */

struct ps_options {
	bool all, quiet, no_trunc, latest;
	const char *format;
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
	ROW(0, "no-trunc", OPTION_FLAG, no_trunc, NULL, "ids and commands in full"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only ids"),
	OPTIONS_END,
};

static const struct column ps_columns[] = {
	{ "CONTAINER ID", "ID" },    { "IMAGE", "Image" },   { "COMMAND", "Command" },
	{ "CREATED", "RunningFor" }, { "STATUS", "Status" }, { "PORTS", "Ports" },
	{ "NAMES", "Names" },
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
		return arena_printf(arena, "Up %s",
		                    human_duration(arena, now - container->started));
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

static struct value *ps_row(struct call *call, const struct container *container,
                            const struct ps_options *options)
{
	struct arena *arena = call->arena;
	struct value *row = value_new_object(arena);
	int64_t now = time(NULL);
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "Image", container->image },
		{ "Command", command_text(arena, container->command, options->no_trunc) },
		{ "CreatedAt", human_time(arena, container->created) },
		{ "RunningFor",
		  arena_printf(arena, "%s ago", human_duration(arena, now - container->created)) },
		{ "State", filter_status(container->status) },
		{ "Status", status_text(arena, container, now) },
		{ "Ports", container->ports },
		{ "Names", container->name },
		{ "Labels", labels_text(arena, container->labels) },
		{ "Mounts", mounts_text(arena, container->mounts, options->no_trunc) },
		{ "Networks", container->network == NULL ? "" : container->network },
		{ "LocalVolumes", arena_printf(arena, "%zu", count_volumes(container->mounts)) },
	};

	value_set(arena, row, "ID",
	          value_new_string(arena, options->no_trunc ? container->id
	                                                    : arena_text(arena, container->id,
	                                                                 CONTAINER_ID_SHORT)));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	value_set(arena, row, "Pid", value_new_integer(arena, container->pid));
	value_set(arena, row, "ExitCode", value_new_integer(arena, container->exit_status));
	value_set(arena, row, "Label",
	          container->labels == NULL ? value_new_object(arena)
	                                    : value_copy(arena, container->labels));
	return row;
}

static int ps(struct call *call, struct error *err)
{
	const struct ps_options *options = call->options;
	struct listing listing = { .columns = ps_columns,
		                   .count = ARRAY_SIZE(ps_columns),
		                   .format = options->format,
		                   .quiet_field = options->quiet ? "ID" : NULL,
		                   .more = ps_more,
		                   .more_count = ARRAY_SIZE(ps_more) };
	struct value *rows = value_new_array(call->arena);
	bool all = options->all || options->latest || filter_wants_all(&options->filter);
	bool filtered = options->filter.count > 0;
	struct filters filters = { .words = &options->filter };
	struct container *list;
	size_t count;

	if (filter_check(&options->filter, err) < 0 ||
	    container_list(&list, &count, call->arena, &call->paths, all || filtered, err) < 0)
		return -1;
	filters.among = list;
	filters.among_count = count;
	for (size_t i = 0; i < count; i++) {
		bool shown = all || list[i].status == CONTAINER_RUNNING;
		int matches = filter_matches(&list[i], &filters, err);

		if (matches < 0)
			return -1;
		if (matches && shown)
			value_append(call->arena, rows, ps_row(call, &list[i], options));
		if (options->latest)
			break;
	}
	return listing_print(&listing, rows, err);
}

const struct command command_ps = {
	.name = "ps",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container ls", "container list"),
	.operands = "",
	.summary = "List containers",
	.options = ps_table,
	.options_size = sizeof(struct ps_options),
	.needs = NEED_STATE,
	.failure = EXIT_FAILURE,
	.run = ps,
};

/* ---- top ---- */

static int top(struct call *call, struct error *err)
{
	static const struct column columns[] = {
		{ "UID", "UID" },   { "PID", "PID" }, { "PPID", "PPID" },
		{ "TIME", "TIME" }, { "CMD", "CMD" },
	};
	struct listing listing = { .columns = columns, .count = ARRAY_SIZE(columns) };
	struct value *rows;

	if (container_top(&rows, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	return listing_print(&listing, rows, err);
}

const struct command command_top = {
	.name = "top",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER",
	.summary = "List the processes of a container",
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = top,
};

/* ---- inspect ---- */

struct inspect_options {
	const char *format, *type;
};

static const struct option inspect_table[] = {
	{ 'f', "format", OPTION_TEXT, offsetof(struct inspect_options, format), "TEMPLATE",
	  "a Go template or json" },
	{ 0, "type", OPTION_TEXT, offsetof(struct inspect_options, type), "TYPE",
	  "container or image" },
	OPTIONS_END,
};

static int look_at_container(struct value **ret, struct call *call, const char *name,
                             struct error *err)
{
	return container_inspect(ret, call->arena, &call->paths, name, err);
}

static int look_at_image(struct value **ret, struct call *call, const char *name, struct error *err)
{
	return image_inspect(ret, call->arena, &call->paths, name, err);
}

static int look_at_either(struct value **ret, struct call *call, const char *name,
                          struct error *err)
{
	if (look_at_container(ret, call, name, err) == 0 ||
	    look_at_image(ret, call, name, err) == 0)
		return 0;
	return error_set(err, 0, "no such container or image: %.200s", name);
}

static int inspect(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;
	bool container = text_equal(options->type, "container");

	return each_shown(call,
	                  options->type == NULL ? look_at_either
	                  : container           ? look_at_container
	                                        : look_at_image,
	                  options->format, err);
}

static int inspect_image(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;

	return each_shown(call, look_at_image, options->format, err);
}

const struct command command_inspect = {
	.name = "inspect",
	.group = GROUP_CONTAINER,
	.operands = "NAME...",
	.summary = "Print all there is to know of containers or images",
	.options = inspect_table,
	.options_size = sizeof(struct inspect_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect,
	.details =
	        "Under \"Cordon\" stand the profile, what the kernel enforces on the container's first process (read\n"
	        "back from it), what the profile left out on this machine, and the plan.",
};

static int inspect_container(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;

	return each_shown(call, look_at_container, options->format, err);
}

const struct command command_container_inspect = {
	.name = "container inspect",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Print all there is to know of containers",
	.options = inspect_table,
	.options_size = sizeof(struct inspect_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect_container,
};

const struct command command_image_inspect = {
	.name = "image inspect",
	.group = GROUP_IMAGE,
	.operands = "IMAGE...",
	.summary = "Print all there is to know of images",
	.options = inspect_table,
	.options_size = sizeof(struct inspect_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect_image,
};
