#include "tests/support/their_words.h"

#include <seccomp.h>

uint32_t their_action(struct decision decision)
{
	switch (decision.kind) {
	case DECISION_ALLOW:
		return SCMP_ACT_ALLOW;
	case DECISION_LOG:
		return SCMP_ACT_LOG;
	case DECISION_TRAP:
		return SCMP_ACT_TRAP;
	case DECISION_ERRNO:
		return SCMP_ACT_ERRNO(decision.data);
	case DECISION_KILL_THREAD:
		return SCMP_ACT_KILL_THREAD;
	default:
		return SCMP_ACT_KILL_PROCESS;
	}
}

struct scmp_arg_cmp their_condition(const struct condition *condition)
{
	static const enum scmp_compare operators[] = {
		[CONDITION_IS] = SCMP_CMP_EQ,
		[CONDITION_NOT] = SCMP_CMP_NE,
		[CONDITION_BELOW] = SCMP_CMP_LT,
		[CONDITION_ABOVE] = SCMP_CMP_GT,
		[CONDITION_AT_LEAST] = SCMP_CMP_GE,
		[CONDITION_AT_MOST] = SCMP_CMP_LE,
		[CONDITION_MASKED] = SCMP_CMP_MASKED_EQ,
	};
	bool masked = condition->operator== CONDITION_MASKED;

	return (struct scmp_arg_cmp){ condition->argument, operators[condition->operator],
		                      masked ? condition->mask : condition->value,
		                      masked ? condition->value : 0 };
}
