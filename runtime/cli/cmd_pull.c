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

static int pull_one(struct call *call, const struct image_pull *order, struct error *err)
{
	struct plan_strings loaded = {};
	int result = image_pull(&loaded, call->arena, &call->paths, &call->host, order, err);

	for (size_t i = 0; result == 0 && i < loaded.count; i++)
		result = output_line(err, "%s", loaded.items[i]);
	return result;
}

/* One that fails does not keep the others: each is told as it happens, the last is left to main. */
static int pull(struct call *call, struct error *err)
{
	const struct pull_options *given = call->options;
	struct image_pull order = {};
	struct pull_view view;
	bool failed = false;

	if (pull_request_make(&order, &view, call, &given->words, err) < 0)
		return -1;
	for (size_t i = 0; i < call->count; i++) {
		struct error one = { .exit_status = err->exit_status };
		int result;

		order.source = call->words[i];
		result = pull_one(call, &order, &one);
		pull_view_close(&view);
		if (result == 0)
			continue;
		if (failed)
			output_error(err);
		failed = true;
		*err = one;
	}
	return failed ? -1 : 0;
}

const struct command command_pull = {
	.name = "pull",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image pull"),
	.operands = "NAME[:TAG|@DIGEST]|oci:FOLDER[:TAG]|oci-archive:FILE|docker-archive:FILE...",
	.summary = "Get images from a registry, a folder or an archive",
	.options = options,
	.options_size = sizeof(struct pull_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = pull,
	.details =
	        "A name without a registry is one of Docker Hub. The registry is spoken to, and the layers are\n"
	        "unpacked, by helpers that cordon's own profiles confine; every blob is checked against its digest\n"
	        "before it is used. A pull that was interrupted goes on where it was.",
};
