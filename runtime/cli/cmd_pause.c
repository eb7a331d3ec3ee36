/* Containers that stand still: pause, unpause, which take the same. */
#include "runtime/cli/choice.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/container/container.h"

#include <stdlib.h>

struct pause_options {
	struct choice choice;
};

static const struct option pause_table[] = {
	CHOICE_ALL(struct pause_options, "all it can be done to"),
	CHOICE_CIDFILE(struct pause_options),
	CHOICE_FILTER(struct pause_options, 'f'),
	CHOICE_LATEST(struct pause_options),
	OPTIONS_END,
};

static int act_on_chosen(struct call *call, enum choice_among among,
                         int (*act)(struct call *call, const char *name, struct error *err),
                         struct error *err)
{
	const struct pause_options *options = call->options;

	if (choice_take(call, &options->choice, among, err) < 0)
		return -1;
	return each_named(call, act, true, err);
}

static int pause_one(struct call *call, const char *name, struct error *err)
{
	return container_pause(&call->paths, name, err);
}

static int pause_containers(struct call *call, struct error *err)
{
	return act_on_chosen(call, CHOICE_AMONG_GOING, pause_one, err);
}

const struct command command_pause = {
	.name = "pause",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container pause"),
	.operands = "[CONTAINER...]",
	.summary = "Make all processes of containers stand still",
	.options = pause_table,
	.options_size = sizeof(struct pause_options),
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = pause_containers,
	.details =
	        "By the freezer of the container's cgroup, so it must have one: started with --cgroups enabled, or\n"
	        "with a limit. Nothing inside sees it. Until cordon unpause nothing can be executed in it; stop lets\n"
	        "it go on to end, and kill and rm -f end it at once.",
};

static int unpause_one(struct call *call, const char *name, struct error *err)
{
	return container_unpause(&call->paths, name, err);
}

static int unpause(struct call *call, struct error *err)
{
	return act_on_chosen(call, CHOICE_AMONG_PAUSED, unpause_one, err);
}

const struct command command_unpause = {
	.name = "unpause",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container unpause"),
	.operands = "[CONTAINER...]",
	.summary = "Let paused containers go on",
	.options = pause_table,
	.options_size = sizeof(struct pause_options),
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = unpause,
};
