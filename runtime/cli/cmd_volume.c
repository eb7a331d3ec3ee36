/*
 * Volumes: volume ls, create, inspect, rm.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/cli/label.h"
#include "runtime/container/identity.h"
#include "runtime/container/volume_store.h"
#include "runtime/image/config.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <time.h>

/* ---- ls ---- */

struct ls_options {
	bool no_heading, quiet;
	const char *format;
	struct plan_strings filter;
};

static const struct option ls_table[] = {
	{ 'f', "filter", OPTION_LIST, offsetof(struct ls_options, filter), "KEY=VALUE",
	  "name=TEXT, dangling=true|false, label=NAME[=VALUE], driver=local" },
	{ 0, "format", OPTION_TEXT, offsetof(struct ls_options, format), "TEMPLATE",
	  "a Go template, \"table TEMPLATE\" or json" },
	{ 0, "noheading", OPTION_FLAG, offsetof(struct ls_options, no_heading), NULL,
	  "no line with the columns' names" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct ls_options, quiet), NULL, "only names" },
	OPTIONS_END,
};

static const struct column columns[] = { { "DRIVER", "Driver" }, { "VOLUME NAME", "Name" } };
static const struct column more_columns[] = {
	{ "SCOPE", "Scope" },   { "MOUNTPOINT", "Mountpoint" },
	{ "LABELS", "Labels" }, { "LINKS", "Links" },
	{ NULL, "Label" },
};

/* 1, 0, -1 where it is no filter. Docker's: a part of the name will do. */
static int filter_one(const struct volume_entry *entry, const char *filter, struct error *err)
{
	const char *value = strchr(filter, '=');
	size_t length = value == NULL ? 0 : (size_t)(value++ - filter);

	if (length == 4 && strncmp(filter, "name", length) == 0)
		return strstr(entry->name, value) != NULL;
	if (length == 5 && strncmp(filter, "label", length) == 0)
		return label_matches(entry->labels, value);
	if (length == 6 && strncmp(filter, "driver", length) == 0)
		return strcmp(value, "local") == 0;
	if (length == 8 && strncmp(filter, "dangling", length) == 0) {
		if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
			return entry->users.count == 0;
		if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
			return entry->users.count > 0;
		return error_set(err, 0, "filter dangling=%.80s: that is true or false", value);
	}
	error_set(err, 0, "unknown filter '%.80s'", filter);
	return error_hint(err, "known are name, dangling, label and driver");
}

static int matches_all(const struct volume_entry *entry, const struct plan_strings *filters,
                       struct error *err)
{
	int result = 1;

	for (size_t i = 0; i < filters->count; i++) {
		int one = filter_one(entry, filters->items[i], err);

		if (one < 0)
			return -1;
		result = result && one;
	}
	return result;
}

static void describe(struct value *row, struct arena *arena, const struct volume_entry *entry)
{
	value_set(arena, row, "Name", value_new_string(arena, entry->name));
	value_set(arena, row, "Driver", value_new_string(arena, "local"));
	value_set(arena, row, "Scope", value_new_string(arena, "local"));
	value_set(arena, row, "Mountpoint", value_new_string(arena, entry->path));
}

static struct value *ls_row(struct arena *arena, const struct volume_entry *entry)
{
	struct value *row = value_new_object(arena);
	_cleanup_text struct text labels = {};

	describe(row, arena, entry);
	for (size_t i = 0; i < entry->labels->count; i++)
		text_printf(&labels, "%s%s=%s", i > 0 ? "," : "", entry->labels->items[i]->key,
		            value_string(entry->labels->items[i], ""));
	value_set(arena, row, "Labels", value_new_string(arena, text_string(&labels)));
	value_set(arena, row, "Label", value_copy(arena, entry->labels));
	value_set(arena, row, "Links", value_new_integer(arena, (int64_t)entry->users.count));
	return row;
}

