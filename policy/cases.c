#include "policy/cases.h"

#include "policy/meaning.h"

#include <errno.h>
#include <string.h>

enum { X32_BIT = 0x40000000 };

int deciding_init(struct deciding *ret, const struct rules_request *request)
{
	struct deciding deciding = { .request = *request };

	if (policy_filter_table(&deciding.table, request->arena, request->policy, request->native,
	                        request->kernel, request->capabilities, request->err) < 0)
		return -1;
	deciding.arches = 1u << request->native | policy_opened(request->policy, request->native);
	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if ((deciding.arches & 1u << arch) != 0 &&
		    rules_collect_met(&deciding.calls[arch], request, arch) < 0)
			return -1;
	deciding.store = diagrams_new(DIAGRAM_NODES_MAX);
	*ret = deciding;
	return 0;
}

void deciding_release(struct deciding *deciding)
{
	diagrams_free(deciding->store);
	deciding->store = NULL;
}

bool case_permits(const struct call_case *one)
{
	return one->decision.kind == DECISION_ALLOW || one->decision.kind == DECISION_LOG;
}

static bool same_word(const struct call_case *a, const struct call_case *b)
{
	return a->reason == b->reason && a->from.rule == b->from.rule &&
	       a->from.policy == b->from.policy && a->decision.kind == b->decision.kind &&
	       a->decision.data == b->decision.data;
}

/* `one` decides what of `left` is in its `where`; nothing is added where that is empty. */
static void add(struct call_cases *cases, struct diagrams *store, diagram *left,
                struct call_case one)
{
	struct call_case *last = cases->count > 0 ? &cases->rows[cases->count - 1] : NULL;
	diagram rest = diagram_and(store, *left, diagram_not(store, one.where));
	uint32_t empty;

	one.where = diagram_and(store, *left, one.where);
	*left = rest;
	if (diagram_is_leaf(store, one.where, &empty) && empty == 0)
		return;
	if (last != NULL && same_word(last, &one))
		last->where = diagram_or(store, last->where, one.where);
	else
		cases->rows[cases->count++] = one;
}

static enum case_reason reason_of(const struct origin *from)
{
	if (from->rule == &rules_guard)
		return CASE_GUARD;
	if (from->rule == &rules_newer)
		return CASE_UNKNOWN;
	if (from->rule != NULL)
		return CASE_RULE;
	return CASE_DEFAULT;
}

static struct decision answer_of_closed(const struct deciding *deciding, enum arch arch)
{
	return arch == ARCH_X32 && deciding->request.native == ARCH_X86_64
	               ? deciding->table.archs[0].x32
	               : deciding->table.foreign;
}

static struct call_cases one_case(const struct deciding *deciding, struct call_case one)
{
	struct call_cases cases = { arena_array(deciding->request.arena, 1, sizeof one), 1 };

	cases.rows[0] = one;
	return cases;
}

struct call_cases call_cases(const struct deciding *deciding, enum arch arch, int call,
                             diagram asked)
{
	const struct call_rules *rules;
	struct diagrams *store = deciding->store;
	struct call_cases cases = {};
	diagram left = asked;

	if (deciding->calls[arch] == NULL)
		return one_case(deciding,
		                (struct call_case){
		                        CASE_CLOSED, answer_of_closed(deciding, arch), {}, asked });
	rules = &deciding->calls[arch][call];
	cases.rows = arena_array(deciding->request.arena, rules->count + 1, sizeof *cases.rows);
	for (size_t i = 0; i < rules->count; i++) {
		const struct filter_rule *rule = &rules->rules[i];

		add(&cases, store, &left,
		    (struct call_case){ reason_of(&rule->from), rule->decision, rule->from,
		                        meaning_of_rule(store, rule) });
	}
	add(&cases, store, &left,
	    (struct call_case){ reason_of(&rules->otherwise_from), rules->otherwise,
	                        rules->otherwise_from, diagram_leaf(store, 1) });
	return cases;
}
