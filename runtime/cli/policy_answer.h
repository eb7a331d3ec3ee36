/*
 * policy_answer: what the answers of the policy commands share: the architecture they are for, and
 * a call as JSON.
 */
#ifndef CORDON_CLI_POLICY_ANSWER_H
#define CORDON_CLI_POLICY_ANSWER_H

#include "policy/decision.h"
#include "policy/value.h"
#include "runtime/cli/command.h"

/* The row of --arch; `type` is the options', which have `const char *arch`. */
#define POLICY_ARCH_OPTION(type)                                                                   \
	{                                                                                          \
		0, "arch", OPTION_TEXT, offsetof(type, arch), "NAME",                              \
		        "x86_64, aarch64, ... (this machine's)"                                    \
	}

/* name NULL: this machine's. */
int policy_answer_arch(enum arch *ret, const struct call *call, const char *name, struct error *err)
        __attribute__((warn_unused_result));

void put_text(struct arena *arena, struct value *object, const char *key, const char *text);
void put_number(struct arena *arena, struct value *object, const char *key, uint64_t number);

/* The sample as text, and as numbers for programs. */
struct value *policy_answer_sample(struct arena *arena, const struct call_sample *sample,
                                   uint32_t usual);

#endif