static int ls(struct call *call, struct error *err)
{
	static const struct value no_labels = { .kind = VALUE_OBJECT };
	static const struct volume_entry blank = { .name = "", .labels = &no_labels };
	const struct ls_options *options = call->options;
	struct listing listing = { .columns = columns,
		                   .count = ARRAY_SIZE(columns),
		                   .format = options->format,
		                   .quiet_field = options->quiet ? "Name" : NULL,
		                   .no_header = options->no_heading,
		                   .more = more_columns,
		                   .more_count = ARRAY_SIZE(more_columns) };
	struct value *rows = value_new_array(call->arena);
	struct volume_entry *list;
	size_t count;

	/* what is no filter is an error, whatever there is */
	if (matches_all(&blank, &options->filter, err) < 0 ||
	    volume_list(&list, &count, call->arena, &call->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int matches = matches_all(&list[i], &options->filter, err);

		if (matches < 0)
			return -1;
		if (matches)
			value_append(call->arena, rows, ls_row(call->arena, &list[i]));
	}
	return listing_print(&listing, rows, err);
}

const struct command command_volume_ls = {
	.name = "volume ls",
	.group = GROUP_SYSTEM,
	.aliases = ALIASES("volume list"),
	.operands = "",
	.summary = "List volumes",
	.options = ls_table,
	.options_size = sizeof(struct ls_options),
	.absent = absent_volume_options,
	.needs = NEED_STATE,
	.failure = EXIT_FAILURE,
	.run = ls,
};

/* ---- create ---- */

struct create_options {
	struct plan_strings labels;
	const char *driver;
	bool ignore;
};

static const struct option create_table[] = {
	{ 'd', "driver", OPTION_TEXT, offsetof(struct create_options, driver), "NAME",
	  "local, the only one there is" },
	{ 0, "ignore", OPTION_FLAG, offsetof(struct create_options, ignore), NULL,
	  "accepted; one that is there is never an error" },
	{ 'l', "label", OPTION_LIST, offsetof(struct create_options, labels), "NAME[=VALUE]",
	  "note it" },
	OPTIONS_END,
};

static int create(struct call *call, struct error *err)
{
	const struct create_options *options = call->options;
	struct value *labels = value_new_object(call->arena);
	char id[CONTAINER_ID_LENGTH + 1];
	struct volume_made made;
	const char *name = id;

	if (options->driver != NULL && strcmp(options->driver, "local") != 0) {
		error_set(err, 0, "there is no volume driver '%.80s'", options->driver);
		return error_hint(err, "cordon's volumes are folders of its own: --driver local");
	}
	if (identity_make(id, err) < 0)
		return -1;
	if (call->count > 0)
		name = call->words[0];
	if (!volume_name_is_valid(name)) {
		error_set(err, 0, "'%.140s' cannot be the name of a volume", name);
		return error_hint(err, "names are made of [a-zA-Z0-9][a-zA-Z0-9_.-]*");
	}
	for (size_t i = 0; i < options->labels.count; i++) {
		const char *label = options->labels.items[i], *equals = strchrnul(label, '=');

		value_set(call->arena, labels,
		          arena_text(call->arena, label, (size_t)(equals - label)),
		          value_new_string(call->arena, *equals == '\0' ? "" : equals + 1));
	}
	if (volume_make(&made, call->arena, &call->paths, name, labels, err) < 0)
		return -1;
	return output_line(err, "%s", name);
}

const struct command command_volume_create = {
	.name = "volume create",
	.group = GROUP_SYSTEM,
	.operands = "[NAME]",
	.summary = "Make a volume",
	.options = create_table,
	.options_size = sizeof(struct create_options),
	.absent = absent_volume_create_options,
	.needs = NEED_STATE,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = create,
};

/* ---- inspect ---- */

struct inspect_options {
	const char *format;
};

static const struct option inspect_table[] = {
	{ 'f', "format", OPTION_TEXT, offsetof(struct inspect_options, format), "TEMPLATE",
	  "a Go template, or json" },
	OPTIONS_END,
};

static struct value *inspection(struct arena *arena, const struct volume_entry *entry)
{
	struct value *object = value_new_object(arena), *users = value_new_array(arena);

	value_set(arena, object, "CreatedAt",
	          value_new_string(arena, config_print_time(arena, entry->created)));
	value_set(arena, object, "Labels", value_copy(arena, entry->labels));
	value_set(arena, object, "Options", value_new_object(arena));
	describe(object, arena, entry);
	value_set(arena, object, "Anonymous", value_new_boolean(arena, entry->anonymous));
	for (size_t i = 0; i < entry->users.count; i++)
		value_append(arena, users, value_new_string(arena, entry->users.items[i]));
	value_set(arena, object, "Containers", users);
	return object;
}

static int look(struct value **ret, struct call *call, const char *name, struct error *err)
{
	struct volume_entry entry;
	int found = volume_find(&entry, call->arena, &call->paths, name, err);

	if (found == 0)
		error_set(err, 0, "no such volume: %.200s", name);
	if (found <= 0)
		return -1;
	*ret = inspection(call->arena, &entry);
	return 0;
}

static int inspect(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;

	return each_shown(call, look, options->format, err);
}

const struct command command_volume_inspect = {
	.name = "volume inspect",
	.group = GROUP_SYSTEM,
	.operands = "VOLUME...",
	.summary = "Print all there is to know of volumes",
	.options = inspect_table,
	.options_size = sizeof(struct inspect_options),
	.absent = absent_volume_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect,
};

/* ---- rm ---- */

struct rm_options {
	bool force;
};

static const struct option rm_table[] = {
	{ 'f', "force", OPTION_FLAG, offsetof(struct rm_options, force), NULL,
	  "one that is not there is no error" },
	OPTIONS_END,
};

static int rm_one(struct call *call, const char *name, struct error *err)
{
	const struct rm_options *options = call->options;

	if (volume_remove(&call->paths, &call->host, name, err) == 0)
		return 0;
	return options->force && err->number == ENOENT ? 1 : -1;
}

static int rm(struct call *call, struct error *err)
{
	return each_named(call, rm_one, true, err);
}

const struct command command_volume_rm = {
	.name = "volume rm",
	.group = GROUP_SYSTEM,
	.aliases = ALIASES("volume remove"),
	.operands = "VOLUME...",
	.summary = "Remove volumes",
	.options = rm_table,
	.options_size = sizeof(struct rm_options),
	.absent = absent_volume_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = rm,
	.details = "A volume that a container names, running or not, is not removed.",
};
