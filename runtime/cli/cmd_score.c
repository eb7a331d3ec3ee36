/*
 * policy score: how many known bugs of the kernel a profile puts out of reach, and by what.
 */
#include "policy/score.h"

#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_answer.h"
#include "runtime/cli/policy_files.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>

enum { TABLE_MAX = 1 << 20, PERCENT = 100, EXIT_BELOW = 1 };

struct score_options {
	const char *arch, *table;
	int64_t least;
	bool json, verbose;
};

static const struct option score_table[] = {
	POLICY_ARCH_OPTION(struct score_options),
	{ 0, "json", OPTION_FLAG, offsetof(struct score_options, json), NULL, "for programs" },
	{ 0, "least", OPTION_NUMBER, offsetof(struct score_options, least), "PERCENT",
	  "the exit status is 1 where the share is lower" },
	{ 0, "table", OPTION_TEXT, offsetof(struct score_options, table), "FILE",
	  "bugs of your own, in the form of kernel-bugs.json" },
	{ 'v', "verbose", OPTION_FLAG, offsetof(struct score_options, verbose), NULL,
	  "each bug that is out of reach, too" },
	OPTIONS_END,
};

static int read_bugs(struct bug_table *ret, struct text *text, struct arena *arena,
                     const char *file, struct error *err)
{
	struct policy_source source = bugs_shipped();
	int found;

	if (file == NULL)
		return bugs_parse(ret, arena, &source, err);
	found = io_read_file(text, AT_FDCWD, file, TABLE_MAX, err);
	if (found == 0)
		return error_set(err, ENOENT, "%s", file);
	source = (struct policy_source){ file, text_string(text), text->length };
	return found < 0 ? -1 : bugs_parse(ret, arena, &source, err);
}

/* In tenths of a percent, rounded down: 89.96 is not 90. */
static unsigned share(const struct score *score)
{
	return (unsigned)(score->stopped * PERCENT * 10 / score->count);
}

static void append_place(struct text *text, const struct place *place)
{
	if (place->file != NULL)
		text_printf(text, "%s:%u: ", place->file, place->position.line);
}

static bool same_stop(const struct score_row *a, const struct score_row *b)
{
	return text_equal(a->stop, b->stop) && text_equal(a->place.file, b->place.file) &&
	       a->place.position.line == b->place.position.line;
}

/* One line for all that stop at the same words; the bugs below, where asked for. */
static void append_stop(struct text *text, const struct score *score, size_t first, bool verbose)
{
	size_t count = 0;

	for (size_t i = 0; i < first; i++)
		if (!score->rows[i].reachable && same_stop(&score->rows[i], &score->rows[first]))
			return; /* told already */
	for (size_t i = first; i < score->count; i++)
		count += !score->rows[i].reachable &&
		         same_stop(&score->rows[i], &score->rows[first]);
	text_printf(text, "%4zu  ", count);
	append_place(text, &score->rows[first].place);
	text_printf(text, "%s\n", score->rows[first].stop);
	for (size_t i = first; verbose && i < score->count; i++)
		if (!score->rows[i].reachable && same_stop(&score->rows[i], &score->rows[first]))
			text_printf(text, "        %-16s %s\n", score->rows[i].bug->id,
			            score->rows[i].bug->what);
}

static void append_score(struct text *text, const struct call *call, const struct score *score)
{
	const struct score_options *options = call->options;

	text_printf(text, "%s: %zu of %zu bugs of the kernel are out of reach (%u.%u %%)\n",
	            call->words[0], score->stopped, score->count, share(score) / 10,
	            share(score) % 10);
	if (score->stopped < score->count)
		text_append(text, "\nwithin reach:\n");
	for (size_t i = 0; i < score->count; i++)
		if (score->rows[i].reachable)
			text_printf(text, "      %-16s %s (until Linux %s)\n",
			            score->rows[i].bug->id, score->rows[i].bug->what,
			            score->rows[i].bug->until);
	if (score->stopped > 0)
		text_append(text, "\nout of reach:\n");
	for (size_t i = 0; i < score->count; i++)
		if (!score->rows[i].reachable)
			append_stop(text, score, i, options->verbose);
}

static struct value *row_value(struct arena *arena, const struct score_row *row)
{
	struct value *object = value_new_object(arena);

	put_text(arena, object, "id", row->bug->id);
	put_text(arena, object, "what", row->bug->what);
	put_text(arena, object, "until", row->bug->until);
	put_text(arena, object, "source", row->bug->source);
	value_set(arena, object, "reachable", value_new_boolean(arena, row->reachable));
	if (row->reachable)
		return object;
	put_text(arena, object, "stopped_by", row->stop);
	if (row->place.file != NULL) {
		put_text(arena, object, "file", row->place.file);
		put_number(arena, object, "line", row->place.position.line);
		put_number(arena, object, "column", row->place.position.column);
	}
	return object;
}

static int print_json(const struct call *call, const struct score *score, struct error *err)
{
	struct value *object = value_new_object(call->arena), *rows = value_new_array(call->arena);

	put_text(call->arena, object, "profile", call->words[0]);
	put_number(call->arena, object, "bugs", score->count);
	put_number(call->arena, object, "out_of_reach", score->stopped);
	put_number(call->arena, object, "per_mille", share(score));
	for (size_t i = 0; i < score->count; i++)
		value_append(call->arena, rows, row_value(call->arena, &score->rows[i]));
	value_set(call->arena, object, "rows", rows);
	return output_value(object, err);
}

static int print_text(const struct call *call, const struct score *score, struct error *err)
{
	_cleanup_text struct text text = {};

	append_score(&text, call, score);
	return output_print(&text, err);
}

static int score(struct call *call, struct error *err)
{
	const struct score_options *options = call->options;
	_cleanup_text struct text text = {};
	struct bug_table bugs;
	struct policy *policy;
	struct score found;
	enum arch arch;

	if (policy_answer_arch(&arch, call, options->arch, err) < 0 ||
	    read_bugs(&bugs, &text, call->arena, options->table, err) < 0 ||
	    policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0 ||
	    policy_score(&found, call->arena, policy, arch, call->host.kernel, &bugs, err) < 0 ||
	    (options->json ? print_json : print_text)(call, &found, err) < 0)
		return -1;
	return share(&found) < options->least * 10 ? EXIT_BELOW : 0;
}

const struct command command_policy_score = {
	.name = "policy score",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE",
	.summary = "Count the known bugs of the kernel that a profile puts out of reach",
	.options = score_table,
	.options_size = sizeof(struct score_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 1,
	.most = 1,
	.run = score,
	.details =
	        "A bug is out of reach where one thing it needs is denied for all arguments it can be reached with:\n"
	        "a call, a capability, a new user namespace. Each is shown with what stops it. The exit status is 0,\n"
	        "with --least 1 where the share is lower, and 125 on errors.",
};
