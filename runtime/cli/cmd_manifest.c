/*
 * manifest inspect: what a registry says an image is made of.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"
#include "sandbox/base/cleanup.h"

#include <stdio.h>

struct manifest_options {
	struct pull_words words;
	bool raw;
};

static const struct option options[] = {
	ACCESS_ROWS(struct manifest_options, words),
	{ 0, "insecure", OPTION_FLAG, offsetof(struct manifest_options, words.insecure), NULL,
	  "as --tls-verify=false" },
	{ 0, "raw", OPTION_FLAG, offsetof(struct manifest_options, raw), NULL,
	  "byte by byte: what its digest is made of" },
	OPTIONS_END,
};

static int inspect(struct call *call, struct error *err)
{
	const struct manifest_options *given = call->options;
	struct image_manifest order = { .name = call->words[0] };
	_cleanup_text struct text text = {};
	struct value *value;
	bool here;

	if (access_make(&order.access, call->arena, &given->words, err) < 0 ||
	    image_manifest(&text, &here, call->arena, &call->paths, &call->host, &order, err) < 0)
		return -1;
	if (here)
		fprintf(stderr, "cordon: this is the manifest of the image that is here\n");
	if (given->raw)
		return output_print(&text, err);
	if (value_decode(&value, call->arena, "the manifest", text_string(&text), text.length,
	                 err) < 0)
		return -1;
	return output_value(value, err);
}

const struct command command_manifest_inspect = {
	.name = "manifest inspect",
	.group = GROUP_IMAGE,
	.operands = "IMAGE",
	.summary = "Print the manifest or index of an image, as its registry has it",
	.options = options,
	.options_size = sizeof(struct manifest_options),
	.absent = absent_manifest_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = inspect,
	.details =
	        "Nothing is pulled. An image that is called by its id or has a name below localhost/, or whose\n"
	        "registry cannot be asked, is looked up in the store; standard error says so.",
};
