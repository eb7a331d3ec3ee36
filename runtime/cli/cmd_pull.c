/*
 * pull: an image from a registry, a folder or an archive.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"

#include <stdlib.h>

struct pull_options {
	struct pull_words words;
	bool all;
};

static const struct option options[] = {
	{ 'a', "all-tags", OPTION_FLAG, offsetof(struct pull_options, all), NULL,
	  "all images of the repository" },
	PULL_ROWS(struct pull_options, words),
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct pull_options, words.quiet), NULL,
	  "only the image's name" },
	OPTIONS_END,
};

struct pulling {
	struct call *call;
	struct image_pull order;
	struct pull_view view;
	bool failed;
};

static int pull_one(struct pulling *pulling, const char *source, struct error *err)
{
	struct call *call = pulling->call;
	struct plan_strings loaded = {};
	int result;

	pulling->order.source = source;
	result = image_pull(&loaded, call->arena, &call->paths, &call->host, &pulling->order, err);
	pull_view_close(&pulling->view);
	for (size_t i = 0; result == 0 && i < loaded.count; i++)
		result = output_line(err, "%s", loaded.items[i]);
	return result;
}

/* One that fails does not keep the others. */
static void pull_all(struct pulling *pulling, const struct plan_strings *sources, struct error *err)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct error one;

		if (pull_one(pulling, sources->items[i], &one) < 0)
			each_failed(&pulling->failed, &one, err);
	}
}

static void pull_tags(struct pulling *pulling, const char *source, struct error *err)
{
	struct call *call = pulling->call;
	struct error one;
	struct plan_strings names = {};

	pulling->order.source = source;
	if (image_tags(&names, call->arena, &call->paths, &call->host, &pulling->order, &one) < 0)
		each_failed(&pulling->failed, &one, err);
	else
		pull_all(pulling, &names, err);
}

static int pull(struct call *call, struct error *err)
{
	const struct pull_options *given = call->options;
	const struct plan_strings sources = { (const char **)call->words, call->count };
	struct pulling pulling = { .call = call };

	if (pull_request_make(&pulling.order, &pulling.view, call, &given->words, err) < 0)
		return -1;
	if (!given->all)
		pull_all(&pulling, &sources, err);
	for (size_t i = 0; given->all && i < call->count; i++)
		pull_tags(&pulling, call->words[i], err);
	return pulling.failed ? -1 : 0;
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
