/* Containers that stand still: pause, unpause. */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/container/container.h"

#include <stdlib.h>

static int pause_one(struct call *call, const char *name, struct error *err)
{
	return container_pause(&call->paths, name, err);
}

static int pause_containers(struct call *call, struct error *err)
{
	return each_named(call, pause_one, true, err);
}

const struct command command_pause = {
	.name = "pause",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container pause"),
	.operands = "CONTAINER...",
	.summary = "Make all processes of containers stand still",
	.needs = NEED_STATE,
	.least = 1,
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
	return each_named(call, unpause_one, true, err);
}

const struct command command_unpause = {
	.name = "unpause",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container unpause"),
	.operands = "CONTAINER...",
	.summary = "Let paused containers go on",
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = unpause,
};
