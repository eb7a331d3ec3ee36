/*
 * wait: until containers end, or are what --condition says.
 */
#include "runtime/cli/choice.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/output.h"
#include "runtime/cli/when.h"
#include "runtime/container/container.h"
#include "runtime/container/control.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

enum { INTERVAL_MS = 250, NO_STATUS = -1 };

struct wait_options {
	const char *interval;
	struct plan_strings condition;
	struct choice choice;
};

static const struct option wait_table[] = {
	{ 0, "condition", OPTION_LIST, offsetof(struct wait_options, condition), "STATUS",
	  "until it is stopped (the default), exited, created, running, paused or removed; any of them" },
	{ 'i', "interval", OPTION_TEXT, offsetof(struct wait_options, interval), "TIME",
	  "with --condition: how long between two looks, as 2s or a number of milliseconds (250)" },
	CHOICE_LATEST(struct wait_options),
	OPTIONS_END,
};

/* What a container may be, told apart; one word may mean several. */
enum being {
	BEING_CREATED = 1,
	BEING_RUNNING = 2,
	BEING_PAUSED = 4,
	BEING_ENDED = 8,
};

/* One that is gone is more than any of these (look). */
static const struct wait_word {
	const char *word;
	unsigned met_by;
} conditions[] = {
	{ "stopped", BEING_ENDED },
	{ "exited", BEING_ENDED },
	{ "created", BEING_CREATED },
	{ "running", BEING_RUNNING },
	{ "paused", BEING_PAUSED },
	{ "removed", 0 },
	{ "not-running", BEING_CREATED | BEING_ENDED },
};

static const struct wait_word *find_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		if (strcmp(conditions[i].word, word) == 0)
			return &conditions[i];
	return NULL;
}

static int refuse(const char *word, struct error *err)
{
	_cleanup_text struct text known = {};

	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		text_printf(&known, "%s%s",
		            i == 0                            ? ""
		            : i + 1 == ARRAY_SIZE(conditions) ? " or "
		                                              : ", ",
		            conditions[i].word);
	error_set(err, 0, "invalid --condition '%.80s'", word);
	return error_hint(err, "it takes %s", text_string(&known));
}

static int check(const struct plan_strings *words, struct error *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (find_word(words->items[i]) == NULL)
			return refuse(words->items[i], err);
	return 0;
}

static enum being being_of(const struct container *container)
{
	switch (container->status) {
	case CONTAINER_CREATED:
		return BEING_CREATED;
	case CONTAINER_RUNNING:
		return container->paused ? BEING_PAUSED : BEING_RUNNING;
	default:
		return BEING_ENDED;
	}
}

static int read_interval(struct timespec *ret, const char *text, struct error *err)
{
	uint64_t milliseconds = INTERVAL_MS;
	int64_t nanoseconds;

	if (text != NULL && !text_to_number(&milliseconds, text, INT32_MAX)) {
		if (!when_duration(&nanoseconds, text) || nanoseconds < 0)
			return error_set(err, 0, "invalid --interval '%.80s': a time, as 2s", text);
		milliseconds = (uint64_t)nanoseconds / 1000000;
	}
	if (milliseconds == 0)
		milliseconds = 1;
	ret->tv_sec = (time_t)(milliseconds / 1000);
	ret->tv_nsec = (long)(milliseconds % 1000 * 1000000);
	return 0;
}

/* One look: 1 met, 0 not yet. One that is gone is removed, whatever else was waited for. */
static int look(int *status, struct call *call, const char *id, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	const struct wait_options *options = call->options;
	struct container container;
	int met = 0, found = container_open(&container, &arena, &call->paths, id, err);

	if (found <= 0)
		return found < 0 ? -1 : 1;
	for (size_t i = 0; i < options->condition.count; i++)
		met |= (find_word(options->condition.items[i])->met_by & being_of(&container)) != 0;
	*status = container.status == CONTAINER_EXITED ? container.exit_status : NO_STATUS;
	container_close(&container);
	return met;
}

static int wait_for_condition(int *status, struct call *call, const char *name, struct error *err)
{
	const struct wait_options *options = call->options;
	struct container container;
	struct timespec interval;
	const char *id;
	int met;

	if (read_interval(&interval, options->interval, err) < 0 ||
	    control_open(&container, call->arena, &call->paths, name, err) < 0)
		return -1;
	id = container.id;
	container_close(&container);
	*status = NO_STATUS;
	while ((met = look(status, call, id, err)) == 0)
		nanosleep(&interval, NULL);
	return met;
}

static int wait_one(struct call *call, const char *name, struct error *err)
{
	const struct wait_options *options = call->options;
	int status, result;

	result = options->condition.count > 0 ? wait_for_condition(&status, call, name, err)
	                                      : container_wait(&status, &call->paths, name, err);
	return result < 0 ? -1 : output_line(err, "%d", status);
}

static int wait_containers(struct call *call, struct error *err)
{
	const struct wait_options *options = call->options;

	if (check(&options->condition, err) < 0 ||
	    choice_take(call, &options->choice, CHOICE_AMONG_ALL, err) < 0)
		return -1;
	return each_named(call, wait_one, false, err);
}

const struct command command_wait = {
	.name = "wait",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Wait until containers end, and print their exit statuses",
	.options = wait_table,
	.options_size = sizeof(struct wait_options),
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = wait_containers,
	.details = "With a condition that is met by a container that has not ended, -1 is printed.",
};
