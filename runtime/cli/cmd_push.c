/*
 * push: an image to a registry.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct push_options {
	struct pull_words words;
	const char *digest_file;
};

static const struct option options[] = {
	ACCESS_ROWS(struct push_options, words),
	{ 0, "digestfile", OPTION_TEXT, offsetof(struct push_options, digest_file), "FILE",
	  "write the digest of what was pushed to a file" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct push_options, words.quiet), NULL,
	  "do not show how it goes" },
	OPTIONS_END,
};

static int push(struct call *call, struct error *err)
{
	const struct push_options *given = call->options;
	struct image_push order = { .image = call->words[0],
		                    .target = call->count > 1 ? call->words[1] : NULL };
	struct pull_view view;
	const char *digest;
	int result;

	pull_view_open(&view, call->arena);
	if (!given->words.quiet)
		order.watch = &view.watch;
	if (access_make(&order.access, call->arena, &given->words, err) < 0)
		return -1;
	result = image_push(&digest, call->arena, &call->paths, &call->host, &order, err);
	pull_view_close(&view);
	if (result < 0)
		return -1;
	if (given->digest_file != NULL && io_replace_file(AT_FDCWD, given->digest_file, digest,
	                                                  strlen(digest), IO_VOLATILE, err) < 0)
		return -1;
	return given->words.quiet ? 0 : output_line(err, "%s", digest);
}

const struct command command_push = {
	.name = "push",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image push"),
	.operands = "IMAGE [REGISTRY/NAME[:TAG]]",
	.summary = "Send an image to a registry",
	.options = options,
	.options_size = sizeof(struct push_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = push,
	.details =
	        "Only what the registry does not have is sent, or taken over from another repository of it. The\n"
	        "registry is spoken to by a helper that cordon's own profile confines.",
};
