/*
 * save: images as an archive or a folder, for load, docker load, podman load, skopeo and umoci.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output_file.h"
#include "runtime/cli/work.h"
#include "runtime/image/save.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

struct save_options {
	const char *format, *output;
	bool multi, quiet, compress, uncompressed;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct save_options, member), value, help             \
	}

static const struct option save_table[] = {
	ROW(0, "compress", OPTION_FLAG, compress, NULL, "accepted; layers stay as they came"),
	ROW(0, "format", OPTION_TEXT, format, "FORMAT",
	    "docker-archive, oci-archive, docker-dir or oci-dir (docker-archive)"),
	ROW('m', "multi-image-archive", OPTION_FLAG, multi, NULL,
	    "accepted; an archive may always hold several"),
	ROW(0, "uncompressed", OPTION_FLAG, uncompressed, NULL,
	    "accepted; layers stay as they came"),
	ROW('o', "output", OPTION_TEXT, output, "FILE",
	    "the archive (standard output), or the folder"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "no progress on a terminal"),
	OPTIONS_END,
};

static int read_form(enum image_form *ret, const char *name, struct error *err)
{
	static const char *const names[IMAGE_FORMS] = {
		[IMAGE_DOCKER_ARCHIVE] = "docker-archive",
		[IMAGE_OCI_ARCHIVE] = "oci-archive",
		[IMAGE_DOCKER_DIR] = "docker-dir",
		[IMAGE_OCI_DIR] = "oci-dir",
	};

	for (size_t i = 0; i < IMAGE_FORMS; i++)
		if (name == NULL || strcmp(names[i], name) == 0) {
			*ret = (enum image_form)i;
			return 0;
		}
	error_set(err, 0, "there is no format '%.80s'", name);
	return error_hint(err, "there are docker-archive, oci-archive, docker-dir and oci-dir");
}

static int save_to(struct call *call, struct image_save *request, struct error *err)
{
	const struct save_options *options = call->options;
	bool archive = request->form != IMAGE_DOCKER_DIR && request->form != IMAGE_OCI_DIR;
	struct output_file file = { .fd = -1 };
	struct work work;
	int result = 0;

	work_begin(&work);
	if (archive)
		result = output_file_open(&file, call->arena, options->output, "save", err);
	request->output = file.fd;
	request->watch = work_watch(&work, call->arena,
	                            options->quiet || (archive && work_is_piped(file.fd)));
	if (result == 0)
		result = image_save(call->arena, &call->paths, &call->host, request, err);
	if (archive)
		result = output_file_close(&file, result, err);
	work_end(&work);
	return result;
}

static int save(struct call *call, struct error *err)
{
	const struct save_options *options = call->options;
	struct image_save request = { .images = { (const char **)call->words, call->count },
		                      .folder = options->output };

	if (read_form(&request.form, options->format, err) < 0)
		return -1;
	if ((request.form == IMAGE_DOCKER_DIR || request.form == IMAGE_OCI_DIR) &&
	    options->output == NULL)
		return error_set(err, 0, "--format %s needs a folder: --output FOLDER",
		                 options->format);
	return save_to(call, &request, err);
}

const struct command command_save = {
	.name = "save",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image save"),
	.operands = "IMAGE...",
	.summary = "Save images as an archive or a folder",
	.options = save_table,
	.options_size = sizeof(struct save_options),
	.absent = absent_stored_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = save,
	.details =
	        "A docker-archive is an OCI archive, too, as Docker itself writes it: load, docker load, podman\n"
	        "load and skopeo take it. Every blob is checked against its digest on the way out: an archive that\n"
	        "came to its end is whole. An image that is named by its id is saved without a name.",
};
