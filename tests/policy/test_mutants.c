/*
 * Every change of one instruction of real filters: the checker refuses it, or the prover finds a
 * call on which it differs from the policy, which the interpreter confirms, or proves it equal,
 * with a reason and a sample of calls on which it is.
 *
 * Changed are: the operation, to every other that there is; a constant, by one up and down and in
 * every bit; an offset, by one up and down, and the two of a jump swapped; a returned action, to
 * every other that the program returns. CORDON_MUTANTS says that of how many one is tried (1: all);
 * docs/proof.md has what that found.
 */
#include "policy/emit.h"
#include "policy/program.h"
#include "policy/prove.h"
#include "tests/policy/shipped.h"
#include "tests/support/random_program.h"
#include "tests/support/random_table.h"

#include "sandbox/base/cleanup.h"

#include <linux/seccomp.h>

enum {
	CAPABILITIES = 0x800405fb, /* podman's default */
	USUAL_STRIDE = 149,
	SAMPLES = 200,
	RETURNS_MAX = 32,
	NODES_KEPT = 1 << 17, /* a store is given up then for a new one */
};

static const struct {
	const char *path;
	enum arch arch;
} filters[] = {
	{ CORDON_PROFILES "/default.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/strict.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/nginx.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/redis.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/postgres.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/python.json", ARCH_X86_64 },
	{ CORDON_PROFILES "/default.json", ARCH_AARCH64 },
	{ CORDON_PROFILES "/nginx.json", ARCH_AARCH64 },
	{ CORDON_PROFILES "/postgres.json", ARCH_AARCH64 },
	{ "/usr/share/containers/seccomp.json", ARCH_X86_64 },
};

/* What became of a mutant. */
enum fate {
	FATE_REFUSED,
	FATE_CAUGHT,
	FATE_SAMPLED,   /* too entangled for the prover; a random call tells */
	FATE_UNREACHED, /* equal: no input comes to the instruction */
	FATE_IGNORED,   /* the kernel does not look at what was changed of the action */
	FATE_ELSEWHERE, /* a jump to another place that answers the same, or one that is not taken
	                 */
	FATE_NO_INPUT,  /* another test, and no input that comes there tells it from the old one */
	FATE_UNREAD, /* another value, and nobody reads it, or no test tells it from the old one */
	FATE_UNDECIDED, /* too entangled for the prover */
	FATES,
};

static const char *const fate_names[] = {
	[FATE_REFUSED] = "refused by the checker",
	[FATE_CAUGHT] = "caught by the prover's call",
	[FATE_SAMPLED] = "not decided by the prover, caught by a random call",
	[FATE_UNREACHED] = "equal: never reached",
	[FATE_IGNORED] = "equal: data the kernel ignores",
	[FATE_ELSEWHERE] = "equal: another place with the same answer",
	[FATE_NO_INPUT] = "equal: no input tells the tests apart",
	[FATE_UNREAD] = "equal: no test tells the values apart",
	[FATE_UNDECIDED] = "not decided",
};
_Static_assert(ARRAY_SIZE(fate_names) == FATES, "a name a fate");

struct trial {
	struct filter_table table;
	struct plan_filter filter, mutant;
	struct sock_filter *copy; /* the mutant's */
	struct diagrams *store;
	diagram wanted;
	bool reached; /* the instruction that is changed */
	uint32_t returns[RETURNS_MAX];
	size_t return_count;
	struct random random;
	size_t next, stride;
	unsigned fates[FATES];
};

/* ---- one mutant ---- */

static void renew_store(struct trial *trial)
{
	struct error err;

	if (trial->store != NULL && diagrams_count(trial->store) < NODES_KEPT &&
	    diagrams_check(trial->store, &err) == 0)
		return;
	diagrams_free(trial->store);
	trial->store = diagrams_new(DIAGRAM_NODES_MAX);
	trial->wanted = meaning_of_table(trial->store, &trial->table);
	assert_int_equal(diagrams_check(trial->store, &err), 0);
}

