/*
 * decision: what a policy answers, per architecture and call, before it becomes BPF.
 *
 * A struct filter_table is the compiler's middle form: complete (every number has an answer),
 * resolved (numbers, not names), ordered by call number. filter_decide is what it means; meaning
 * makes a diagram of that, which emit turns into a program and prove compares a program with.
 */
#ifndef CORDON_POLICY_DECISION_H
#define CORDON_POLICY_DECISION_H

#include "policy/syscall.h"
#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum decision_kind {
	DECISION_ALLOW,
	DECISION_LOG,
	DECISION_NOTIFY,
	DECISION_ERRNO,
	DECISION_TRAP,
	DECISION_KILL_THREAD,
	DECISION_KILL_PROCESS,
	DECISION_KINDS,
};

struct decision {
	enum decision_kind kind;
	uint16_t data; /* errno for DECISION_ERRNO */
};

enum condition_operator {
	CONDITION_IS,
	CONDITION_NOT,
	CONDITION_BELOW, /* unsigned */
	CONDITION_ABOVE, /* unsigned */
	CONDITION_AT_LEAST,
	CONDITION_AT_MOST,
	CONDITION_MASKED, /* (argument & mask) == value */
	CONDITION_MASKED_NOT,
	CONDITION_OPERATORS,
};

struct condition {
	uint8_t argument; /* 0..5 */
	bool is_32bit;    /* compare only the low half, whatever the high bits hold */
	enum condition_operator operator;
	uint64_t value;
	uint64_t mask;
};

struct policy;
struct rule; /* model.h */

/* Whose word something is. */
struct origin {
	const struct policy *policy; /* NULL: no policy's */
	const struct rule *rule;     /* NULL: what the policy says where no rule holds */
};

/* One rule: all its conditions hold -> decision. */
struct filter_rule {
	const struct condition *conditions;
	size_t count; /* 0: always */
	struct decision decision;
	struct origin from; /* under a ceiling the conditions may be those of two rules: the
	                       narrower answer's, and the policy's own where they agree */
};

/* The answer for one call number: the first rule that holds, else `otherwise`. */
struct filter_call {
	uint32_t number; /* with __X32_SYSCALL_BIT for x32 */
	const struct filter_rule *rules;
	size_t rule_count;
	struct decision otherwise;
	struct origin otherwise_from;
};

/* One AUDIT_ARCH word. x32 calls stand in the x86_64 table with their bit set. */
struct filter_arch {
	uint32_t audit;
	struct filter_call *calls; /* ascending by number, no two equal */
	size_t call_count;
	struct decision listed; /* numbers up to last_known that are not in calls */
	uint32_t last_known;
	struct decision unknown; /* numbers above last_known (and the x32 half when it is closed:
	                            see x32) */
	struct decision x32; /* numbers with __X32_SYSCALL_BIT that are not in calls; x86_64 only */
	bool has_x32;
};

struct filter_table {
	struct filter_arch *archs;
	size_t arch_count;
	struct decision foreign; /* any other AUDIT_ARCH word: kill the process */
};

/* The kernel's struct seccomp_data, without including its header here. */
struct call_sample {
	uint32_t audit;
	uint32_t number;
	uint64_t instruction_pointer;
	uint64_t arguments[6];
};

/* The table's own answer: the specification the emitted program is tested against. Pure. */
struct decision filter_decide(const struct filter_table *table, const struct call_sample *sample);

uint32_t decision_to_seccomp(struct decision decision); /* SECCOMP_RET_* | data */
bool decision_from_seccomp(struct decision *ret, uint32_t action);
void decision_print(struct text *ret,
                    struct decision decision);         /* "allow", "errno EPERM", "kill process" */
bool errno_from_name(uint16_t *ret, const char *name); /* "EPERM"; complete table */
const char *errno_nearest(const char *name);           /* for "did you mean"; NULL */
const char *errno_to_name(uint16_t number);            /* NULL where unknown */

#endif
