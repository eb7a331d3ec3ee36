/*
 * emit: a filter table becomes BPF, written from the end to the beginning.
 *
 * Classic BPF jumps forwards only, so a program that is built backwards knows the place of every
 * target when it is needed. Places here count from the end: `place` 0 is the last instruction; a
 * jump at place p to a target at place t has the offset p - t - 1.
 *
 * The numbers of an architecture are cut into segments of one answer each (a run of allowed calls
 * is one segment), which a balanced tree of JGE finds; a call with conditions is a segment of its
 * own, behind which the rules stand as a chain. Returns and equal chains are shared as far as the
 * 8-bit offsets reach: past that a return is simply written again (one instruction), other targets
 * get a JA.
 *
 * The search reads nr and arch and nothing else, so that the kernel's emulation at load time can
 * prove an unconditional allow constant and puts it into its bitmap (kernel/seccomp.c,
 * seccomp_is_const_allow).
 */
#include "policy/emit.h"

#include "policy/segment.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>

enum { REACH = 255, PROGRAM_MAX = BPF_MAXINSNS };

/* Where code begins; `loaded` skips the load of `word` at its start (0: none there). */
struct chunk {
	size_t place;
	size_t loaded;
	uint32_t word;
};

struct emitter {
	struct sock_filter *program; /* backwards */
	size_t count;
	bool full;
	bool big_endian;
	size_t returns[DECISION_KINDS]; /* place + 1 of the newest return of a kind, 0: none */
	struct decision return_data[DECISION_KINDS];
	const struct filter_call *chains[64]; /* chains written so far, to share */
	size_t chain_places[64];
	size_t chain_count;
};

static size_t put(struct emitter *emitter, struct sock_filter instruction)
{
	if (emitter->count >= PROGRAM_MAX) {
		emitter->full = true;
		emitter->count = 1; /* keeps all places in bounds; the program is thrown away */
	}
	emitter->program[emitter->count] = instruction;
	return emitter->count++;
}

static size_t put_return(struct emitter *emitter, struct decision decision)
{
	size_t known = emitter->returns[decision.kind];

	if (known > 0 && emitter->return_data[decision.kind].data == decision.data &&
	    emitter->count - (known - 1) <= REACH - 4)
		return known - 1;
	known = put(emitter,
	            (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, decision_to_seccomp(decision)));
	emitter->returns[decision.kind] = known + 1;
	emitter->return_data[decision.kind] = decision;
	return known;
}

/* Makes a target reachable from the next instruction (and a second one behind it). */
static size_t reach(struct emitter *emitter, size_t target)
{
	const struct sock_filter *instruction = &emitter->program[target];
	size_t offset = emitter->count - target;

	if (offset <= REACH - 2)
		return target;
	if (instruction->code == (BPF_RET | BPF_K))
		return put(emitter, *instruction);
	return put(emitter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)offset - 1));
}

/* Makes a target the next instruction to be executed by what is written next. */
static void adjoin(struct emitter *emitter, size_t target)
{
	const struct sock_filter *instruction = &emitter->program[target];

	if (target + 1 == emitter->count)
		return;
	if (instruction->code == (BPF_RET | BPF_K))
		put(emitter, *instruction);
	else
		put(emitter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
		                                          (uint32_t)(emitter->count - target) - 1));
}

static size_t put_jump(struct emitter *emitter, uint16_t operation, uint32_t value, size_t yes,
                       size_t no)
{
	yes = reach(emitter, yes);
	no = reach(emitter, no);
	yes = reach(emitter, yes);
	return put(emitter, (struct sock_filter)BPF_JUMP(BPF_JMP | operation | BPF_K, value,
	                                                 (uint8_t)(emitter->count - yes - 1),
	                                                 (uint8_t)(emitter->count - no - 1)));
}

static size_t put_load(struct emitter *emitter, uint32_t word)
{
	return put(emitter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, word));
}

static uint32_t word_of(const struct emitter *emitter, unsigned argument, bool high)
{
	uint32_t base =
	        (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));

	return base + (high != emitter->big_endian ? 4u : 0u);
}

/* ---- one condition ---- */

/* A test of one 32-bit word; `yes` and `no` are places. */
static struct chunk put_word_test(struct emitter *emitter, uint32_t word, uint16_t operation,
                                  uint32_t value, size_t yes, size_t no)
{
	struct chunk chunk = { .word = word };

	chunk.loaded = put_jump(emitter, operation, value, yes, no);
	chunk.place = put_load(emitter, word);
	return chunk;
}

