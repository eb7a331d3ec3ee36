/* compiled: profiles written in a test, compiled for an invented machine. */
#ifndef CORDON_TESTS_COMPILED_H
#define CORDON_TESTS_COMPILED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "tests/support/bpf.h"

#include <string.h>

static inline struct host compiled_host(void)
{
	return (struct host){
		.release = "6.1.0",
		.kernel = 6 << 16 | 1,
		.audit_arch = 0xc000003e,
		.landlock_abi = 7,
		.seccomp_filter = true,
		.seccomp_kill_process = true,
		.user_namespaces = true,
		.capability_last = 40,
	};
}

static inline struct policy *compiled_parse(struct arena *arena, const char *text)
{
	struct policy_source source = { "test.json", text, strlen(text) };
	struct policy *policy = NULL;
	struct error err = {};

	if (policy_parse(&policy, arena, &source, &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

static inline struct filter_table compiled_table(struct arena *arena, const struct policy *policy,
                                                 uint64_t capabilities)
{
	struct filter_table table;
	struct error err = {};

	if (policy_filter_table(&table, arena, policy, ARCH_X86_64, 6 << 16 | 1, capabilities,
	                        &err) < 0)
		fail_msg("%s", err.text);
	return table;
}

/* What a table answers for a call by name, as decision_print writes it: "allow", "errno EPERM". */
static inline const char *compiled_answer(struct arena *arena, const struct filter_table *table,
                                          const char *call, const uint64_t arguments[6])
{
	struct call_sample sample = {
		.audit = 0xc000003e,
		.number = (uint32_t)syscall_number(ARCH_X86_64, syscall_find(call)),
	};
	struct text text = {};
	const char *answer;

	if (arguments != NULL)
		memcpy(sample.arguments, arguments, sizeof sample.arguments);
	decision_print(&text, filter_decide(table, &sample));
	answer = arena_strdup(arena, text_string(&text));
	text_done(&text);
	return answer;
}

#endif
