/*
 * policy explain: what a profile decides of a call, and by which words of which file.
 */
#include "policy/explain.h"

#include "policy/call_text.h"
#include "runtime/cli/caret.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_answer.h"
#include "runtime/cli/policy_files.h"
#include "sandbox/base/cleanup.h"

struct explain_options {
	const char *arch;
	bool json;
};

static const struct option explain_table[] = {
	POLICY_ARCH_OPTION(struct explain_options),
	{ 0, "json", OPTION_FLAG, offsetof(struct explain_options, json), NULL, "for programs" },
	OPTIONS_END,
};

/* By enum explain_answer: the exit status is its number. */
static const char *const answers[] = { "allowed", "denied", "depends" };
static const char *const verdicts[] = { "allows", "denies", "note" };

/* What was asked, in the words it was asked in. */
struct asked {
	const struct call *call;
	const struct question *question;
	uint32_t usual;
};

static void append_asked(struct text *text, const struct asked *asked)
{
	const struct call *call = asked->call;
	enum arch own;

	if (!arch_from_audit(&own, call->host.audit_arch) || own != asked->question->arch)
		text_printf(text, "%s: ", arch_name(asked->question->arch));
	text_printf(text, "%s(", syscall_name(asked->question->call));
	for (size_t i = 2; i < call->count; i++)
		text_printf(text, "%s%s", i > 2 ? ", " : "", call->words[i]);
	text_append_char(text, ')');
}

static void append_row(struct text *text, const struct explain_row *row, uint32_t usual)
{
	const struct place *place = &row->place;

	if (place->file != NULL)
		text_printf(text, "%s:%u:%u: ", place->file, place->position.line,
		            place->position.column);
	text_printf(text, "%s%s: %s\n", row->verdict == EXPLAIN_NOTES ? "note: " : "",
	            explain_layer_name(row->layer), row->text);
	if (row->has_example) {
		text_append(text, "  for example ");
		call_text(text, &row->example, usual);
		text_append_char(text, '\n');
	}
	if (place->line != NULL)
		caret_append(text, place->line, place->position.column);
}

static int print_text(const struct asked *asked, const struct explanation *explanation,
                      struct error *err)
{
	_cleanup_text struct text text = {};

	text_printf(&text, "%s%s: ", answers[explanation->answer],
	            explanation->answer == EXPLAIN_DEPENDS ? " on what is not said" : "");
	append_asked(&text, asked);
	text_append_char(&text, '\n');
	for (size_t i = 0; i < explanation->count; i++)
		append_row(&text, &explanation->rows[i], asked->usual);
	return output_print(&text, err);
}

static struct value *row_value(struct arena *arena, const struct explain_row *row, uint32_t usual)
{
	struct value *object = value_new_object(arena);
	const struct place *place = &row->place;

	put_text(arena, object, "layer", explain_layer_name(row->layer));
	put_text(arena, object, "verdict", verdicts[row->verdict]);
	put_text(arena, object, "reason", row->text);
	if (place->file != NULL) {
		put_text(arena, object, "file", place->file);
		put_number(arena, object, "line", place->position.line);
		put_number(arena, object, "column", place->position.column);
	}
	if (row->has_example)
		value_set(arena, object, "example",
		          policy_answer_sample(arena, &row->example, usual));
	return object;
}

static int print_json(const struct asked *asked, const struct explanation *explanation,
                      struct error *err)
{
	struct arena *arena = asked->call->arena;
	struct value *object = value_new_object(arena), *rows = value_new_array(arena);
	_cleanup_text struct text text = {};

	append_asked(&text, asked);
	put_text(arena, object, "call", text_string(&text));
	put_text(arena, object, "arch", arch_name(asked->question->arch));
	put_text(arena, object, "answer", answers[explanation->answer]);
	for (size_t i = 0; i < explanation->count; i++)
		value_append(arena, rows, row_value(arena, &explanation->rows[i], asked->usual));
	value_set(arena, object, "walls", rows);
	return output_value(object, err);
}

static int explain(struct call *call, struct error *err)
{
	const struct explain_options *options = call->options;
	struct plan_strings arguments = { (const char **)&call->words[2], call->count - 2 };
	struct explanation explanation;
	struct question question;
	struct policy *policy;
	enum arch arch, own;
	struct asked asked = { call, &question, 0 };

	if (policy_answer_arch(&arch, call, options->arch, err) < 0 ||
	    explain_ask(&question, call->arena, arch, call->words[1], &arguments, err) < 0 ||
	    policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	/* i386 is what this machine runs beside its own calls, and not a machine of that kind */
	if (arch_from_audit(&own, call->host.audit_arch) && (arch_beside(own) & 1u << arch) != 0)
		question.native = own;
	if (policy_explain(&explanation, call->arena, policy, call->host.kernel, &question, err) <
	    0)
		return -1;
	asked.usual = arch_audit(arch);
	if ((options->json ? print_json : print_text)(&asked, &explanation, err) < 0)
		return -1;
	return (int)explanation.answer;
}

const struct command command_policy_explain = {
	.name = "policy explain",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE CALL [ARGUMENT=VALUE...]",
	.summary = "Show what a profile decides of a system call, and by which of its rules",
	.options = explain_table,
	.options_size = sizeof(struct explain_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 2,
	.most = SIZE_MAX,
	.run = explain,
	.details =
	        "CALL is a name or a number, VALUE a number or constants (flags=O_RDWR|O_CLOEXEC); what is not said\n"
	        "may be anything, and each rule that then decides is shown with a call it decides. path=FILE and, for\n"
	        "bind and connect, port=N ask the walls behind the filter: masks, a read-only root, Landlock. The exit\n"
	        "status is 0 where all that was asked is allowed, 1 where all of it is denied, 2 where it depends on\n"
	        "what was not said, and 125 on errors.",
};
