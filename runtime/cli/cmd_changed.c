/*
 * diff, export, commit: what a container changed, its files, and an image of both.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/output_file.h"
#include "runtime/cli/work.h"
#include "runtime/container/changed.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static struct image_request request_of(struct call *call)
{
	return (struct image_request){ call->arena, &call->paths, &call->host };
}

/* ---- diff ---- */

struct diff_options {
	const char *format;
};

static const struct option diff_table[] = {
	{ 0, "format", OPTION_TEXT, offsetof(struct diff_options, format), "FORMAT",
	  "json, or a line each (the default)" },
	OPTIONS_END,
};

/* podman's: lists by kind; one without changes is left out. */
static int print_json(const struct call *call, const struct text *changes, struct error *err)
{
	static const struct {
		char kind;
		const char *key;
	} kinds[] = { { 'C', "changed" }, { 'A', "added" }, { 'D', "deleted" } };
	struct value *object = value_new_object(call->arena);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct value *list = value_new_array(call->arena);
		const char *end = text_string(changes) + changes->length;

		for (const char *line = text_string(changes); line < end; line += strlen(line) + 1)
			if (line[0] == kinds[i].kind)
				value_append(call->arena, list,
				             value_new_string(call->arena, line + 2));
		if (list->count > 0)
			value_set(call->arena, object, kinds[i].key, list);
	}
	return output_value(object, err);
}

/* A name may hold a newline: it is shown, so that a line is always a change. */
static int print_lines(const struct text *changes, struct error *err)
{
	const char *end = text_string(changes) + changes->length;
	_cleanup_text struct text text = {};

	for (const char *line = text_string(changes); line < end; line += strlen(line) + 1) {
		text_append_visible(&text, line, strlen(line));
		text_append_char(&text, '\n');
	}
	return output_print(&text, err);
}

static int diff(struct call *call, struct error *err)
{
	const struct diff_options *options = call->options;
	const struct image_request request = request_of(call);
	bool json = text_equal(options->format, "json");
	_cleanup_text struct text changes = {};

	if (options->format != NULL && !json) {
		error_set(err, 0, "there is no format '%.80s'", options->format);
		return error_hint(err, "there is json; without --format it is a line each");
	}
	if (container_changes(&changes, &request, call->words[0], err) < 0)
		return -1;
	return json ? print_json(call, &changes, err) : print_lines(&changes, err);
}

const struct command command_diff = {
	.name = "diff",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container diff"),
	.operands = "CONTAINER",
	.summary = "List the files a container added, changed or deleted",
	.options = diff_table,
	.options_size = sizeof(struct diff_options),
	.absent = absent_one_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = diff,
	.details =
	        "A is added, C changed, D deleted, compared with the container's image. What is mounted, and what\n"
	        "cordon puts into /etc itself, is not listed. A folder that was deleted and made anew is changed.",
};

/* ---- export ---- */

struct export_options {
	const char *output;
	bool quiet;
};

static const struct option export_table[] = {
	{ 'o', "output", OPTION_TEXT, offsetof(struct export_options, output), "FILE",
	  "the archive (standard output)" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct export_options, quiet), NULL,
	  "no progress on a terminal" },
	OPTIONS_END,
};

static void warn_of_sockets(uint32_t sockets)
{
	if (sockets > 0)
		fprintf(stderr,
		        "cordon: warning: %u socket%s left out: an archive has no place for them\n",
		        sockets, sockets == 1 ? "" : "s");
}

static int export(struct call *call, struct error *err)
{
	const struct export_options *options = call->options;
	struct image_request request = request_of(call);
	struct work work;
	struct output_file file = { .fd = -1 };
	uint32_t sockets = 0;
	int result;

	work_begin(&work);
	result = output_file_open(&file, call->arena, options->output, "export", err);
	request.watch = work_watch(&work, call->arena, options->quiet || work_is_piped(file.fd));
	if (result == 0)
		result = container_export(&sockets, &request, call->words[0], file.fd, err);
	result = output_file_close(&file, result, err);
	work_end(&work);
	if (result == 0)
		warn_of_sockets(sockets);
	return result;
}

const struct command command_export = {
	.name = "export",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container export"),
	.operands = "CONTAINER",
	.summary = "Write the files of a container as an archive",
	.options = export_table,
	.options_size = sizeof(struct export_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = export,
	.details =
	        "A tar archive with the owners the container sees. What is mounted (volumes, /proc, /dev) is an\n"
	        "empty folder in it. cordon import makes an image of it.",
};

/* ---- commit ---- */

struct commit_options {
	const char *author, *message, *format, *id_file;
	struct plan_strings change;
	bool pause, quiet;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct commit_options, member), value, help           \
	}

static const struct option commit_table[] = {
	ROW('a', "author", OPTION_TEXT, author, "TEXT", "who made it"),
	ROW('c', "change", OPTION_LIST, change, "INSTRUCTION",
	    "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR"),
	ROW('f', "format", OPTION_TEXT, format, "FORMAT", "oci; docker is accepted, and the same"),
	ROW(0, "iidfile", OPTION_TEXT, id_file, "FILE", "write the image's id to a file instead"),
	ROW('m', "message", OPTION_TEXT, message, "TEXT", "a comment for the history"),
	ROW('p', "pause", OPTION_FLAG, pause, NULL,
	    "pause it meanwhile, where it runs (see cordon pause)"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only the id: no progress on a terminal"),
	OPTIONS_END,
};

static int check_options(const struct commit_options *options, struct error *err)
{
	if (options->format != NULL && !text_equal(options->format, "oci") &&
	    !text_equal(options->format, "docker"))
		return error_set(err, 0, "there is no format '%.80s'", options->format);
	return 0;
}

static int write_id(const char *path, const char *id, struct error *err)
{
	char text[128];
	int length = snprintf(text, sizeof text, "sha256:%s", id);

	return io_replace_file(AT_FDCWD, path, text, (size_t)length, IO_VOLATILE, err);
}

static int commit(struct call *call, struct error *err)
{
	const struct commit_options *options = call->options;
	struct image_request request = request_of(call);
	const struct container_commit commit = { .container = call->words[0],
		                                 .name = call->words[1],
		                                 .author = options->author,
		                                 .message = options->message,
		                                 .changes = options->change,
		                                 .pause = options->pause };
	struct work work;
	const char *id;
	int result;

	if (check_options(options, err) < 0)
		return -1;
	work_begin(&work);
	request.watch = work_watch(&work, call->arena, options->quiet);
	result = container_commit(&id, &request, &commit, err);
	work_end(&work);
	if (result < 0)
		return -1;
	return options->id_file != NULL ? write_id(options->id_file, id, err)
	                                : output_line(err, "sha256:%s", id);
}

const struct command command_commit = {
	.name = "commit",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container commit"),
	.operands = "CONTAINER [IMAGE]",
	.summary = "Make an image of a container's changes",
	.options = commit_table,
	.options_size = sizeof(struct commit_options),
	.absent = absent_commit_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = commit,
	.details =
	        "The image has the layers of the container's own and one more; its command, environment, folder and\n"
	        "user are those the container was run with. Volumes and what else is mounted are not in it. A\n"
	        "container that runs is read as it is that moment.",
};
