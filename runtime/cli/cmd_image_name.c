/*
 * The names of images: tag, untag.
 */
#include "runtime/cli/commands.h"
#include "runtime/image/image.h"

#include <stdlib.h>

static int tag(struct call *call, struct error *err)
{
	for (size_t i = 1; i < call->count; i++)
		if (image_tag(call->arena, &call->paths, call->words[0], call->words[i], err) < 0)
			return -1;
	return 0;
}

const struct command command_tag = {
	.name = "tag",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image tag"),
	.operands = "IMAGE NAME[:TAG]...",
	.summary = "Give an image further names",
	.needs = NEED_STATE,
	.least = 2,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = tag,
	.details =
	        "A NAME without a registry becomes localhost/NAME, which nobody but you can give to an image; to\n"
	        "push to Docker Hub, write docker.io/USER/NAME. An image that had the name before loses it.",
};

static int untag(struct call *call, struct error *err)
{
	const struct plan_strings names = { (const char **)call->words + 1, call->count - 1 };

	return image_untag(call->arena, &call->paths, call->words[0], &names, err);
}

const struct command command_untag = {
	.name = "untag",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image untag"),
	.operands = "IMAGE [NAME[:TAG]...]",
	.summary = "Take names away from an image, all where none is given",
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = untag,
	.details = "The image stays, whether or not it has a name left.",
};
