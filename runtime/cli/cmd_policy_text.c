/*
 * policy fmt, policy merge: profiles as text: written as they should be, or several as one.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_files.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { PROFILE_MAX = 1 << 20 };

struct fmt_options {
	bool write, check;
};

static const struct option fmt_table[] = {
	{ 'c', "check", OPTION_FLAG, offsetof(struct fmt_options, check), NULL,
	  "write nothing; the exit status is 1 where a file is not as it should be" },
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

/* 1: it is not as it should be. */
static int format_one(const struct call *call, const char *file, struct error *err)
{
	const struct fmt_options *options = call->options;
	_cleanup_text struct text text = {}, wanted = {};
	bool same;

	if (lay_out(&text, &wanted, call->arena, file, err) < 0)
		return -1;
	same = text_equal(text_string(&text), text_string(&wanted));
	if (options->check)
		return same ? 0 : output_line(err, "%s", file) < 0 ? -1 : 1;
	if (!options->write)
		return output_print(&wanted, err);
	return same ? 0 : replace(file, &wanted, err);
}

static int fmt(struct call *call, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < call->count; i++) {
		int one = format_one(call, call->words[i], err);

		if (one < 0)
			return -1;
		result |= one;
	}
	return result;
}

const struct command command_policy_fmt = {
	.name = "policy fmt",
	.group = GROUP_POLICY,
	.operands = "FILE...",
	.summary = "Write profiles as they should be written",
	.options = fmt_table,
	.options_size = sizeof(struct fmt_options),
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
};

static const struct option merge_table[] = {
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
	        "one value the first one's counts. The result stands alone: it extends nothing.",
};
