/*
 * stats: what running containers take of the machine, once or again and again.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/container/control.h"
#include "runtime/container/usage.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

struct stats_options {
	bool all, no_reset, no_stream, no_trunc;
	const char *format, *interval;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct stats_options, member), value, help            \
	}

static const struct option stats_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "also those that do not run"),
	ROW(0, "format", OPTION_TEXT, format, "TEMPLATE",
	    "a Go template, \"table TEMPLATE\" or json"),
	ROW('i', "interval", OPTION_TEXT, interval, "SECONDS", "how often (1)"),
	ROW(0, "no-reset", OPTION_FLAG, no_reset, NULL, "do not clear the screen in between"),
	ROW(0, "no-stream", OPTION_FLAG, no_stream, NULL,
	    "look once: half a second of processor time"),
	ROW(0, "no-trunc", OPTION_FLAG, no_trunc, NULL, "ids in full"),
	OPTIONS_END,
};

static const struct column columns[] = {
	{ "CONTAINER ID", "ID" },   { "NAME", "Name" },
	{ "CPU %", "CPUPerc" },     { "MEM USAGE / LIMIT", "MemUsage" },
	{ "MEM %", "MemPerc" },     { "NET I/O", "NetIO" },
	{ "BLOCK I/O", "BlockIO" }, { "PIDS", "PIDs" },
};
static const struct column more_columns[] = { { "CONTAINER", "Container" } };

enum { MOST_SECONDS = 86400, ONCE_MS = 500 };

/* One container at two moments. */
struct sample {
	const struct container *container;
	struct usage usage;
	uint64_t at;  /* io_now() */
	double share; /* of one processor */
};

static void take(struct sample *sample, struct arena *arena)
{
	if (sample->container->status == CONTAINER_RUNNING)
		container_usage(&sample->usage, arena, sample->container);
	sample->at = io_now();
}

static struct value *row_of(struct call *call, const struct sample *sample)
{
	const struct stats_options *options = call->options;
	const struct container *container = sample->container;
	const struct usage *usage = &sample->usage;
	struct arena *arena = call->arena;
	struct value *row = value_new_object(arena);
	bool runs = container->status == CONTAINER_RUNNING;
	const char *id = options->no_trunc ? container->id
	                                   : arena_text(arena, container->id, CONTAINER_ID_SHORT);
	double part = usage->limit == 0 ? 0 : 100.0 * (double)usage->memory / (double)usage->limit;
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "Container", id },
		{ "ID", id },
		{ "Name", container->name },
		{ "CPUPerc", !runs ? "--" : arena_printf(arena, "%.2f%%", 100 * sample->share) },
		{ "MemUsage",
		  !runs ? "-- / --"
		        : arena_printf(arena, "%s / %s", human_memory(arena, usage->memory),
		                       human_memory(arena, usage->limit)) },
		{ "MemPerc", !runs ? "--" : arena_printf(arena, "%.2f%%", part) },
		{ "NetIO", !usage->network ? "-- / --"
		                           : arena_printf(arena, "%s / %s",
		                                          human_size(arena, usage->received),
		                                          human_size(arena, usage->sent)) },
		/* its controller is not among those that are delegated to users */
		{ "BlockIO", "-- / --" },
		{ "PIDs",
		  !runs ? "--" : arena_printf(arena, "%llu", (unsigned long long)usage->tasks) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	return row;
}

/* Those that were named, or all that run. */
static int find(struct container **ret, size_t *count, struct call *call, struct error *err)
{
	const struct stats_options *options = call->options;

	if (call->count == 0)
		return container_list(ret, count, call->arena, &call->paths, options->all, err);
	*ret = arena_array(call->arena, call->count, sizeof **ret);
	*count = call->count;
	for (size_t i = 0; i < call->count; i++) {
		if (control_open(&(*ret)[i], call->arena, &call->paths, call->words[i], err) < 0)
			return -1;
		container_close(&(*ret)[i]);
	}
	return 0;
}

static void sleep_for(int64_t nanoseconds)
{
	struct timespec time = { nanoseconds / 1000000000, nanoseconds % 1000000000 };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* Two looks at the same containers, and how much processor lies between them. */
static int sample_all(struct sample **ret, size_t *count, struct call *call, int64_t nanoseconds,
                      struct error *err)
{
	struct container *list;

	if (find(&list, count, call, err) < 0)
		return -1;
	*ret = arena_array(call->arena, *count + 1, sizeof **ret);
	for (size_t i = 0; i < *count; i++) {
		(*ret)[i].container = &list[i];
		take(&(*ret)[i], call->arena);
	}
	sleep_for(nanoseconds);
	for (size_t i = 0; i < *count; i++) {
		struct sample *sample = &(*ret)[i], before = *sample;

		take(sample, call->arena);
		if (sample->usage.processor > before.usage.processor && sample->at > before.at)
			sample->share = (double)(sample->usage.processor - before.usage.processor) *
			                1000 / (double)(sample->at - before.at);
	}
	return 0;
}

static int show(struct call *call, int64_t nanoseconds, struct error *err)
{
	const struct stats_options *options = call->options;
	struct listing listing = { .columns = columns,
		                   .count = ARRAY_SIZE(columns),
		                   .format = options->format,
		                   .more = more_columns,
		                   .more_count = ARRAY_SIZE(more_columns) };
	struct value *rows = value_new_array(call->arena);
	struct sample *samples;
	size_t count;

	if (sample_all(&samples, &count, call, nanoseconds, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		value_append(call->arena, rows, row_of(call, &samples[i]));
	if (!options->no_stream && !options->no_reset && options->format == NULL &&
	    isatty(STDOUT_FILENO))
		(void)!write(STDOUT_FILENO, "\033[H\033[J", 6);
	return listing_print(&listing, rows, err);
}

static int stats(struct call *call, struct error *err)
{
	const struct stats_options *options = call->options;
	uint64_t seconds = 1;

	if (options->interval != NULL &&
	    (!text_to_number(&seconds, options->interval, MOST_SECONDS) || seconds == 0))
		return error_set(err, 0, "invalid --interval '%.40s': a number of seconds",
		                 options->interval);
	if (options->no_stream)
		return show(call, ONCE_MS * INT64_C(1000000), err);
	for (;;) {
		_cleanup_arena struct arena arena = {};
		struct call once = *call;

		once.arena = &arena;
		if (show(&once, (int64_t)seconds * 1000000000, err) < 0)
			return -1;
	}
}

const struct command command_stats = {
	.name = "stats",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Show what running containers take of the machine",
	.options = stats_table,
	.options_size = sizeof(struct stats_options),
	.absent = absent_stats_options,
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = stats,
	.details =
	        "A container with a cgroup (a limit, or --cgroups enabled) is counted by the kernel. Others are counted\n"
	        "process by process: memory that is theirs alone, and processor time but for that of processes that\n"
	        "ended in between. CPU % is of one processor. What goes to disks is not counted for ordinary users.",
};
