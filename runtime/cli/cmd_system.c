/*
 * system df: the room that images, containers and volumes take, and how much of it would be free
 * without what nothing uses.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/cli/image_filter.h"
#include "runtime/cli/output.h"
#include "runtime/cli/prune.h"
#include "runtime/container/container.h"
#include "runtime/container/volume_store.h"
#include "runtime/image/list.h"
#include "runtime/store/usage.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <time.h>

struct df_options {
	bool verbose;
	const char *format;
};

static const struct option df_table[] = {
	{ 0, "format", OPTION_TEXT, offsetof(struct df_options, format), "TEMPLATE",
	  "a Go template, \"table TEMPLATE\" or json" },
	{ 'v', "verbose", OPTION_FLAG, offsetof(struct df_options, verbose), NULL,
	  "image by image, container by container" },
	OPTIONS_END,
};

/* All there is, and its sizes. */
struct survey {
	struct arena *arena;
	struct image *images;
	struct container *containers;
	struct volume_entry *volumes;
	size_t image_count, container_count, volume_count;
	struct image_usage usage;
	uint64_t *container_sizes, *volume_sizes;
};

static int look(struct survey *ret, struct call *call, struct error *err)
{
	struct survey survey = { .arena = call->arena };
	struct plan_strings used = {}, uppers = {}, data = {};

	if (image_list(&survey.images, &survey.image_count, call->arena, &call->paths, err) < 0 ||
	    container_list(&survey.containers, &survey.container_count, call->arena, &call->paths,
	                   true, err) < 0 ||
	    volume_list(&survey.volumes, &survey.volume_count, call->arena, &call->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < survey.container_count; i++) {
		const struct container *container = &survey.containers[i];

		list_append(&used, call->arena, container->image_id);
		list_append(&uppers, call->arena,
		            prune_container_folder(call->arena, &call->paths, container->id));
	}
	for (size_t i = 0; i < survey.volume_count; i++)
		list_append(&data, call->arena, survey.volumes[i].path);
	survey.container_sizes = arena_array(call->arena, uppers.count, sizeof(uint64_t));
	survey.volume_sizes = arena_array(call->arena, data.count, sizeof(uint64_t));
	if (image_usage(&survey.usage, call->arena, &call->paths, &used, err) < 0 ||
	    usage_of_folders(survey.container_sizes, &uppers, &call->host, err) < 0 ||
	    usage_of_folders(survey.volume_sizes, &data, &call->host, err) < 0)
		return -1;
	*ret = survey;
	return 0;
}

static size_t count_users(const struct survey *survey, const char *id)
{
	size_t count = 0;

	for (size_t i = 0; i < survey->container_count; i++)
		count += strcmp(survey->containers[i].image_id, id) == 0;
	return count;
}

static void set(struct survey *survey, struct value *row, const char *key, const char *text)
{
	value_set(survey->arena, row, key, value_new_string(survey->arena, text));
}

static void set_number(struct survey *survey, struct value *row, const char *key, size_t number)
{
	value_set(survey->arena, row, key, value_new_integer(survey->arena, (int64_t)number));
}

static void set_size(struct survey *survey, struct value *row, const char *key, uint64_t bytes)
{
	set(survey, row, key, human_size(survey->arena, bytes));
}

/* ---- the summary ---- */

static const struct column summary_columns[] = {
	{ "TYPE", "Type" }, { "TOTAL", "TotalCount" },        { "ACTIVE", "Active" },
	{ "SIZE", "Size" }, { "RECLAIMABLE", "Reclaimable" },
};

struct summary {
	const char *type;
	size_t total, active;
	uint64_t size, reclaimable;
};

static void add_summary(struct survey *survey, struct value *rows, const struct summary *summary)
{
	struct value *row = value_append(survey->arena, rows, value_new_object(survey->arena));
	const char *free = human_size(survey->arena, summary->reclaimable);

	set(survey, row, "Type", summary->type);
	set_number(survey, row, "TotalCount", summary->total);
	set_number(survey, row, "Active", summary->active);
	set_size(survey, row, "Size", summary->size);
	set(survey, row, "Reclaimable",
	    summary->size == 0
	            ? free
	            : arena_printf(survey->arena, "%s (%u%%)", free,
	                           (unsigned)(summary->reclaimable * 100 / summary->size)));
}

static int print_summary(struct survey *survey, const char *format, struct error *err)
{
	const struct listing listing = { .columns = summary_columns,
		                         .count = ARRAY_SIZE(summary_columns),
		                         .format = format };
	struct value *rows = value_new_array(survey->arena);
	struct summary images = { .type = "Images",
		                  .total = survey->image_count,
		                  .size = survey->usage.total,
		                  .reclaimable = survey->usage.total - survey->usage.chosen };
	struct summary containers = { .type = "Containers", .total = survey->container_count };
	struct summary volumes = { .type = "Local Volumes", .total = survey->volume_count };
	struct summary cache = { .type = "Build Cache" };

	for (size_t i = 0; i < survey->image_count; i++)
		images.active += count_users(survey, survey->images[i].id) > 0;
	for (size_t i = 0; i < survey->container_count; i++) {
		bool runs = survey->containers[i].status == CONTAINER_RUNNING;

		containers.active += runs;
		containers.size += survey->container_sizes[i];
		containers.reclaimable += runs ? 0 : survey->container_sizes[i];
	}
	for (size_t i = 0; i < survey->volume_count; i++) {
		bool used = survey->volumes[i].users.count > 0;

		volumes.active += used;
		volumes.size += survey->volume_sizes[i];
		volumes.reclaimable += used ? 0 : survey->volume_sizes[i];
	}
	add_summary(survey, rows, &images);
	add_summary(survey, rows, &containers);
	add_summary(survey, rows, &volumes);
	add_summary(survey, rows, &cache);
	return listing_print(&listing, rows, err);
}

/* ---- one by one ---- */

static const struct column image_columns[] = {
	{ "REPOSITORY", "Repository" },   { "TAG", "Tag" },
	{ "IMAGE ID", "ID" },             { "CREATED", "CreatedSince" },
	{ "SIZE", "Size" },               { "SHARED SIZE", "SharedSize" },
	{ "UNIQUE SIZE", "UniqueSize" },  { "CONTAINERS", "Containers" },
}, container_columns[] = {
	{ "CONTAINER ID", "ID" },  { "IMAGE", "Image" },     { "COMMAND", "Command" },
	{ "LOCAL VOLUMES", "LocalVolumes" }, { "SIZE", "Size" },
	{ "CREATED", "RunningFor" }, { "STATUS", "Status" }, { "NAMES", "Names" },
}, volume_columns[] = {
	{ "VOLUME NAME", "Name" }, { "LINKS", "Links" }, { "SIZE", "Size" },
};

static const char *ago(struct survey *survey, int64_t when)
{
	return arena_printf(survey->arena, "%s ago",
	                    human_duration(survey->arena, time(NULL) - when));
}

static void image_row(struct survey *survey, struct value *rows, size_t place)
{
	struct value *row = value_append(survey->arena, rows, value_new_object(survey->arena));
	const struct image *image = &survey->images[place];
	const char *name = image->names.count == 0 ? NULL : image->names.items[0];
	size_t length = name == NULL ? 0 : image_name_repository(name);
	const struct image_usage_row *usage = NULL;

	for (size_t i = 0; i < survey->usage.count; i++)
		if (strcmp(survey->usage.rows[i].id, image->id) == 0)
			usage = &survey->usage.rows[i];
	set(survey, row, "Repository",
	    name == NULL ? "<none>" : arena_text(survey->arena, name, length));
	set(survey, row, "Tag",
	    name == NULL || name[length] == '\0' ? "<none>" : name + length + 1);
	set(survey, row, "ID", arena_text(survey->arena, image->id, CONTAINER_ID_SHORT));
	set(survey, row, "CreatedSince", ago(survey, image->created));
	set_size(survey, row, "Size", usage == NULL ? 0 : usage->size);
	set_size(survey, row, "SharedSize", usage == NULL ? 0 : usage->size - usage->unique);
	set_size(survey, row, "UniqueSize", usage == NULL ? 0 : usage->unique);
	set_number(survey, row, "Containers", count_users(survey, image->id));
}

static void container_row(struct survey *survey, struct value *rows, size_t place)
{
	static const char *const words[] = { "Created", "Up", "Exited", "Dead" };
	struct value *row = value_append(survey->arena, rows, value_new_object(survey->arena));
	const struct container *container = &survey->containers[place];
	size_t volumes = 0;

	for (size_t i = 0; i < survey->volume_count; i++)
		for (size_t j = 0; j < survey->volumes[i].users.count; j++)
			volumes += strcmp(survey->volumes[i].users.items[j], container->id) == 0;
	set(survey, row, "ID", arena_text(survey->arena, container->id, CONTAINER_ID_SHORT));
	set(survey, row, "Image", container->image);
	set(survey, row, "Command", arena_printf(survey->arena, "\"%.40s\"", container->command));
	set_number(survey, row, "LocalVolumes", volumes);
	set_size(survey, row, "Size", survey->container_sizes[place]);
	set(survey, row, "RunningFor", ago(survey, container->created));
	set(survey, row, "Status", words[container->status]);
	set(survey, row, "Names", container->name);
}

static void volume_row(struct survey *survey, struct value *rows, size_t place)
{
	struct value *row = value_append(survey->arena, rows, value_new_object(survey->arena));

	set(survey, row, "Name", survey->volumes[place].name);
	set_number(survey, row, "Links", survey->volumes[place].users.count);
	set_size(survey, row, "Size", survey->volume_sizes[place]);
}

static int print_details(struct survey *survey, struct error *err)
{
	const struct {
		const char *title;
		const struct column *columns;
		size_t column_count, count;
		void (*add)(struct survey *survey, struct value *rows, size_t place);
	} parts[] = {
		{ "Images", image_columns, ARRAY_SIZE(image_columns), survey->image_count,
		  image_row },
		{ "Containers", container_columns, ARRAY_SIZE(container_columns),
		  survey->container_count, container_row },
		{ "Local Volumes", volume_columns, ARRAY_SIZE(volume_columns), survey->volume_count,
		  volume_row },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct listing listing = { .columns = parts[i].columns,
			                         .count = parts[i].column_count };
		struct value *rows = value_new_array(survey->arena);

		for (size_t j = 0; j < parts[i].count; j++)
			parts[i].add(survey, rows, j);
		if (output_line(err, "%s%s space usage:\n", i > 0 ? "\n" : "", parts[i].title) <
		            0 ||
		    listing_print(&listing, rows, err) < 0)
			return -1;
	}
	return 0;
}

static int df(struct call *call, struct error *err)
{
	const struct df_options *options = call->options;
	struct survey survey;

	if (options->verbose && options->format != NULL)
		return error_set(err, 0, "--verbose and --format do not go together");
	if (look(&survey, call, err) < 0)
		return -1;
	return options->verbose ? print_details(&survey, err)
	                        : print_summary(&survey, options->format, err);
}

const struct command command_system_df = {
	.name = "system df",
	.group = GROUP_SYSTEM,
	.operands = "",
	.summary = "Show how much of the disk images, containers and volumes take",
	.options = df_table,
	.options_size = sizeof(struct df_options),
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = df,
	.details =
	        "Images are counted as they lie there: as layers that are unpacked and as the blobs they came in;\n"
	        "what several images share is counted once. Active is what a container uses, a container that\n"
	        "runs, a volume that a container names.",
};
