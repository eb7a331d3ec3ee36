/*
 * What a container or an image is: inspect.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/output.h"
#include "runtime/container/container.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

/* ---- inspect ---- */

struct inspect_options {
	const char *format, *type;
};

static const struct option inspect_table[] = {
	{ 'f', "format", OPTION_TEXT, offsetof(struct inspect_options, format), "TEMPLATE",
	  "a Go template or json" },
	{ 't', "type", OPTION_TEXT, offsetof(struct inspect_options, type), "TYPE",
	  "container or image" },
	OPTIONS_END,
};

static const struct option inspect_one_table[] = {
	{ 'f', "format", OPTION_TEXT, offsetof(struct inspect_options, format), "TEMPLATE",
	  "a Go template or json" },
	OPTIONS_END,
};

static int look_at_container(struct value **ret, struct call *call, const char *name,
                             struct error *err)
{
	return container_inspect(ret, call->arena, &call->paths, name, err);
}

static int look_at_image(struct value **ret, struct call *call, const char *name, struct error *err)
{
	return image_inspect(ret, call->arena, &call->paths, name, err);
}

static int look_at_either(struct value **ret, struct call *call, const char *name,
                          struct error *err)
{
	struct container container;
	int found = container_open(&container, call->arena, &call->paths, name, err);

	if (found < 0)
		return -1;
	if (found > 0) {
		container_close(&container);
		return look_at_container(ret, call, name, err);
	}
	if (look_at_image(ret, call, name, err) == 0)
		return 0;
	error_set(err, 0, "no such container or image: %.200s", name);
	return error_hint(err,
	                  "see cordon ps -a, cordon images; a volume has cordon volume inspect");
}

static int inspect(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;
	bool container = text_equal(options->type, "container");

	if (options->type != NULL && !container && !text_equal(options->type, "image")) {
		error_set(err, 0, "--type %.80s is neither container nor image", options->type);
		return error_hint(err, "volumes have cordon volume inspect");
	}
	return each_shown(call,
	                  options->type == NULL ? look_at_either
	                  : container           ? look_at_container
	                                        : look_at_image,
	                  options->format, err);
}

static int inspect_image(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;

	return each_shown(call, look_at_image, options->format, err);
}

const struct command command_inspect = {
	.name = "inspect",
	.group = GROUP_CONTAINER,
	.operands = "NAME...",
	.summary = "Print all there is to know of containers or images",
	.options = inspect_table,
	.options_size = sizeof(struct inspect_options),
	.absent = absent_inspect_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect,
	.details =
	        "Under \"Cordon\" stand the profile, what the kernel enforces on the container's first process (read\n"
	        "back from it), what the profile left out on this machine, and the plan.",
};

static int inspect_container(struct call *call, struct error *err)
{
	const struct inspect_options *options = call->options;

	return each_shown(call, look_at_container, options->format, err);
}

const struct command command_container_inspect = {
	.name = "container inspect",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Print all there is to know of containers",
	.options = inspect_one_table,
	.options_size = sizeof(struct inspect_options),
	.absent = absent_inspect_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect_container,
};

const struct command command_image_inspect = {
	.name = "image inspect",
	.group = GROUP_IMAGE,
	.operands = "IMAGE...",
	.summary = "Print all there is to know of images",
	.options = inspect_one_table,
	.options_size = sizeof(struct inspect_options),
	.absent = absent_stored_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = inspect_image,
};
