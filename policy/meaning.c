#include "policy/meaning.h"

#include "policy/segment.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

enum {
	ERRNO_MAX = 4095, /* MAX_ERRNO of include/linux/err.h: what seccomp cuts to */
	SHARED_MAX = 16,  /* conditions of rules that are looked at together */
};

/* ---- conditions ---- */

/* A 64-bit order comparison: the high half decides unless it is equal. */
static diagram wide_at_least(struct diagrams *store, unsigned argument, uint64_t value)
{
	enum diagram_word high = word_of_argument(argument, true);
	enum diagram_word low = word_of_argument(argument, false);
	uint32_t top = (uint32_t)(value >> 32);
	diagram equal = diagram_masked(store, high, UINT32_MAX, top);
	diagram above = diagram_choose(store, equal, diagram_leaf(store, 0),
	                               diagram_at_least(store, high, top));

	return diagram_choose(store, equal, diagram_at_least(store, low, (uint32_t)value), above);
}

static diagram at_least(struct diagrams *store, const struct condition *condition, uint64_t value)
{
	if (condition->is_32bit)
		return diagram_at_least(store, word_of_argument(condition->argument, false),
		                        (uint32_t)value);
	return wide_at_least(store, condition->argument, value);
}

/* Above the largest value there is: never. */
static diagram above(struct diagrams *store, const struct condition *condition)
{
	uint64_t most = condition->is_32bit ? UINT32_MAX : UINT64_MAX;
	uint64_t value = condition->value & most;

	return value == most ? diagram_leaf(store, 0) : at_least(store, condition, value + 1);
}

/* Where the argument has that value under the mask `holds`, else the contrary. */
static diagram masked(struct diagrams *store, const struct condition *condition, uint64_t mask,
                      bool holds)
{
	unsigned argument = condition->argument;
	diagram no = diagram_leaf(store, !holds);
	diagram low = diagram_where(store, word_of_argument(argument, false), (uint32_t)mask,
	                            (uint32_t)condition->value, diagram_leaf(store, holds), no);

	if (condition->is_32bit)
		return low;
	return diagram_where(store, word_of_argument(argument, true), (uint32_t)(mask >> 32),
	                     (uint32_t)(condition->value >> 32), low, no);
}

diagram meaning_of_condition(struct diagrams *store, const struct condition *condition)
{
	switch (condition->operator) {
	case CONDITION_IS:
		return masked(store, condition, UINT64_MAX, true);
	case CONDITION_NOT:
		return masked(store, condition, UINT64_MAX, false);
	case CONDITION_BELOW:
		return diagram_not(store, at_least(store, condition, condition->value));
	case CONDITION_ABOVE:
		return above(store, condition);
	case CONDITION_AT_LEAST:
		return at_least(store, condition, condition->value);
	case CONDITION_AT_MOST:
		return diagram_not(store, above(store, condition));
	case CONDITION_MASKED:
		return masked(store, condition, condition->mask, true);
	case CONDITION_MASKED_NOT:
		return masked(store, condition, condition->mask, false);
	default:
		abort();
	}
}

diagram meaning_of_rule(struct diagrams *store, const struct filter_rule *rule)
{
	diagram result = diagram_leaf(store, 1);

	for (size_t i = rule->count; i-- > 0;)
		result = diagram_and(store, meaning_of_condition(store, &rule->conditions[i]),
		                     result);
	return result;
}

/* ---- the table ---- */

static diagram answer(struct diagrams *store, struct decision decision)
{
	return diagram_leaf(store, meaning_canonical(decision_to_seccomp(decision)));
}

static bool same_condition(const struct condition *a, const struct condition *b)
{
	return a->argument == b->argument && a->is_32bit == b->is_32bit &&
	       a->operator== b->operator&& a->value == b->value && a->mask == b->mask;
}

/* The rules that `first` begins, as long as they end in the same condition. */
static size_t run_of_rules(const struct filter_rule *first, size_t most, size_t conditions)
{
	size_t count = 1;

	while (count < most && same_condition(&first[count].conditions[conditions - 1],
	                                      &first->conditions[conditions - 1]))
		count++;
	return count;
}

/* Whether some rules say by their first `conditions` what as many behind them say. */
static bool comes_again(const struct filter_rule *rules, size_t count, size_t conditions)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < conditions; j++)
			if (!same_condition(&rules[i].conditions[j],
			                    &rules[i + count].conditions[j]))
				return false;
	return true;
}

/* Where any of some rules holds, by their first `conditions`. Lists of values in a profile are a
 * row of rules that end alike, and as many that are the same but for their end: what they share is
 * asked once. */