static uint32_t policy_says(const struct trial *trial, const struct call_sample *sample)
{
	return meaning_canonical(decision_to_seccomp(filter_decide(&trial->table, sample)));
}

static uint32_t mutant_says(const struct trial *trial, const struct call_sample *sample)
{
	return meaning_canonical(bpf_run(trial->mutant.instructions, sample, NULL));
}

static void confirm_caught(const struct trial *trial, diagram got)
{
	struct call_sample witness;
	uint32_t says;

	assert_true(diagram_witness(trial->store, trial->wanted, got, &witness));
	says = mutant_says(trial, &witness);
	assert_int_equal(says, diagram_value(trial->store, got, &witness));
	assert_int_not_equal(says, policy_says(trial, &witness));
	assert_int_not_equal(says, meaning_canonical(
	                                   bpf_run(trial->filter.instructions, &witness, NULL)));
}

/* Calls of the policy, and those whose words are near the constants of the change. */
static void confirm_equal(struct trial *trial, const struct sock_filter *old,
                          const struct sock_filter *new)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		struct call_sample sample;
		uint32_t near = (random_below(&trial->random, 2) ? old : new)->k +
		                random_below(&trial->random, 3) - 1;

		random_sample(&sample, &trial->random, &trial->table);
		if (i % 4 == 0)
			sample.number = near;
		else if (i % 4 == 1)
			sample.arguments[random_below(&trial->random, 6)] = near;
		assert_int_equal(policy_says(trial, &sample), mutant_says(trial, &sample));
	}
}

static enum fate reason_of(const struct trial *trial, const struct sock_filter *old,
                           const struct sock_filter *new)
{
	if (!trial->reached)
		return FATE_UNREACHED;
	if (BPF_CLASS(old->code) == BPF_RET)
		return FATE_IGNORED;
	if (BPF_CLASS(old->code) != BPF_JMP)
		return FATE_UNREAD;
	return old->code == new->code && old->k == new->k ? FATE_ELSEWHERE : FATE_NO_INPUT;
}

static bool differs(const struct trial *trial, const struct call_sample *sample)
{
	return policy_says(trial, sample) != mutant_says(trial, sample);
}

/* A constant as every word there is: the architecture, the number, halves of the arguments of
 * every call with rules. */
static bool differs_at(const struct trial *trial, const struct filter_arch *arch, uint32_t constant)
{
	struct call_sample sample = { .audit = constant };

	if (differs(trial, &sample))
		return true;
	sample = (struct call_sample){ .audit = arch->audit, .number = constant };
	if (differs(trial, &sample))
		return true;
	for (size_t i = 0; i < arch->call_count; i++)
		for (unsigned j = 0; arch->calls[i].rule_count > 0 && j < 12; j++) {
			sample = (struct call_sample){ .audit = arch->audit,
				                       .number = arch->calls[i].number };
			sample.arguments[j / 2] = (uint64_t)constant << (j % 2 == 0 ? 0 : 32);
			if (differs(trial, &sample))
				return true;
		}
	return false;
}

/* The constants of the program and their neighbours (actions too: a register may be returned). */
static bool differs_near(const struct trial *trial)
{
	for (size_t i = 0; i < trial->table.arch_count; i++)
		for (size_t j = 0; j < 3 * trial->filter.count; j++)
			if (differs_at(trial, &trial->table.archs[i],
			               trial->filter.instructions[j / 3].k + (uint32_t)(j % 3) - 1))
				return true;
	return false;
}

/* A call that a rule holds for. */
static bool differs_in_rule(struct trial *trial, const struct filter_arch *arch,
                            const struct filter_call *call, const struct filter_rule *rule)
{
	struct call_sample sample = {};

	if (!diagram_example(trial->store, meaning_of_rule(trial->store, rule), &sample))
		return false;
	sample.audit = arch->audit;
	sample.number = call->number;
	return differs(trial, &sample);
}

