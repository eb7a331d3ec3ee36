/*
 * cp: files into a container, out of one, from one to another.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/cli/work.h"
#include "runtime/container/copy.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdio.h>
#include <string.h>

struct cp_options {
	bool archive, follow, quiet;
};

static const struct option cp_table[] = {
	{ 'a', "archive", OPTION_FLAG, offsetof(struct cp_options, archive), NULL,
	  "keep the owners, as the ids of the container say" },
	{ 'L', "follow-link", OPTION_FLAG, offsetof(struct cp_options, follow), NULL,
	  "copy what a symlink at SOURCE leads to, not the link" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct cp_options, quiet), NULL,
	  "neither progress nor a word when it is done; so it is where standard error is no terminal" },
	OPTIONS_END,
};

/* Docker's reading: what begins with a slash or a dot is a path of the machine's, whatever colons
 * are in it. */
static int read_side(struct copy_side *ret, struct arena *arena, const char *word,
                     struct error *err)
{
	const char *colon = strchr(word, ':');

	*ret = (struct copy_side){ .path = word };
	if (word[0] == '\0')
		return error_set(err, 0, "a path is empty");
	if (colon == NULL || word[0] == '/' || word[0] == '.')
		return 0;
	if (colon == word || colon[1] == '\0') {
		error_set(err, 0, "'%.200s' is not CONTAINER:PATH", word);
		return error_hint(err, "a file of that name is ./%.200s", word);
	}
	ret->container = arena_text(arena, word, (size_t)(colon - word));
	ret->path = colon + 1;
	return 0;
}

static int check_sides(const struct container_copy *copy, struct error *err)
{
	if (copy->from.container == NULL && copy->to.container == NULL) {
		error_set(err, 0, "neither the source nor the destination is in a container");
		return error_hint(err, "say where: cordon cp CONTAINER:PATH PATH, or the other way "
		                       "round");
	}
	if (copy->from.container == NULL && text_equal(copy->from.path, "-") &&
	    isatty(STDIN_FILENO)) {
		error_set(err, 0, "refusing to read an archive from a terminal");
		return error_hint(err, "tar c FILES | cordon cp - %s:PATH", copy->to.container);
	}
	if (copy->to.container == NULL && text_equal(copy->to.path, "-") && isatty(STDOUT_FILENO)) {
		error_set(err, 0, "refusing to write an archive to a terminal");
		return error_hint(err, "cordon cp %s:%.100s - | tar t", copy->from.container,
		                  copy->from.path);
	}
	return 0;
}

static void tell(const struct call *call, const struct image_copied *copied)
{
	const struct cp_options *options = call->options;
	_cleanup_text struct text target = {};

	if (copied->skipped > 0)
		fprintf(stderr, "cordon: warning: %u socket%s or device%s left out\n",
		        copied->skipped, copied->skipped == 1 ? "" : "s",
		        copied->skipped == 1 ? "" : "s");
	if (options->quiet || !isatty(STDERR_FILENO))
		return;
	text_append_visible(&target, call->words[1], strlen(call->words[1]));
	fprintf(stderr, "Successfully copied %s to %s\n", human_size(call->arena, copied->bytes),
	        text_string(&target));
}

static bool is_piped(const struct container_copy *copy)
{
	return copy->to.container == NULL && text_equal(copy->to.path, "-") &&
	       work_is_piped(STDOUT_FILENO);
}

static int cp(struct call *call, struct error *err)
{
	struct image_request request = { call->arena, &call->paths, &call->host };
	const struct cp_options *options = call->options;
	struct container_copy copy = { .owners = options->archive, .follow = options->follow };
	struct image_copied copied;
	struct work work;
	int result;

	if (read_side(&copy.from, call->arena, call->words[0], err) < 0 ||
	    read_side(&copy.to, call->arena, call->words[1], err) < 0 ||
	    check_sides(&copy, err) < 0)
		return -1;
	work_begin(&work);
	request.watch = work_watch(&work, call->arena, options->quiet || is_piped(&copy));
	result = container_copy(&copied, &request, &copy, err);
	work_end(&work);
	if (result < 0)
		return error_prefix(err, "cannot copy %.200s to %.200s", call->words[0],
		                    call->words[1]);
	tell(call, &copied);
	return 0;
}

const struct command command_cp = {
	.name = "cp",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container cp"),
	.operands = "SOURCE DESTINATION",
	.summary = "Copy files into a container, out of it, or to another",
	.options = cp_table,
	.options_size = sizeof(struct cp_options),
	.absent = absent_cp_options,
	.needs = NEED_ALL,
	.least = 2,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = cp,
	.details =
	        "One of the two, or both, is CONTAINER:PATH; a path in a container begins at its root, whether it\n"
	        "begins with a slash or not. A path of this machine that has a colon in it begins with ./ or /. It may\n"
	        "be -: then a tar archive is read from standard input and unpacked into the folder DESTINATION, or one\n"
	        "of SOURCE is written to standard output.\n"
	        "\n"
	        "A file is copied to the name DESTINATION, or into it where that is a folder. A folder is copied with\n"
	        "all that is in it: into DESTINATION where that is a folder, else as DESTINATION. SOURCE/. means what\n"
	        "is in the folder. The folder that DESTINATION is in must be there. A symlink is copied as a symlink;\n"
	        "one that DESTINATION leads over is followed. A folder does not take the place of a file, nor a file\n"
	        "that of a folder. A file gets its name when it is whole: what it replaces is there until then.\n"
	        "\n"
	        "Modes, times, holes, hard links and user.* attributes come along. What comes into a container belongs\n"
	        "to its root, and what comes out of one to you; with --archive it keeps its owner. No set-user-ID bit\n"
	        "comes out. Sockets and devices are left out, and so is what the kernel makes up (/proc, /sys).\n"
	        "\n"
	        "Of a container that runs all is seen that is mounted in it, volumes and tmpfs, too; of one that does\n"
	        "not, its files and volumes. While one that does not run is copied to, it cannot be started.",
};
