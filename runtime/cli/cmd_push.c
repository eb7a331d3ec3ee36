/*
 * push: an image to a registry.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/image_filter.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct push_options {
	struct pull_words words;
	const char *digest_file;
	bool all, unsigned_only;
};

static const struct option options[] = {
	{ 'a', "all-tags", OPTION_FLAG, offsetof(struct push_options, all), NULL,
	  "all names that the repository has here" },
	ACCESS_ROWS(struct push_options, words),
	{ 0, "digestfile", OPTION_TEXT, offsetof(struct push_options, digest_file), "FILE",
	  "write the digest of what was pushed to a file" },
	{ 0, "remove-signatures", OPTION_FLAG, offsetof(struct push_options, unsigned_only), NULL,
	  "accepted; images are pushed without any" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct push_options, words.quiet), NULL,
	  "do not show how it goes" },
	OPTIONS_END,
};

static int push_one(struct call *call, struct image_push *order, struct error *err)
{
	const struct push_options *given = call->options;
	struct pull_view view;
	const char *digest;
	int result;

	pull_view_open(&view, call->arena);
	order->watch = given->words.quiet ? NULL : &view.watch;
	result = image_push(&digest, call->arena, &call->paths, &call->host, order, err);
	pull_view_close(&view);
	if (result < 0)
		return -1;
	if (given->digest_file != NULL && io_replace_file(AT_FDCWD, given->digest_file, digest,
	                                                  strlen(digest), IO_VOLATILE, err) < 0)
		return -1;
	return given->words.quiet ? 0 : output_line(err, "%s", digest);
}

/* Every name of the repository that `order` says. */
static int push_tags(struct call *call, struct image_push *order, struct error *err)
{
	const char *asked = call->words[0], *repository;
	struct image *list;
	size_t count, pushed = 0, length;

	if (strchr(asked, '@') != NULL || asked[image_name_repository(asked)] != '\0')
		return error_set(err, 0, "%.200s: --all-tags wants a name without a tag or digest",
		                 asked);
	if (image_reference_normalize(&repository, call->arena, asked, err) < 0 ||
	    image_titles(&list, &count, call->arena, &call->paths, err) < 0)
		return -1;
	length = image_name_repository(repository);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < list[i].names.count; j++) {
			const char *name = list[i].names.items[j];

			if (image_name_repository(name) != length ||
			    strncmp(name, repository, length) != 0)
				continue;
			order->image = name;
			if (push_one(call, order, err) < 0)
				return -1;
			pushed++;
		}
	return pushed > 0 ? 0
	                  : error_set(err, 0, "no image here is called %.*s:TAG", (int)length,
	                              repository);
}

static int push(struct call *call, struct error *err)
{
	const struct push_options *given = call->options;
	struct image_push order = { .image = call->words[0],
		                    .target = call->count > 1 ? call->words[1] : NULL };

	if (access_make(&order.access, call->arena, &given->words, err) < 0)
		return -1;
	if (!given->all)
		return push_one(call, &order, err);
	if (order.target != NULL || given->digest_file != NULL)
		return error_set(err, 0, "--all-tags takes one name, and no --digestfile");
	return push_tags(call, &order, err);
}

const struct command command_push = {
	.name = "push",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image push"),
	.operands = "IMAGE [REGISTRY/NAME[:TAG]]",
	.summary = "Send an image to a registry",
	.options = options,
	.options_size = sizeof(struct push_options),
	.absent = absent_push_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = push,
	.details =
	        "Only what the registry does not have is sent, or taken over from another repository of it. The\n"
	        "registry is spoken to by a helper that cordon's own profile confines.",
};