static bool differs_in_rules(struct trial *trial)
{
	renew_store(trial);
	for (size_t i = 0; i < trial->table.arch_count; i++) {
		const struct filter_arch *arch = &trial->table.archs[i];

		for (size_t j = 0; j < arch->call_count; j++)
			for (size_t k = 0; k < arch->calls[j].rule_count; k++)
				if (differs_in_rule(trial, arch, &arch->calls[j],
				                    &arch->calls[j].rules[k]))
					return true;
	}
	return false;
}

/* What the prover gives up (a product or a quotient) is wrong for nearly all calls. */
static enum fate sample_undecided(struct trial *trial)
{
	if (differs_near(trial) || differs_in_rules(trial))
		return FATE_SAMPLED;
	for (unsigned i = 0; i < 10 * SAMPLES; i++) {
		struct call_sample sample;

		random_sample(&sample, &trial->random, &trial->table);
		if (policy_says(trial, &sample) != mutant_says(trial, &sample))
			return FATE_SAMPLED;
	}
	return FATE_UNDECIDED;
}

/* With a new store where the old one has seen too much. */
static bool prove(struct trial *trial, diagram *got)
{
	struct error err;

	renew_store(trial);
	if (prove_program(got, trial->store, &trial->mutant, false, &err) == 0)
		return true;
	renew_store(trial);
	return prove_program(got, trial->store, &trial->mutant, false, &err) == 0;
}

static void try_mutant(struct trial *trial, size_t place)
{
	const struct sock_filter *old = &trial->filter.instructions[place];
	const struct sock_filter *new = &trial->copy[place];
	enum fate fate = FATE_REFUSED;
	struct error err;
	diagram got;

	if (trial->next++ % trial->stride != 0)
		return;
	if (program_check(&trial->mutant, &err) < 0) {
		/* the second checker does not look at memory */
		assert_true(strstr(err.text, "reads memory") != NULL ||
		            !bpf_is_valid(trial->copy, trial->mutant.count));
	} else if (!prove(trial, &got)) {
		fate = sample_undecided(trial);
		if (fate == FATE_UNDECIDED)
			print_message(
			        "# not decided: instruction %zu, %#x %u %u %#x for %#x %u %u %#x\n",
			        place, new->code, new->jt, new->jf, new->k, old->code, old->jt,
			        old->jf, old->k);
	} else if (got != trial->wanted) {
		confirm_caught(trial, got);
		fate = FATE_CAUGHT;
	} else {
		confirm_equal(trial, old, new);
		fate = reason_of(trial, old, new);
	}
	trial->fates[fate]++;
}

/* ---- all of an instruction ---- */

static bool uses_constant(uint16_t code)
{
	switch (BPF_CLASS(code)) {
	case BPF_ALU:
		return BPF_OP(code) != BPF_NEG && (code & BPF_X) == 0;
	case BPF_JMP:
		return BPF_OP(code) == BPF_JA || (code & BPF_X) == 0;
	case BPF_RET:
		return BPF_RVAL(code) == BPF_K;
	default:
		return BPF_CLASS(code) != BPF_MISC;
	}
}

static void change_operation(struct trial *trial, size_t place, struct sock_filter *at)
{
	for (size_t i = 0; i < program_code_count; i++) {
		if (program_codes[i] == at->code)
			continue;
		trial->copy[place].code = program_codes[i];
		try_mutant(trial, place);
	}
	trial->copy[place] = *at;
}

static void change_constant(struct trial *trial, size_t place, struct sock_filter *at)
{
	for (unsigned way = 0; way < 34; way++) {
		trial->copy[place].k = way < 32 ? at->k ^ UINT32_C(1) << way : at->k + way * 2 - 65;
		try_mutant(trial, place);
	}
	for (size_t i = 0; i < trial->return_count; i++) {
		trial->copy[place].k = trial->returns[i];
		if (BPF_CLASS(at->code) == BPF_RET && at->k != trial->returns[i])
			try_mutant(trial, place);
	}
	trial->copy[place] = *at;
}

