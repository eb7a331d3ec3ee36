/*
 * What nobody needs goes: container prune, image prune, volume prune, system prune.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/confirm.h"
#include "runtime/cli/prune.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

struct prune_options {
	bool all, force, volumes;
	struct plan_strings filter;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct prune_options, member), value, help            \
	}
#define FORCE ROW('f', "force", OPTION_FLAG, force, NULL, "do not ask")
#define FILTER                                                                                     \
	ROW(0, "filter", OPTION_LIST, filter, "KEY=VALUE",                                         \
	    "until=TIME, label=NAME[=VALUE], label!=NAME[=VALUE]")

static int begin(struct prune *ret, struct call *call, struct error *err)
{
	const struct prune_options *options = call->options;

	*ret = (struct prune){ .call = call,
		               .all_images = options->all,
		               .all_volumes = options->all };
	return prune_filter_read(&ret->filter, call->arena, &options->filter, time(NULL), err);
}

/* ---- one kind ---- */

struct kind {
	const char *what, *warning, *warning_all;
	int (*prune)(struct prune *prune, struct error *err);
};

static int prune_kind(struct call *call, const struct kind *kind, struct error *err)
{
	const struct prune_options *options = call->options;
	struct prune prune;

	if (begin(&prune, call, err) < 0)
		return -1;
	if (!options->force &&
	    confirm(options->all ? kind->warning_all : kind->warning, kind->what, err) < 0)
		return -1;
	return kind->prune(&prune, err) < 0 ? -1 : prune_total(&prune, err);
}

static const struct option container_table[] = { FILTER, FORCE, OPTIONS_END };

static int container(struct call *call, struct error *err)
{
	static const struct kind kind = { "container prune",
		                          "This will remove all stopped containers.", NULL,
		                          prune_containers };

	return prune_kind(call, &kind, err);
}

const struct command command_container_prune = {
	.name = "container prune",
	.group = GROUP_CONTAINER,
	.operands = "",
	.summary = "Remove all containers that do not run",
	.options = container_table,
	.options_size = sizeof(struct prune_options),
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = container,
};

static const struct option image_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "all that no container was made from"),
	FILTER,
	FORCE,
	OPTIONS_END,
};

static int image(struct call *call, struct error *err)
{
	static const struct kind kind = {
		"image prune", "This will remove all dangling images.",
		"This will remove all images without at least one container associated to them.",
		prune_images
	};

	return prune_kind(call, &kind, err);
}

const struct command command_image_prune = {
	.name = "image prune",
	.group = GROUP_IMAGE,
	.operands = "",
	.summary = "Remove images without a name that no container was made from",
	.options = image_table,
	.options_size = sizeof(struct prune_options),
	.absent = absent_prune_options,
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = image,
};

static const struct option volume_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "also those that were given a name"),
	FILTER,
	FORCE,
	OPTIONS_END,
};

static int volume(struct call *call, struct error *err)
{
	static const struct kind kind = {
		"volume prune",
		"This will remove anonymous local volumes not used by at least one container.",
		"This will remove all local volumes not used by at least one container.",
		prune_volumes
	};

	return prune_kind(call, &kind, err);
}

const struct command command_volume_prune = {
	.name = "volume prune",
	.group = GROUP_SYSTEM,
	.operands = "",
	.summary = "Remove anonymous volumes that no container names",
	.options = volume_table,
	.options_size = sizeof(struct prune_options),
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = volume,
};

/* ---- all kinds ---- */

static const struct option system_table[] = {
	ROW('a', "all", OPTION_FLAG, all, NULL, "all images that no container was made from"),
	FILTER,
	FORCE,
	ROW(0, "volumes", OPTION_FLAG, volumes, NULL, "also anonymous volumes"),
	OPTIONS_END,
};

static int ask(const struct prune_options *options, struct error *err)
{
	_cleanup_text struct text warning = {};

	text_append(&warning, "This will remove:\n  - all stopped containers\n");
	if (options->volumes)
		text_append(&warning,
		            "  - all anonymous volumes not used by at least one container\n");
	text_append(&warning, options->all ? "  - all images without at least one container "
	                                     "associated to them\n"
	                                   : "  - all dangling images\n");
	return confirm(text_string(&warning), "system prune", err);
}

static int everything(struct call *call, struct error *err)
{
	const struct prune_options *options = call->options;
	struct prune prune;

	if (begin(&prune, call, err) < 0 || (!options->force && ask(options, err) < 0))
		return -1;
	prune.all_volumes = false;
	if (prune_containers(&prune, err) < 0 ||
	    (options->volumes && prune_volumes(&prune, err) < 0) || prune_images(&prune, err) < 0)
		return -1;
	return prune_total(&prune, err);
}

const struct command command_system_prune = {
	.name = "system prune",
	.group = GROUP_SYSTEM,
	.operands = "",
	.summary = "Remove stopped containers and images without a name",
	.options = system_table,
	.options_size = sizeof(struct prune_options),
	.absent = absent_prune_options,
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = everything,
};
