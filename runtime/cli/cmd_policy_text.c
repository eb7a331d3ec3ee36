/*
 * policy fmt, policy merge: profiles as text: written as they should be, or several as one.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_answer.h"
#include "runtime/cli/policy_files.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { PROFILE_MAX = 1 << 20 };

struct fmt_options {
	bool write, check, json;
};

static const struct option fmt_table[] = {
	{ 'c', "check", OPTION_FLAG, offsetof(struct fmt_options, check), NULL,
	  "write nothing; the exit status is 1 where a file is not as it should be" },
	{ 0, "json", OPTION_FLAG, offsetof(struct fmt_options, json), NULL,
	  "a list of the files, each with whether it is as it should be, and its text" },
	{ 'w', "write", OPTION_FLAG, offsetof(struct fmt_options, write), NULL,
	  "change the files instead of printing them" },
	OPTIONS_END,
};

/* The file as it is, and as it should be. What is no profile is not touched. */
static int lay_out(struct text *text, struct text *wanted, struct arena *arena, const char *file,
                   struct error *err)
{
	struct policy_source source = { .file = file };
	struct policy *policy;
	struct value *value;
	int found = io_read_file(text, AT_FDCWD, file, PROFILE_MAX, err);

	if (found == 0)
		return error_set(err, ENOENT, "%s", file);
	source.text = text_string(text);
	source.length = text->length;
	if (found < 0 || policy_parse(&policy, arena, &source, err) < 0 ||
	    value_decode(&value, arena, file, source.text, source.length, err) < 0)
		return -1;
	policy_layout(wanted, value);
	return 0;
}

static int replace(const char *file, const struct text *wanted, struct error *err)
{
	struct stat status;

	if (stat(file, &status) < 0)
		return error_set(err, errno, "%s", file);
	if (io_replace_file(AT_FDCWD, file, wanted->data, wanted->length, IO_DURABLE, err) < 0)
		return -1;
	if (chmod(file, status.st_mode & 07777) < 0)
		return error_set(err, errno, "cannot set the mode of %s", file);
	return 0;
}

static void list(struct value *rows, struct arena *arena, const char *file, bool same,
                 const struct text *wanted)
{
	struct value *row = value_append(arena, rows, value_new_object(arena));

	put_text(arena, row, "file", file);
	value_set(arena, row, "formatted", value_new_boolean(arena, same));
	put_text(arena, row, "text", text_string(wanted));
}

/* 1: it is not as it should be. */
static int format_one(const struct call *call, const char *file, struct value *rows,
                      struct error *err)
{
	const struct fmt_options *options = call->options;
	_cleanup_text struct text text = {}, wanted = {};
	bool same;

	if (lay_out(&text, &wanted, call->arena, file, err) < 0)
		return -1;
	same = text_equal(text_string(&text), text_string(&wanted));
	if (options->json)
		list(rows, call->arena, file, same, &wanted);
	if (options->check)
		return same ? 0 : !options->json && output_line(err, "%s", file) < 0 ? -1 : 1;
	if (!options->write)
		return options->json ? 0 : output_print(&wanted, err);
	return same ? 0 : replace(file, &wanted, err);
}

static int format_word(const struct call *call, const char *word, struct value *rows,
                       struct error *err)
{
	const char *files[POLICY_FILES_MAX];
	int count = policy_find_files(files, call->arena, &call->paths, word, err), result = 0;

	for (int i = 0; i < count; i++) {
		int one = format_one(call, files[i], rows, err);

		if (one < 0)
			return -1;
		result |= one;
	}
	return count < 0 ? -1 : result;
}

static int fmt(struct call *call, struct error *err)
{
	const struct fmt_options *options = call->options;
	struct value *rows = value_new_array(call->arena);
	int result = 0;

	for (size_t i = 0; i < call->count; i++) {
		int one = format_word(call, call->words[i], rows, err);

		if (one < 0)
			return -1;
		result |= one;
	}
	return options->json && output_value(rows, err) < 0 ? -1 : result;
}

const struct command command_policy_fmt = {
	.name = "policy fmt",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE...",
	.summary = "Write profiles as they should be written",
	.options = fmt_table,
	.options_size = sizeof(struct fmt_options),
	.needs = NEED_PATHS,
	.least = 1,
	.most = SIZE_MAX,
	.run = fmt,
	.details =
	        "Members come in the schema's order, rules one a line, names filled like text. What a profile\n"
	        "means stays the same: cordon policy diff OLD NEW proves it. The exit status is 0, with --check 1\n"
	        "where a file (its name is printed) is written otherwise, and 125 where one is no profile.",
};

/* ---- merge ---- */

struct merge_options {
	const char *name;
	bool json;
};

static const struct option merge_table[] = {
	{ 0, "json", OPTION_FLAG, offsetof(struct merge_options, json), NULL,
	  "for programs: as it is anyway" },
	{ 0, "name", OPTION_TEXT, offsetof(struct merge_options, name), "NAME",
	  "what the result is called (the first one's name)" },
	OPTIONS_END,
};

static int merge(struct call *call, struct error *err)
{
	const struct merge_options *options = call->options;
	const struct policy **parents =
	        arena_array(call->arena, call->count, sizeof(struct policy *));
	struct policy *first = NULL, *whole;
	_cleanup_text struct text text = {};
	struct value *value;

	for (size_t i = 0; i < call->count; i++) {
		struct policy *one;

		if (policy_find(&one, call->arena, &call->paths, call->words[i], err) < 0)
			return -1;
		if (i == 0)
			first = one;
		else
			parents[i - 1] = one;
	}
	if (policy_merge(&whole, call->arena, first, parents, call->count - 1, err) < 0)
		return -1;
	value = policy_to_value(call->arena, whole);
	if (options->name != NULL)
		value_set(call->arena, value, "name", value_new_string(call->arena, options->name));
	policy_layout(&text, value);
	return output_print(&text, err);
}

const struct command command_policy_merge = {
	.name = "policy merge",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE...",
	.summary = "Join profiles to one, as if the first extended the others",
	.options = merge_table,
	.options_size = sizeof(struct merge_options),
	.needs = NEED_PATHS,
	.least = 2,
	.most = SIZE_MAX,
	.run = merge,
	.details =
	        "Lists are united, a denial of the first wins over what the others allow, and where a setting has\n"
	        "one value the first one's counts. The result stands alone: it extends nothing. The exit status is 0,\n"
	        "or 125 where they cannot be joined.",
};