static diagram any_of(struct diagrams *store, const struct filter_rule *rules, size_t count,
                      size_t conditions)
{
	diagram result = diagram_leaf(store, 0), ends = result;

	if (conditions == 0)
		return diagram_leaf(store, 1);
	for (size_t low = 0, length; low < count; low += length) {
		const struct condition *last = &rules[low].conditions[conditions - 1];

		length = run_of_rules(rules + low, count - low, conditions);
		ends = diagram_or(store, ends, meaning_of_condition(store, last));
		if (low + 2 * length <= count &&
		    run_of_rules(rules + low + length, count - low - length, conditions) ==
		            length &&
		    comes_again(rules + low, length, conditions - 1))
			continue;
		result =
		        diagram_or(store, result,
		                   diagram_and(store, ends,
		                               any_of(store, rules + low, length, conditions - 1)));
		ends = diagram_leaf(store, 0);
	}
	return result;
}

/* How many of the last `count` rules say the same, under equally many conditions. */
static size_t alike(const struct filter_rule *rules, size_t count)
{
	const struct filter_rule *last = &rules[count - 1];
	size_t length = 1;

	for (; length < count && last->count <= SHARED_MAX; length++) {
		const struct filter_rule *before = &rules[count - 1 - length];

		if (before->count != last->count ||
		    !segment_same_decision(before->decision, last->decision))
			break;
	}
	return length;
}

/* The first rule that holds: from the last to the first. */
static diagram of_call(struct diagrams *store, const struct filter_call *call)
{
	diagram result = answer(store, call->otherwise);

	for (size_t left = call->rule_count, length; left > 0; left -= length) {
		const struct filter_rule *first;
		diagram holds;

		length = alike(call->rules, left);
		first = &call->rules[left - length];
		holds = length == 1 ? meaning_of_rule(store, first)
		                    : any_of(store, first, length, first->count);
		result = diagram_choose(store, holds, answer(store, first->decision), result);
	}
	return result;
}

static diagram of_arch(struct diagrams *store, const struct filter_arch *arch)
{
	_cleanup_free struct segment *rows = malloc((arch->call_count * 2 + 8) * sizeof *rows);
	struct segments segments = { .rows = rows };
	_cleanup_free struct diagram_piece *pieces = NULL;

	if (rows == NULL)
		abort();
	segment_cut(&segments, arch);
	pieces = calloc(segments.count, sizeof *pieces);
	if (pieces == NULL)
		abort();
	for (size_t i = 0; i < segments.count; i++)
		pieces[i] = (struct diagram_piece){ rows[i].first,
			                            rows[i].call != NULL
			                                    ? of_call(store, rows[i].call)
			                                    : answer(store, rows[i].decision) };
	return diagram_pieces(store, WORD_NUMBER, pieces, segments.count);
}

diagram meaning_of_table(struct diagrams *store, const struct filter_table *table)
{
	diagram result = answer(store, table->foreign);

	for (size_t i = table->arch_count; i-- > 0;) {
		const struct filter_arch *arch = &table->archs[i];

		result = diagram_choose(store,
		                        diagram_masked(store, WORD_ARCH, UINT32_MAX, arch->audit),
		                        of_arch(store, arch), result);
	}
	return result;
}

int meaning_init(struct table_meaning *ret, const struct filter_table *table, struct error *err)
{
	struct table_meaning meaning = {
		.store = diagrams_new(DIAGRAM_NODES_MAX),
		.big_endian =
		        table->arch_count > 0 && (table->archs[0].audit & __AUDIT_ARCH_LE) == 0,
	};

	meaning.node = meaning_of_table(meaning.store, table);
	if (diagrams_check(meaning.store, err) < 0) {
		meaning_done(&meaning);
		return -1;
	}
	*ret = meaning;
	return 0;
}

void meaning_done(struct table_meaning *meaning)
{
	diagrams_free(meaning->store);
	meaning->store = NULL;
}

diagram meaning_of_call(struct diagrams *store, diagram policy, uint32_t audit, uint32_t number)
{
	return diagram_given(store, diagram_given(store, policy, WORD_ARCH, audit), WORD_NUMBER,
	                     number);
}

/* ---- actions ---- */

static uint32_t permits(uint32_t action, uint32_t unused)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	(void)unused;
	return kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG;
}

diagram meaning_permits(struct diagrams *store, diagram policy)
{
	return diagram_join(store, permits, policy, diagram_leaf(store, 0));
}

/* The kernel takes the lowest, as signed numbers: so KILL_PROCESS comes first
 * (kernel/seccomp.c, ACTION_ONLY and seccomp_run_filters). */
uint32_t meaning_stricter(uint32_t a, uint32_t b)
{
	int32_t left = (int32_t)(a & SECCOMP_RET_ACTION_FULL);
	int32_t right = (int32_t)(b & SECCOMP_RET_ACTION_FULL);

	return right < left ? b : a;
}

uint32_t meaning_canonical(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL, data = action & SECCOMP_RET_DATA;

	switch (kind) {
	case SECCOMP_RET_ERRNO:
		return kind | (data > ERRNO_MAX ? (uint32_t)ERRNO_MAX : data);
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		return kind | data;
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_KILL_THREAD:
		return kind;
	default: /* what the kernel does not know kills the process, as KILL_PROCESS does */
		return SECCOMP_RET_KILL_PROCESS;
	}
}
