/*
 * table: a policy's rules to the filter table of an architecture: names become numbers, lists of
 * values become rules of their own, and every ceiling takes its part.
 *
 * The meeting of a policy A and a ceiling C, for one call: where C denies, C's answer; where C
 * allows, A's. With first-match lists that is exact: a denying rule of C is kept; an allowing one
 * becomes one rule for each of A's, with the conditions of both.
 */
#include "policy/rules.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { X32_BIT = 0x40000000, RULES_MAX = 4096 };

static bool denies(struct decision decision)
{
	return decision.kind != DECISION_ALLOW && decision.kind != DECISION_LOG;
}

static struct decision meet_decision(struct decision own, struct decision ceiling)
{
	return denies(ceiling) ? ceiling : own;
}

static bool same_decision(struct decision a, struct decision b)
{
	return a.kind == b.kind && a.data == b.data;
}

/* ---- one call under a ceiling ---- */

static struct filter_rule both_rules(struct arena *arena, const struct filter_rule *ceiling,
                                     const struct filter_rule *own)
{
	struct condition *conditions =
	        arena_array(arena, ceiling->count + own->count, sizeof *conditions);

	if (ceiling->count > 0)
		memcpy(conditions, ceiling->conditions, ceiling->count * sizeof *conditions);
	if (own->count > 0)
		memcpy(conditions + ceiling->count, own->conditions,
		       own->count * sizeof *conditions);
	return (struct filter_rule){ conditions, ceiling->count + own->count, own->decision,
		                     own->from };
}

static int meet_call(struct filter_call *call, struct arena *arena,
                     const struct filter_call *ceiling, struct error *err)
{
	size_t room = (ceiling->rule_count + 1) * (call->rule_count + 1);
	struct filter_rule *rules;
	size_t count = 0;

	if (room > RULES_MAX)
		return error_set(err, 0,
		                 "the rules of the profile and of the ceiling for call %u make "
		                 "more than %d together",
		                 call->number, RULES_MAX);
	rules = arena_array(arena, room, sizeof *rules);
	for (size_t i = 0; i < ceiling->rule_count; i++) {
		const struct filter_rule *upper = &ceiling->rules[i];
		const struct filter_rule rest = { .decision = call->otherwise,
			                          .from = call->otherwise_from };

		if (denies(upper->decision)) {
			rules[count++] = *upper;
			continue;
		}
		for (size_t j = 0; j < call->rule_count; j++)
			rules[count++] = both_rules(arena, upper, &call->rules[j]);
		rules[count++] = both_rules(arena, upper, &rest);
	}
	if (!denies(ceiling->otherwise) && call->rule_count > 0) {
		memcpy(rules + count, call->rules, call->rule_count * sizeof *rules);
		count += call->rule_count;
	}
	if (denies(ceiling->otherwise))
		call->otherwise_from = ceiling->otherwise_from;
	call->otherwise = meet_decision(call->otherwise, ceiling->otherwise);
	call->rules = rules;
	call->rule_count = count;
	return 0;
}

/* ---- one architecture ---- */

static struct filter_call finish_call(const struct call_rules *from, uint32_t number)
{
	struct filter_call call = {
		.number = number,
		.rules = from->rules,
		.rule_count = from->count,
		.otherwise = from->otherwise,
		.otherwise_from = from->otherwise_from,
	};

	return call;
}

/* Rules at the end that say what is said anyway. */
static void trim_call(struct filter_call *call)
{
	while (call->rule_count > 0 &&
	       same_decision(call->rules[call->rule_count - 1].decision, call->otherwise))
		call->rule_count--;
}

/* Every ceiling takes its part of every call. */
static int meet_ceilings(struct call_rules *own, const struct rules_request *request,
                         enum arch arch)
{
	struct call_rules *upper;

	for (const struct policy *ceiling = request->policy->ceiling; ceiling != NULL;
	     ceiling = ceiling->ceiling) {
		if (!policy_says(ceiling, SETTING_CALLS))
			continue;
		if (rules_collect(&upper, request, ceiling, arch) < 0)
			return -1;
		for (size_t id = 0; id < syscall_count(); id++) {
			struct filter_call call = finish_call(&own[id], (uint32_t)id);
			struct filter_call limit = finish_call(&upper[id], (uint32_t)id);

			if (meet_call(&call, request->arena, &limit, request->err) < 0)
				return -1;
			own[id].rules = (struct filter_rule *)call.rules;
			own[id].count = call.rule_count;
			own[id].otherwise = call.otherwise;
			own[id].otherwise_from = call.otherwise_from;
		}
	}
	return 0;
}

int rules_collect_met(struct call_rules **ret, const struct rules_request *request, enum arch arch)
{
	struct call_rules *own;

	if (rules_collect(&own, request, request->policy, arch) < 0 ||
	    meet_ceilings(own, request, arch) < 0)
		return -1;
	*ret = own;
	return 0;
}