static struct chunk put_masked_test(struct emitter *emitter, uint32_t word, uint32_t mask,
                                    uint32_t value, size_t yes, size_t no)
{
	struct chunk chunk = {};

	if (mask == UINT32_MAX)
		return put_word_test(emitter, word, BPF_JEQ, value, yes, no);
	if (value == 0)
		return put_word_test(emitter, word, BPF_JSET, mask, no, yes);
	put_jump(emitter, BPF_JEQ, value, yes, no);
	put(emitter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
	chunk.place = put_load(emitter, word);
	return chunk;
}

static struct chunk put_narrow(struct emitter *emitter, const struct condition *condition,
                               size_t yes, size_t no)
{
	uint32_t word = word_of(emitter, condition->argument, false);
	uint32_t value = (uint32_t)condition->value, mask = (uint32_t)condition->mask;

	switch (condition->operator) {
	case CONDITION_IS:
		return put_word_test(emitter, word, BPF_JEQ, value, yes, no);
	case CONDITION_NOT:
		return put_word_test(emitter, word, BPF_JEQ, value, no, yes);
	case CONDITION_BELOW:
		return put_word_test(emitter, word, BPF_JGE, value, no, yes);
	case CONDITION_ABOVE:
		return put_word_test(emitter, word, BPF_JGT, value, yes, no);
	case CONDITION_AT_LEAST:
		return put_word_test(emitter, word, BPF_JGE, value, yes, no);
	case CONDITION_AT_MOST:
		return put_word_test(emitter, word, BPF_JGT, value, no, yes);
	case CONDITION_MASKED:
		return put_masked_test(emitter, word, mask, value, yes, no);
	default:
		return put_masked_test(emitter, word, mask, value, no, yes);
	}
}

/* hi > v: `above`, hi < v: `under`, hi == v: the low word decides. */
static struct chunk put_wide_order(struct emitter *emitter, const struct condition *condition,
                                   uint16_t low_operation, const size_t outcome[4])
{
	uint32_t high = (uint32_t)(condition->value >> 32), low = (uint32_t)condition->value;
	size_t above = outcome[0], under = outcome[1], low_yes = outcome[2], low_no = outcome[3];
	struct chunk chunk = { .word = word_of(emitter, condition->argument, true) };
	struct chunk rest = put_word_test(emitter, word_of(emitter, condition->argument, false),
	                                  low_operation, low, low_yes, low_no);
	size_t equal = put_jump(emitter, BPF_JEQ, high, rest.place, under);

	chunk.loaded = put_jump(emitter, BPF_JGT, high, above, equal);
	chunk.place = put_load(emitter, chunk.word);
	return chunk;
}

static struct chunk put_wide_masked(struct emitter *emitter, const struct condition *condition,
                                    uint64_t mask, size_t yes, size_t no)
{
	uint32_t high_mask = (uint32_t)(mask >> 32), high = (uint32_t)(condition->value >> 32);
	struct chunk rest = put_masked_test(emitter, word_of(emitter, condition->argument, false),
	                                    (uint32_t)mask, (uint32_t)condition->value, yes, no);

	if (high_mask == 0 && high == 0)
		return rest;
	return put_masked_test(emitter, word_of(emitter, condition->argument, true), high_mask,
	                       high, rest.place, no);
}

static struct chunk put_wide(struct emitter *emitter, const struct condition *condition, size_t yes,
                             size_t no)
{
	switch (condition->operator) {
	case CONDITION_IS:
		return put_wide_masked(emitter, condition, UINT64_MAX, yes, no);
	case CONDITION_NOT:
		return put_wide_masked(emitter, condition, UINT64_MAX, no, yes);
	case CONDITION_BELOW:
		return put_wide_order(emitter, condition, BPF_JGE, (size_t[]){ no, yes, no, yes });
	case CONDITION_ABOVE:
		return put_wide_order(emitter, condition, BPF_JGT, (size_t[]){ yes, no, yes, no });
	case CONDITION_AT_LEAST:
		return put_wide_order(emitter, condition, BPF_JGE, (size_t[]){ yes, no, yes, no });
	case CONDITION_AT_MOST:
		return put_wide_order(emitter, condition, BPF_JGT, (size_t[]){ no, yes, no, yes });
	case CONDITION_MASKED:
		return put_wide_masked(emitter, condition, condition->mask, yes, no);
	default:
		return put_wide_masked(emitter, condition, condition->mask, no, yes);
	}
}

/* ---- chains of rules ---- */

static bool leaves_word(const struct condition *condition)
{
	bool masked = condition->operator== CONDITION_MASKED || condition->operator==
	              CONDITION_MASKED_NOT;

	return condition->is_32bit && (!masked || (uint32_t)condition->value == 0);
}

/* Where a failing rule goes on: behind the load of the next one, when the word is there already. */
static size_t next_rule(const struct emitter *emitter, const struct filter_rule *rule,
                        const struct chunk *next)
{
	if (rule->count == 1 && next->word != 0 && leaves_word(&rule->conditions[0]) &&
	    word_of(emitter, rule->conditions[0].argument, false) == next->word)
		return next->loaded;
	return next->place;
}

static struct chunk put_rule(struct emitter *emitter, const struct filter_rule *rule,
                             const struct chunk *next)
{
	struct chunk chunk = { .place = put_return(emitter, rule->decision) };
	size_t no = next_rule(emitter, rule, next);

	for (size_t i = rule->count; i-- > 0;) {
		const struct condition *condition = &rule->conditions[i];

		chunk = condition->is_32bit ? put_narrow(emitter, condition, chunk.place, no)
		                            : put_wide(emitter, condition, chunk.place, no);
	}
	return chunk;
}

static bool same_condition(const struct condition *a, const struct condition *b)
{
	return a->argument == b->argument && a->is_32bit == b->is_32bit &&
	       a->operator== b->operator&& a->value == b->value && a->mask == b->mask;
}

static bool same_chain(const struct filter_call *a, const struct filter_call *b)
{
	if (a->rule_count != b->rule_count || !segment_same_decision(a->otherwise, b->otherwise))
		return false;
	for (size_t i = 0; i < a->rule_count; i++) {
		if (a->rules[i].count != b->rules[i].count ||
		    !segment_same_decision(a->rules[i].decision, b->rules[i].decision))
			return false;
		for (size_t j = 0; j < a->rules[i].count; j++)
			if (!same_condition(&a->rules[i].conditions[j], &b->rules[i].conditions[j]))
				return false;
	}
	return true;
}

static size_t put_call(struct emitter *emitter, const struct filter_call *call)
{
	struct chunk chunk;

	for (size_t i = emitter->chain_count; i-- > 0;)
		if (same_chain(emitter->chains[i], call))
			return emitter->chain_places[i];
	chunk = (struct chunk){ .place = put_return(emitter, call->otherwise) };
	for (size_t i = call->rule_count; i-- > 0;)
		chunk = put_rule(emitter, &call->rules[i], &chunk);
	if (emitter->chain_count < ARRAY_SIZE(emitter->chains)) {
		emitter->chains[emitter->chain_count] = call;
		emitter->chain_places[emitter->chain_count++] = chunk.place;
	}
	return chunk.place;
}

/* ---- the whole ---- */

static size_t put_tree(struct emitter *emitter, const struct segment *rows, size_t count)
{
	size_t middle = count / 2, low, high;

	if (count == 1)
		return rows->call != NULL ? put_call(emitter, rows->call)
		                          : put_return(emitter, rows->decision);
	high = put_tree(emitter, rows + middle, count - middle);
	low = put_tree(emitter, rows, middle);
	return put_jump(emitter, BPF_JGE, rows[middle].first, high, low);
}

static size_t put_arch(struct emitter *emitter, const struct filter_arch *arch)
{
	_cleanup_free struct segment *rows = calloc(arch->call_count * 2 + 8, sizeof *rows);
	struct segments segments = { .rows = rows };

	if (rows == NULL)
		abort();
	emitter->big_endian = (arch->audit & __AUDIT_ARCH_LE) == 0;
	emitter->chain_count = 0;
	segment_cut(&segments, arch);
	adjoin(emitter, put_tree(emitter, segments.rows, segments.count));
	return put_load(emitter, (uint32_t)offsetof(struct seccomp_data, nr));
}

int filter_emit(struct plan_filter *ret, struct arena *arena, const struct filter_table *table,
                struct error *err)
{
	_cleanup_free struct sock_filter *program = calloc(PROGRAM_MAX + 8, sizeof *program);
	struct emitter emitter = { .program = program };
	struct sock_filter *forwards;
	size_t next;

	if (program == NULL)
		abort();
	next = put_return(&emitter, table->foreign);
	for (size_t i = table->arch_count; i-- > 0;) {
		size_t start = put_arch(&emitter, &table->archs[i]);

		next = put_jump(&emitter, BPF_JEQ, table->archs[i].audit, start, next);
	}
	adjoin(&emitter, next);
	put_load(&emitter, (uint32_t)offsetof(struct seccomp_data, arch));
	if (emitter.full || emitter.count > BPF_MAXINSNS) {
		error_set(
		        err, 0,
		        "the filter needs more than %d instructions, which is all the kernel takes",
		        BPF_MAXINSNS);
		return error_hint(err, "use fewer rules with conditions, or groups without them");
	}
	forwards = arena_array(arena, emitter.count, sizeof *forwards);
	for (size_t i = 0; i < emitter.count; i++)
		forwards[i] = program[emitter.count - 1 - i];
	*ret = (struct plan_filter){ .instructions = forwards, .count = emitter.count };
	return 0;
}
