/*
 * policy prove, policy diff: what a filter really answers, and what two policies decide
 * differently.
 */
#include "policy/call_text.h"
#include "policy/diff.h"
#include "policy/prove.h"
#include "policy/value.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_answer.h"
#include "runtime/cli/policy_files.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>

enum { EXIT_DIFFERENT = 1, EXIT_NARROWER = 1, EXIT_WIDER = 2 };

/* ---- prove ---- */

struct prove_options {
	const char *arch, *bpf;
	bool json;
};

static const struct option prove_table[] = {
	POLICY_ARCH_OPTION(struct prove_options),
	{ 0, "bpf", OPTION_TEXT, offsetof(struct prove_options, bpf), "FILE",
	  "a program from elsewhere: struct sock_filter after struct sock_filter" },
	{ 0, "json", OPTION_FLAG, offsetof(struct prove_options, json), NULL, "for programs" },
	OPTIONS_END,
};

/* As the machine has it that the program is for. */
static int read_program(struct plan_filter *ret, struct arena *arena, const char *path,
                        enum arch arch, struct error *err)
{
	struct plan_filter filter;
	_cleanup_text struct text text = {};
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	const size_t size = sizeof *ret->instructions;

	if (fd < 0)
		return error_set(err, errno, "cannot open %s", path);
	if (io_read_all(&text, fd, (BPF_MAXINSNS + 1) * size, err) < 0)
		return error_prefix(err, "%s", path);
	if (text.length == 0 || text.length % size != 0)
		return error_set(err, 0,
		                 "%s is no BPF program: its length is no multiple of %zu bytes",
		                 path, size);
	filter = (struct plan_filter){ arena_copy(arena, text_string(&text), text.length),
		                       text.length / size, 0 };
	ret->instructions = policy_swap_bytes(arena, &filter, arch).instructions;
	ret->count = filter.count;
	return 0;
}

static int print_proof(const struct call *call, const struct proof *proof,
                       const struct filter_table *table, bool json, struct error *err)
{
	uint32_t usual = table->archs[0].audit;
	_cleanup_text struct text witness = {}, wanted = {}, got = {};
	struct value *object;

	action_text(&wanted, proof->wanted);
	action_text(&got, proof->got);
	call_text(&witness, &proof->witness, usual);
	if (!json && proof->equal)
		return output_line(err,
		                   "proven: %zu instructions answer as the policy for every "
		                   "architecture word, every call number and every bit of the "
		                   "arguments (%zu diagram nodes)",
		                   proof->instructions, proof->nodes);
	if (!json)
		return output_line(err, "DIFFERENT: %s: the policy says '%s', the program '%s'",
		                   text_string(&witness), text_string(&wanted), text_string(&got));
	object = value_new_object(call->arena);
	value_set(call->arena, object, "equal", value_new_boolean(call->arena, proof->equal));
	put_number(call->arena, object, "instructions", proof->instructions);
	put_number(call->arena, object, "nodes", proof->nodes);
	if (!proof->equal) {
		value_set(call->arena, object, "witness",
		          policy_answer_sample(call->arena, &proof->witness, usual));
		put_text(call->arena, object, "policy", text_string(&wanted));
		put_text(call->arena, object, "program", text_string(&got));
	}
	return output_value(object, err);
}

static int prove(struct call *call, struct error *err)
{
	const struct prove_options *options = call->options;
	struct confinement confinement;
	struct filter_table table;
	struct policy *policy;
	struct proof proof;
	enum arch arch;

	if (policy_answer_arch(&arch, call, options->arch, err) < 0 ||
	    policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0 ||
	    policy_compile_for(&confinement, &table, call->arena, policy, &call->host, arch, err) <
	            0)
		return -1;
	if (options->bpf != NULL &&
	    read_program(&confinement.filter, call->arena, options->bpf, arch, err) < 0)
		return -1;
	if (prove_equal(&proof, &table, &confinement.filter, err) < 0)
		return options->bpf == NULL ? -1 : error_prefix(err, "%s", options->bpf);
	if (print_proof(call, &proof, &table, options->json, err) < 0)
		return -1;
	return proof.equal ? 0 : EXIT_DIFFERENT;
}