/* runc: in a Docker file the author's knowledge ends with the highest call that is named. */
static uint32_t highest_named(const struct call_rules *calls, enum arch arch)
{
	int highest = rules_highest(calls, arch);

	return highest < 0 ? 0 : (uint32_t)highest;
}

/* Appends the calls of `arch` with their answers to the table of an AUDIT_ARCH word, in the order
 * of their numbers; x32's, whose bit is above them all, come after the others. */
static int add_calls(struct filter_arch *table, const struct rules_request *request, enum arch arch,
                     struct decision usual)
{
	const struct policy *policy = request->policy;
	struct call_rules *own;
	uint32_t bit = arch == ARCH_X32 ? X32_BIT : 0;

	if (rules_collect(&own, request, policy, arch) < 0)
		return -1;
	if (policy->dialect && bit == 0 && !same_decision(policy->unknown, policy->fallback))
		table->last_known = highest_named(own, arch);
	if (meet_ceilings(own, request, arch) < 0)
		return -1;
	for (size_t place = 0; place < syscall_count_in(arch); place++) {
		int id = syscall_at(arch, place);
		struct filter_call call =
		        finish_call(&own[id], (uint32_t)syscall_number(arch, id) | bit);

		trim_call(&call);
		if (call.rule_count > 0 || !same_decision(call.otherwise, usual) ||
		    call.number > table->last_known)
			table->calls[table->call_count++] = call;
	}
	return 0;
}

static void meet_defaults(struct filter_arch *table, const struct policy *policy, bool opened)
{
	table->listed = policy->fallback;
	table->unknown = policy->unknown;
	for (const struct policy *ceiling = policy->ceiling; ceiling != NULL;
	     ceiling = ceiling->ceiling) {
		if (!policy_says(ceiling, SETTING_CALLS))
			continue;
		table->listed = meet_decision(table->listed, ceiling->fallback);
		table->unknown = meet_decision(table->unknown, ceiling->unknown);
	}
	/* Closed: as a kernel without x32 answers. */
	table->x32 = opened ? table->listed : (struct decision){ DECISION_ERRNO, ENOSYS };
}

static int fill_arch(struct filter_arch *table, const struct rules_request *request, enum arch arch,
                     bool x32)
{
	enum { CONDITIONS = 8 << 10 }; /* bytes, of a profile like ours */
	size_t room = syscall_count_in(arch) + (x32 ? syscall_count_in(ARCH_X32) : 0);

	table->audit = arch_audit(arch);
	table->last_known = syscall_last_number(arch);
	arena_reserve(request->arena, room * sizeof *table->calls +
	                                      syscall_count() * sizeof(struct call_rules) +
	                                      CONDITIONS);
	table->calls = arena_array(request->arena, room, sizeof *table->calls);
	meet_defaults(table, request->policy, x32);
	/* Closed, its half of the numbers needs a word only where unknown ones answer otherwise. */
	table->has_x32 = arch == ARCH_X86_64 && (x32 || !same_decision(table->x32, table->unknown));
	if (add_calls(table, request, arch, table->listed) < 0 ||
	    (x32 && add_calls(table, request, ARCH_X32, table->x32) < 0))
		return -1;
	return 0;
}

/* ---- the whole ---- */

uint32_t policy_opened(const struct policy *policy, enum arch arch)
{
	uint32_t open = policy->arches;

	for (const struct policy *ceiling = policy->ceiling; ceiling != NULL;
	     ceiling = ceiling->ceiling)
		if (policy_says(ceiling, SETTING_CALLS))
			open &= ceiling->arches;
	return open & arch_beside(arch);
}

int policy_filter_table(struct filter_table *ret, struct arena *arena, const struct policy *policy,
                        enum arch arch, uint32_t kernel, uint64_t capabilities, struct error *err)
{
	struct plan_strings taken = {};
	struct policy settled;
	struct rules_request request = { arena, policy, arch, kernel, capabilities, false, err };
	struct filter_table table = {
		.archs = arena_array(arena, ARCH_COUNT, sizeof *table.archs),
		.foreign = { DECISION_KILL_PROCESS, 0 },
	};
	uint32_t open = policy_opened(policy, arch);

	if (arch == ARCH_X32)
		return error_set(err, 0,
		                 "x32 is a part of x86_64: compile for that, with \"x32\" "
		                 "in \"architectures\"");
	policy_settle_sets(&settled, &taken, arena, policy);
	request.user_namespaces = settled.user_namespaces;
	if (fill_arch(&table.archs[table.arch_count++], &request, arch,
	              (open & 1u << ARCH_X32) != 0) < 0)
		return -1;
	for (unsigned other = 0; other < ARCH_COUNT; other++) {
		if (other == ARCH_X32 || (open & 1u << other) == 0)
			continue;
		if (fill_arch(&table.archs[table.arch_count++], &request, other, false) < 0)
			return -1;
	}
	*ret = table;
	return 0;
}
