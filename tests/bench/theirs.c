#include "tests/bench/theirs.h"

#include "policy/policy.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/their_words.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "libseccomp: %s\n", what);
	exit(1);
}

/* "Deny some, allow the rest" cannot be said to libseccomp: Docker's form has it the other way. */
void theirs_table(struct filter_table *ret, struct arena *arena, const struct filter_table *table,
                  uint32_t kernel)
{
	struct policy_source source = { .file = "theirs.json" };
	_cleanup_text struct text text = {};
	struct policy *policy;
	struct value *value;
	struct error err = {};

	if (policy_to_oci(&value, arena, table, &err) < 0)
		die(err.text);
	value_encode(&text, value, VALUE_COMPACT);
	source.text = arena_text(arena, text_string(&text), text.length);
	source.length = text.length;
	if (policy_parse(&policy, arena, &source, &err) < 0 ||
	    policy_filter_table(ret, arena, policy, ARCH_X86_64, kernel, 0, &err) < 0)
		die(err.text);
}

static void add_rule(scmp_filter_ctx context, const struct filter_call *call,
                     const struct filter_rule *rule, uint32_t usual)
{
	struct scmp_arg_cmp conditions[6];
	unsigned count = 0;

	if (their_action(rule->decision) == usual || rule->count > ARRAY_SIZE(conditions))
		return;
	for (size_t i = 0; i < rule->count; i++)
		conditions[count++] = their_condition(&rule->conditions[i]);
	/* a rule it cannot have (-EACCES, -EEXIST) is left out: its time is what is measured */
	if (seccomp_rule_add_array(context, their_action(rule->decision), (int)call->number, count,
	                           conditions) < 0)
		return;
}

struct plan_filter theirs_make(const struct filter_arch *arch, bool tree)
{
	uint32_t usual = their_action(arch->listed);
	scmp_filter_ctx context = seccomp_init(usual);
	struct sock_filter *program;
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	off_t size;

	if (context == NULL || fd < 0 ||
	    (tree && seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0))
		die("refuses to begin");
	for (size_t i = 0; i < arch->call_count; i++) {
		const struct filter_call *call = &arch->calls[i];
		const struct filter_rule rest = { .decision = call->otherwise };

		for (size_t j = 0; j < call->rule_count; j++)
			add_rule(context, call, &call->rules[j], usual);
		if (call->rule_count == 0)
			add_rule(context, call, &rest, usual);
	}
	if (seccomp_export_bpf(context, fd) < 0)
		die("cannot export");
	seccomp_release(context);
	size = lseek(fd, 0, SEEK_END);
	program = malloc((size_t)size);
	if (program == NULL || pread(fd, program, (size_t)size, 0) != size)
		die("program cannot be read");
	close(fd);
	return (struct plan_filter){ .instructions = program,
		                     .count = (size_t)size / sizeof *program };
}