static void change_offsets(struct trial *trial, size_t place, struct sock_filter *at)
{
	const uint8_t pairs[][2] = { { (uint8_t)(at->jt + 1), at->jf },
		                     { (uint8_t)(at->jt - 1), at->jf },
		                     { at->jt, (uint8_t)(at->jf + 1) },
		                     { at->jt, (uint8_t)(at->jf - 1) },
		                     { at->jf, at->jt } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		trial->copy[place].jt = pairs[i][0];
		trial->copy[place].jf = pairs[i][1];
		if (pairs[i][0] != at->jt || pairs[i][1] != at->jf)
			try_mutant(trial, place);
	}
	trial->copy[place] = *at;
}

/* Whether any input comes to an instruction: an answer that no policy gives, put there, is seen. */
static bool is_reached(struct trial *trial, size_t place)
{
	struct sock_filter kept = trial->copy[place];
	diagram got;

	renew_store(trial);
	trial->copy[place] =
	        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 4242);
	assert_true(prove(trial, &got));
	trial->copy[place] = kept;
	return got != trial->wanted;
}

static void note_returns(struct trial *trial)
{
	for (size_t i = 0; i < trial->filter.count; i++) {
		const struct sock_filter *at = &trial->filter.instructions[i];
		size_t j = 0;

		while (j < trial->return_count && trial->returns[j] != at->k)
			j++;
		if (at->code != (BPF_RET | BPF_K) || j < trial->return_count)
			continue;
		assert_true(trial->return_count < RETURNS_MAX);
		trial->returns[trial->return_count++] = at->k;
	}
}

/* ---- all ---- */

static void try_filter(struct trial *trial)
{
	_cleanup_arena struct arena arena = {};
	size_t size = trial->filter.count * sizeof *trial->copy;
	unsigned unreached = 0;

	trial->copy = arena_copy(&arena, trial->filter.instructions, size);
	trial->mutant =
	        (struct plan_filter){ .instructions = trial->copy, .count = trial->filter.count };
	trial->return_count = 0;
	note_returns(trial);
	for (size_t i = 0; i < trial->filter.count; i++) {
		struct sock_filter at = trial->copy[i];

		trial->reached = is_reached(trial, i);
		unreached += !trial->reached;
		change_operation(trial, i, &at);
		if (uses_constant(at.code))
			change_constant(trial, i, &at);
		if (BPF_CLASS(at.code) == BPF_JMP && BPF_OP(at.code) != BPF_JA)
			change_offsets(trial, i, &at);
	}
	/* cordon's own programs have no dead code */
	assert_int_equal(unreached, 0);
}

static void test_mutants(void **state)
{
	const char *given = getenv("CORDON_MUTANTS");
	struct trial trial = { .random = { 47 }, .stride = USUAL_STRIDE };
	unsigned tried = 0;

	(void)state;
	if (given != NULL && atoi(given) > 0)
		trial.stride = (size_t)atoi(given);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		_cleanup_arena struct arena arena = {};
		struct policy *policy = shipped_parse(&arena, filters[i].path, false);
		struct error err = {};

		if (policy == NULL)
			continue; /* podman's file is not installed */
		if (policy_filter_table(&trial.table, &arena, policy, filters[i].arch, 6 << 16 | 12,
		                        CAPABILITIES, &err) < 0 ||
		    filter_emit(&trial.filter, &arena, &trial.table, &err) < 0)
			fail_msg("%s: %s", filters[i].path, err.text);
		try_filter(&trial);
		diagrams_free(trial.store);
		trial.store = NULL;
		print_message("# %s for %s: %zu instructions, %zu mutants so far\n",
		              filters[i].path, arch_name(filters[i].arch), trial.filter.count,
		              trial.next);
	}
	for (unsigned i = 0; i < FATES; i++)
		tried += trial.fates[i];
	for (unsigned i = 0; i < FATES; i++)
		print_message("# %7u of %u mutants %s\n", trial.fates[i], tried, fate_names[i]);
	assert_true(trial.fates[FATE_CAUGHT] > tried / 2);
	assert_int_equal(trial.fates[FATE_UNDECIDED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
