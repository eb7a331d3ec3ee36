/*
 * What is asked about an image's being there, and what ends it: image exists, rmi.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/output.h"
#include "runtime/container/container.h"
#include "runtime/image/image.h"
#include "runtime/image/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- image exists ---- */

static int exists(struct call *call, struct error *err)
{
	struct image image;
	int found = image_find(&image, call->arena, &call->paths, call->words[0], err);

	/* not the status of an image that is not here */
	if (found < 0)
		error_exit(err, EXIT_ENGINE);
	return found < 0 ? -1 : found > 0 ? 0 : EXIT_FAILURE;
}

const struct command command_image_exists = {
	.name = "image exists",
	.group = GROUP_IMAGE,
	.operands = "IMAGE",
	.summary = "Tell by the exit status whether an image is here",
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.run = exists,
	.details =
	        "0 where it is, 1 where it is not, 125 where that cannot be known. Nothing is printed.",
};

/* ---- rmi ---- */

struct rmi_options {
	bool force, all, ignore, no_prune;
};

static const struct option rmi_table[] = {
	{ 'a', "all", OPTION_FLAG, offsetof(struct rmi_options, all), NULL, "all images" },
	{ 'f', "force", OPTION_FLAG, offsetof(struct rmi_options, force), NULL,
	  "also when it has several names; one that is not there is no failure" },
	{ 'i', "ignore", OPTION_FLAG, offsetof(struct rmi_options, ignore), NULL,
	  "one that is not there is no failure, and not told" },
	{ 0, "no-prune", OPTION_FLAG, offsetof(struct rmi_options, no_prune), NULL,
	  "accepted; images have no parents here" },
	OPTIONS_END,
};

static bool is_in_use(void *context, const char *id)
{
	struct call *call = context;
	struct container *list;
	struct error ignored;
	size_t count;

	if (container_list(&list, &count, call->arena, &call->paths, true, &ignored) < 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].image_id, id) == 0)
			return true;
	return false;
}

/* All that there are: by their names, and by their ids where they have none. */
static int find_all(struct plan_strings *ret, struct call *call, struct error *err)
{
	struct image *list;
	size_t count;

	if (image_titles(&list, &count, call->arena, &call->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < list[i].names.count; j++)
			list_append(ret, call->arena, list[i].names.items[j]);
		if (list[i].names.count == 0)
			list_append(ret, call->arena, list[i].id);
	}
	return 0;
}

static int choose(struct plan_strings *ret, struct call *call, struct error *err)
{
	const struct rmi_options *options = call->options;

	if (options->all && call->count > 0)
		return error_set(err, 0, "--all and the name of an image exclude one another");
	if (!options->all && call->count == 0) {
		error_set(err, 0, "which image?");
		return error_hint(err, "cordon rmi IMAGE..., or --all");
	}
	if (options->all)
		return find_all(ret, call, err);
	*ret = (struct plan_strings){ (const char **)call->words, call->count };
	return 0;
}

static int remove_one(struct call *call, const char *name, struct error *err)
{
	const struct rmi_options *options = call->options;
	struct plan_strings removed = {};

	if (image_remove(&removed, call->arena, &call->paths, &call->host, name, options->force,
	                 is_in_use, call, err) < 0)
		return -1;
	for (size_t i = 0; i < removed.count; i++)
		if (output_line(err, "%s", removed.items[i]) < 0)
			return -1;
	return 0;
}

static int rmi(struct call *call, struct error *err)
{
	const struct rmi_options *options = call->options;
	struct plan_strings names = {};
	bool failed = false;

	if (choose(&names, call, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		struct error one;

		if (remove_one(call, names.items[i], &one) == 0 ||
		    (options->ignore && one.number == ENOENT))
			continue;
		/* as Docker: it is told, and that is all */
		if (options->force && one.number == ENOENT) {
			output_error(&one);
			continue;
		}
		each_failed(&failed, &one, err);
	}
	return failed ? -1 : 0;
}

const struct command command_rmi = {
	.name = "rmi",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image rm", "image remove"),
	.operands = "[IMAGE...]",
	.summary = "Remove images",
	.options = rmi_table,
	.options_size = sizeof(struct rmi_options),
	.absent = absent_stored_options,
	.needs = NEED_ALL,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = rmi,
};