const struct command command_policy_prove = {
	.name = "policy prove",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE",
	.summary = "Prove that a filter is what a profile says, or show where it is not",
	.options = prove_table,
	.options_size = sizeof(struct prove_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 1,
	.most = 1,
	.run = prove,
	.details =
	        "The program is executed on all inputs at once. The exit status is 0 where it is proven, 1 where\n"
	        "the two differ (with a call on which they do), and 125 where that cannot be decided.",
};

/* ---- diff ---- */

struct diff_options {
	const char *arch;
	bool json;
};

static const struct option diff_table[] = {
	POLICY_ARCH_OPTION(struct diff_options),
	{ 0, "json", OPTION_FLAG, offsetof(struct diff_options, json), NULL, "for programs" },
	OPTIONS_END,
};

struct side {
	struct confinement confinement;
	struct filter_table table;
	enum policy_attaching attaching;
};

static int take_side(struct side *ret, struct call *call, const char *word, enum arch arch,
                     struct error *err)
{
	struct policy *policy;

	if (policy_find(&policy, call->arena, &call->paths, word, err) < 0)
		return -1;
	ret->attaching = policy_attaching(policy);
	return policy_compile_for(&ret->confinement, &ret->table, call->arena, policy, &call->host,
	                          arch, err);
}

static void append_row(struct text *text, const struct difference *row, uint32_t usual)
{
	text_printf(text, "%-10s ", difference_name(row->kind));
	if (row->has_sample && !row->is_range)
		call_text(text, &row->sample, usual);
	else
		text_append(text, row->subject);
	if (row->was != NULL)
		text_printf(text, ": was '%s', is '%s'", row->was, row->is);
	text_append_char(text, '\n');
}

static struct value *row_value(struct arena *arena, const struct difference *row, uint32_t usual)
{
	struct value *object = value_new_object(arena);

	put_text(arena, object, "direction", difference_name(row->kind));
	put_text(arena, object, "subject", row->subject);
	if (row->was != NULL) {
		put_text(arena, object, "was", row->was);
		put_text(arena, object, "is", row->is);
	}
	if (row->has_sample)
		value_set(arena, object, "witness",
		          policy_answer_sample(arena, &row->sample, usual));
	return object;
}

static int print_differences(const struct call *call, const struct differences *found,
                             uint32_t usual, bool json, struct error *err)
{
	_cleanup_text struct text text = {};
	struct value *array;

	if (json) {
		array = value_new_array(call->arena);
		for (size_t i = 0; i < found->count; i++)
			value_append(call->arena, array,
			             row_value(call->arena, &found->rows[i], usual));
		return output_value(array, err);
	}
	for (unsigned kind = 0; kind < DIFFERENCE_KINDS; kind++)
		for (size_t i = 0; i < found->count; i++)
			if (found->rows[i].kind == kind)
				append_row(&text, &found->rows[i], usual);
	if (found->count == 0)
		text_append(&text,
		            "equal: no call, capability, path or limit is decided differently\n");
	return output_print(&text, err);
}

static int diff(struct call *call, struct error *err)
{
	const struct diff_options *options = call->options;
	struct side old, new;
	struct diff_side before = { &old.confinement, &old.table }, after;
	struct differences found;
	enum arch arch;
	int status = 0;

	if (policy_answer_arch(&arch, call, options->arch, err) < 0 ||
	    take_side(&old, call, call->words[0], arch, err) < 0 ||
	    take_side(&new, call, call->words[1], arch, err) < 0)
		return -1;
	before.attaching = old.attaching;
	after = (struct diff_side){ &new.confinement, &new.table, new.attaching };
	if (policy_diff(&found, call->arena, &before, &after, err) < 0 ||
	    print_differences(call, &found, old.table.archs[0].audit, options->json, err) < 0)
		return -1;
	for (size_t i = 0; i < found.count; i++) {
		if (found.rows[i].kind == DIFFERENCE_WIDER)
			return EXIT_WIDER;
		status = EXIT_NARROWER;
	}
	return status;
}

const struct command command_policy_diff = {
	.name = "policy diff",
	.group = GROUP_POLICY,
	.operands = "OLD NEW",
	.summary = "Show what two profiles decide differently, with a call for each difference",
	.options = diff_table,
	.options_size = sizeof(struct diff_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 2,
	.most = 2,
	.run = diff,
	.details =
	        "Exact, for every number and every bit of the arguments, and for the other walls. The exit status is\n"
	        "0 where the two are equal, 1 where NEW is nowhere wider, 2 where it is wider somewhere, 125 on errors.\n"
	        "What cannot be ordered (another AppArmor profile, another id map) counts as wider.",
};
