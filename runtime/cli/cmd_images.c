/*
 * What brings images in and takes them away: load, import, rmi.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/container/container.h"
#include "runtime/image/image.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>

/* ---- load, import ---- */

struct load_options {
	const char *input;
	bool quiet;
};

static const struct option load_table[] = {
	{ 'i', "input", OPTION_TEXT, offsetof(struct load_options, input), "FILE",
	  "the archive (standard input)" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct load_options, quiet), NULL,
	  "accepted; there is nothing but the names anyway" },
	OPTIONS_END,
};

static int say(const char *prefix, const struct plan_strings *lines, struct error *err)
{
	for (size_t i = 0; i < lines->count; i++)
		if (output_line(err, "%s%s", prefix, lines->items[i]) < 0)
			return -1;
	return 0;
}

static int open_input(const char *path, struct error *err)
{
	int fd = path == NULL || strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                                                : open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd
	               : error_set(err, errno, "cannot open %s",
	                           path == NULL ? "standard input" : path);
}

static int load(struct call *call, struct error *err)
{
	const struct load_options *options = call->options;
	struct plan_strings loaded = {};
	_cleanup_fd int fd = -1;

	if (options->input == NULL && isatty(STDIN_FILENO)) {
		error_set(err, 0, "nothing to load: standard input is a terminal");
		return error_hint(err, "name the archive: cordon load -i FILE");
	}
	fd = open_input(options->input, err);
	if (fd < 0)
		return -1;
	if (image_load_archive(&loaded, call->arena, &call->paths, &call->host, fd, err) < 0)
		return options->input == NULL ? -1 : error_prefix(err, "%s", options->input);
	return say("Loaded image: ", &loaded, err);
}

const struct command command_load = {
	.name = "load",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image load"),
	.operands = "",
	.summary = "Load images from an OCI or docker archive",
	.options = load_table,
	.options_size = sizeof(struct load_options),
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = load,
	.details =
	        "The archive may be compressed with gzip or zstd. Its blobs are checked against their digests before\n"
	        "they are used, and its layers are unpacked by a confined helper.",
};

struct import_options {
	struct plan_strings change;
	const char *message;
};

static const struct option import_table[] = {
	{ 'c', "change", OPTION_LIST, offsetof(struct import_options, change), "INSTRUCTION",
	  "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR" },
	{ 'm', "message", OPTION_TEXT, offsetof(struct import_options, message), "TEXT",
	  "accepted; not kept" },
	OPTIONS_END,
};

static int import(struct call *call, struct error *err)
{
	const struct import_options *options = call->options;
	_cleanup_fd int fd = open_input(call->words[0], err);
	const char *id;

	if (fd < 0)
		return -1;
	if (image_import(&id, call->arena, &call->paths, &call->host, fd,
	                 call->count > 1 ? call->words[1] : NULL, &options->change, err) < 0)
		return error_prefix(err, "%s", call->words[0]);
	return output_line(err, "sha256:%s", id);
}

const struct command command_import = {
	.name = "import",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image import"),
	.operands = "ROOTFS.tar|- [NAME[:TAG]]",
	.summary = "Make an image of a root file system's archive",
	.options = import_table,
	.options_size = sizeof(struct import_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = import,
};

/* ---- rmi ---- */

struct rmi_options {
	bool force;
};

static const struct option rmi_table[] = {
	{ 'f', "force", OPTION_FLAG, offsetof(struct rmi_options, force), NULL,
	  "also when it has several names; one that is not there is no failure" },
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

static int rmi(struct call *call, struct error *err)
{
	const struct rmi_options *options = call->options;
	struct error one = {};
	bool failed = false;

	for (size_t i = 0; i < call->count; i++) {
		struct plan_strings removed = {};
		int result = image_remove(&removed, call->arena, &call->paths, &call->host,
		                          call->words[i], options->force, is_in_use, call, &one);

		if (result == 0) {
			if (say("", &removed, err) < 0)
				return -1;
			continue;
		}
		/* as Docker: it is told, and that is all */
		if (options->force && one.number == ENOENT) {
			output_error(&one);
			continue;
		}
		/* each is told as it happens; the last is left to main */
		if (failed)
			output_error(err);
		failed = true;
		*err = one;
	}
	return failed ? -1 : 0;
}

const struct command command_rmi = {
	.name = "rmi",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image rm", "image remove"),
	.operands = "IMAGE...",
	.summary = "Remove images",
	.options = rmi_table,
	.options_size = sizeof(struct rmi_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = rmi,
};
