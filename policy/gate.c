/*
 * gate: for which architectures, kernels and capabilities a rule is there at all.
 */
#include "policy/rules.h"

#include <errno.h>

bool gate_is_open(const struct rule_gate *gate)
{
	return gate->arches == 0 && gate->natives == 0 && gate->not_natives == 0 &&
	       gate->kernel_from == 0 && gate->kernel_below == 0 && gate->capabilities == 0 &&
	       gate->capability_not == 0;
}

bool rule_opens(const struct rule *rule)
{
	return !rule->by_default && rule->decision.kind <= DECISION_LOG;
}

struct decision rule_decision(const struct rule *rule, struct decision fallback)
{
	if (!rule->by_default)
		return rule->decision;
	return fallback.kind <= DECISION_LOG ? (struct decision){ DECISION_ERRNO, EPERM }
	                                     : fallback;
}

bool rule_is_plain(const struct rule *rule)
{
	return rule->condition_count == 0 && gate_is_open(&rule->gate);
}

bool rule_takes_part(const struct rule *rule, const struct rules_request *request, enum arch arch)
{
	const struct rule_gate *gate = &rule->gate;

	return (gate->arches == 0 || (gate->arches & 1u << arch) != 0) &&
	       (gate->natives == 0 || (gate->natives & 1u << request->native) != 0) &&
	       (gate->not_natives & 1u << request->native) == 0 &&
	       request->kernel >= gate->kernel_from &&
	       (gate->kernel_below == 0 || request->kernel < gate->kernel_below) &&
	       (gate->capabilities & ~request->capabilities) == 0 &&
	       (gate->capability_not & request->capabilities) == 0;
}
