/*
 * What brings images in from files: load, import.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"
#include "runtime/cli/work.h"
#include "runtime/image/image.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* ---- load, import ---- */

struct load_options {
	const char *input;
	bool quiet;
};

static const struct option load_table[] = {
	{ 'i', "input", OPTION_TEXT, offsetof(struct load_options, input), "FILE",
	  "the archive (standard input)" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct load_options, quiet), NULL,
	  "only the names: no progress on a terminal" },
	OPTIONS_END,
};

/* "Loaded image: NAME", or as Docker says of one without a name. */
static int say(const struct plan_strings *loaded, struct error *err)
{
	for (size_t i = 0; i < loaded->count; i++) {
		const char *name = loaded->items[i];

		if (output_line(err, "Loaded image%s: %s",
		                text_starts(name, "sha256:") ? " ID" : "", name) < 0)
			return -1;
	}
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

/* A folder where an archive is expected: the way out. */
static int refuse_folder(int fd, const char *path, const char *way_out, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISDIR(status.st_mode))
		return 0;
	error_set(err, 0, "%.200s is a folder, not an archive",
	          path == NULL ? "standard input" : path);
	return error_hint(err, "%s", way_out);
}

static const char *place_of(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0 ? "" : path;
}

static int load(struct call *call, struct error *err)
{
	const struct load_options *options = call->options;
	struct plan_strings loaded = {};
	struct image_archive archive;
	struct pull_view view;
	struct work work;
	_cleanup_fd int fd = -1;
	int result;

	if (options->input == NULL && isatty(STDIN_FILENO)) {
		error_set(err, 0, "nothing to load: standard input is a terminal");
		return error_hint(err, "name the archive: cordon load -i FILE");
	}
	fd = open_input(options->input, err);
	if (fd < 0 || refuse_folder(fd, options->input,
	                            "cordon pull oci:FOLDER takes an OCI layout", err) < 0)
		return -1;
	pull_view_open(&view, call->arena);
	view.quiet = true;
	work_begin(&work);
	archive = (struct image_archive){ .fd = fd,
		                          .place = place_of(options->input),
		                          .watch = work_watch(&work, call->arena, options->quiet),
		                          .policy = pull_view_policy(&view, &call->paths) };
	archive.notes = archive.watch != NULL ? archive.watch : &view.watch;
	result = image_load_archive(&loaded, call->arena, &call->paths, &call->host, &archive, err);
	work_end(&work);
	pull_view_close(&view);
	if (result < 0)
		return options->input == NULL ? -1 : error_prefix(err, "%s", options->input);
	return say(&loaded, err);
}

const struct command command_load = {
	.name = "load",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image load"),
	.operands = "",
	.summary = "Load images from an OCI or docker archive",
	.options = load_table,
	.options_size = sizeof(struct load_options),
	.absent = absent_load_options,
	.needs = NEED_ALL,
	.failure = EXIT_FAILURE,
	.run = load,
	.details =
	        "The archive may be compressed with gzip, zstd, xz or bzip2. Its blobs are checked against their\n"
	        "digests before they are used, and its layers are unpacked by a confined helper.",
};

struct import_options {
	struct plan_strings change;
	const char *message, *platform, *architecture, *os, *variant;
	bool quiet;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct import_options, member), value, help           \
	}

static const struct option import_table[] = {
	ROW(0, "arch", OPTION_TEXT, architecture, "ARCHITECTURE",
	    "the same in parts: --arch, --os, --variant"),
	ROW('c', "change", OPTION_LIST, change, "INSTRUCTION",
	    "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR"),
	ROW('m', "message", OPTION_TEXT, message, "TEXT", "a comment for the history"),
	ROW(0, "os", OPTION_TEXT, os, "OS", "linux"),
	ROW(0, "platform", OPTION_TEXT, platform, "OS/ARCHITECTURE[/VARIANT]",
	    "what its programs are for (this machine)"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only the id: no progress on a terminal"),
	ROW(0, "variant", OPTION_TEXT, variant, "VARIANT", "a level of the architecture, as v7"),
	OPTIONS_END,
};

static int open_root(const char *path, struct error *err)
{
	if (!text_starts(path, "http://") && !text_starts(path, "https://"))
		return open_input(path, err);
	error_set(err, 0, "cordon imports files, not URLs: %.200s", path);
	return error_hint(err, "curl -fsSL URL | cordon import - NAME");
}

static int import(struct call *call, struct error *err)
{
	const struct import_options *options = call->options;
	const struct platform parts = { options->os, options->architecture, options->variant };
	struct image_import order = { .name = call->count > 1 ? call->words[1] : NULL,
		                      .changes = &options->change,
		                      .message = options->message };
	_cleanup_fd int fd = open_root(call->words[0], err);
	struct work work;
	const char *id;
	int result;

	if (fd < 0 ||
	    refuse_folder(
	            fd, call->words[0],
	            "tar -C FOLDER -c . | cordon import - NAME; or cordon run --rootfs FOLDER",
	            err) < 0 ||
	    platform_make(&order.platform, call->arena, options->platform, &parts, err) < 0)
		return -1;
	order.fd = fd;
	order.place = place_of(call->words[0]);
	work_begin(&work);
	order.watch = work_watch(&work, call->arena, options->quiet);
	result = image_import(&id, call->arena, &call->paths, &call->host, &order, err);
	work_end(&work);
	if (result < 0)
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
	.details =
	        "The archive may be compressed with gzip, zstd, xz or bzip2. It becomes the image's only layer, byte\n"
	        "for byte; one that is compressed with xz or bzip2, which no layer may be, becomes gzip. A dictionary\n"
	        "of xz may have 64 MiB, which is xz -9.",
};
