/*
 * pull: an image from a registry, a folder or an archive.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"

#include <stdlib.h>

struct pull_options {
	struct pull_words words;
};

static const struct option options[] = {
	PULL_ROWS(struct pull_options, words),
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct pull_options, words.quiet), NULL,
	  "only the image's name" },
	OPTIONS_END,
};

static int pull(struct call *call, struct error *err)
{
	const struct pull_options *given = call->options;
	struct image_pull order = { .source = call->words[0] };
	struct plan_strings loaded = {};
	struct pull_view view;
	int result;

	if (pull_request_make(&order, &view, call, &given->words, err) < 0)
		return -1;
	result = image_pull(&loaded, call->arena, &call->paths, &call->host, &order, err);
	pull_view_close(&view);
	for (size_t i = 0; result == 0 && i < loaded.count; i++)
		result = output_line(err, "%s", loaded.items[i]);
	return result;
}

const struct command command_pull = {
	.name = "pull",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image pull"),
	.operands =
	        "NAME[:TAG|@DIGEST] | oci:FOLDER[:TAG] | oci-archive:FILE | docker-archive:FILE",
	.summary = "Get an image from a registry, a folder or an archive",
	.options = options,
	.options_size = sizeof(struct pull_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = pull,
	.details =
	        "A name without a registry is one of Docker Hub. The registry is spoken to, and the layers are\n"
	        "unpacked, by helpers that cordon's own profiles confine; every blob is checked against its digest\n"
	        "before it is used. A pull that was interrupted goes on where it was.",
};
