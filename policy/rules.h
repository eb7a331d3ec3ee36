/* rules: the rules of one policy, call by call, for one architecture. */
#ifndef CORDON_POLICY_RULES_H
#define CORDON_POLICY_RULES_H

#include "policy/model.h"

/* The answer for one call while it is put together; see struct filter_call. */
struct call_rules {
	struct filter_rule *rules;
	size_t count, capacity;
	bool closed; /* a rule without conditions was met: nothing behind it can decide */
	bool named;  /* dialect: an entry that takes part has its name, whatever it says */
	struct decision otherwise;
	struct origin otherwise_from;
};

struct rules_request {
	struct arena *arena;
	const struct policy *policy;
	enum arch native;
	uint32_t kernel;
	uint64_t capabilities;
	bool user_namespaces;
	struct error *err;
};

/* An array indexed by the id of the call. `policy` is the request's or one of its ceilings. */
int rules_collect(struct call_rules **ret, const struct rules_request *request,
                  const struct policy *policy, enum arch arch) __attribute__((warn_unused_result));

/* The same of the request's policy, each call met with every ceiling. */
int rules_collect_met(struct call_rules **ret, const struct rules_request *request, enum arch arch)
        __attribute__((warn_unused_result));

/* The architectures besides `arch` whose calls the policy and its ceilings leave open there. Bits:
 * enum arch n. */
uint32_t policy_opened(const struct policy *policy, enum arch arch);

/* Stands for "user_namespaces": false, which is a rule that nobody wrote as one. */
extern const struct rule rules_guard;
/* Stands for what a Docker file does not know yet: calls above the highest it names. */
extern const struct rule rules_newer;

/* The highest number that a policy in Docker's form names there; -1. */
int rules_highest(const struct call_rules *calls, enum arch arch);

/* What one rule says of one call: `closed` where it has no conditions, else rules of plain ones. */
int rules_of_call(struct call_rules *ret, const struct rules_request *request,
                  const struct rule *rule, enum arch arch, int call)
        __attribute__((warn_unused_result));

/* Whether a rule takes part for calls made in `arch`. */
bool rule_takes_part(const struct rule *rule, const struct rules_request *request, enum arch arch);

/* What is also reached through another call (socketcall, ipc), by its first argument, on an
 * architecture that has it. */
bool rules_multiplexed(int *through, uint32_t *number, enum arch arch, int call);

/* What a rule answers: a denial without a decision of its own as the policy's default does, or
 * EPERM where that permits. */
struct decision rule_decision(const struct rule *rule, struct decision fallback);

/* Whether a gate is open always; whether a rule allows; whether it decides for every call it
 * names, whatever the arguments. */
bool gate_is_open(const struct rule_gate *gate);
bool rule_opens(const struct rule *rule);
bool rule_is_plain(const struct rule *rule);

#endif
