/*
 * What libseccomp's generator makes of random sets of rules, read by the prover and compared with
 * what the rules say, over all arguments: the second opinion on the prover, and the reason why
 * cordon has an emitter of its own. Every set that it gets wrong is shown by a call that the
 * interpreter runs. CORDON_RULE_SETS is how many sets, CORDON_SECONDS the most seconds;
 * docs/proof.md has what a long run found.
 *
 * What the rules say: a call gets the decision of a rule that holds (of any, where several do: the
 * manual leaves the order open, seccomp_rule_add(3)), and the default only where none does. So a
 * difference never is a matter of taste.
 */
#include "policy/meaning.h"
#include "policy/program.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/support/bpf.h"
#include "tests/support/their_calls.h"
#include "tests/support/their_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

enum {
	USUAL_SETS = 150,
	WITNESSES = 3, /* printed, a kind */
};

struct trial {
	struct their_slot *slot;
	bool tree; /* SCMP_FLTATR_CTL_OPTIMIZE 2: a binary tree of numbers */
	const struct their_world *world;
	enum arch arch;      /* of the witness */
	enum outcome wanted; /* for shrinking */
	struct call_sample witness;
	uint32_t got;
};

enum { X32_BIT = 0x40000000 };

/* ---- what the rules say ---- */

static uint32_t are_equal(uint32_t a, uint32_t b)
{
	return a == b;
}

/* Where a rule with that action holds; for the default's also where no rule does. */
static diagram may_be(struct diagrams *store, const struct rule_set *set, uint32_t action)
{
	diagram may = diagram_leaf(store, 0), none = diagram_leaf(store, 1);

	for (size_t i = 0; i < set->count; i++) {
		diagram own = diagram_masked(store, WORD_NUMBER, UINT32_MAX, set->calls[i].number);

		for (size_t j = 0; j < set->calls[i].count; j++) {
			const struct set_rule *from = &set->calls[i].rules[j];
			const struct filter_rule rule = {
				from->conditions, from->count, from->decision, {}
			};
			diagram holds = diagram_and(store, own, meaning_of_rule(store, &rule));

			none = diagram_and(store, none, diagram_not(store, holds));
			if (decision_to_seccomp(rule.decision) == action)
				may = diagram_or(store, may, holds);
		}
	}
	return decision_to_seccomp(set->usual) == action ? diagram_or(store, may, none) : may;
}

/* Where the program answers something that no rule gives it leave to: any action in `among`. */
static diagram wrong_among(struct diagrams *store, const struct rule_set *set, diagram theirs,
                           bool (*among)(uint32_t action))
{
	diagram wrong = diagram_leaf(store, 0);
	const struct set_rule usual = { .decision = set->usual };

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j <= set->calls[i].count; j++) {
			const struct set_rule *rule =
			        j == set->calls[i].count ? &usual : &set->calls[i].rules[j];
			uint32_t action = decision_to_seccomp(rule->decision);
			diagram is;

			if (!among(action))
				continue;
			is = diagram_join(store, are_equal, theirs,
			                  diagram_leaf(store, meaning_canonical(action)));
			wrong = diagram_or(store, wrong,
			                   diagram_and(store, is,
			                               diagram_not(store,
			                                           may_be(store, set, action))));
		}
	return wrong;
}

static bool permits(uint32_t action)
{
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static bool refuses(uint32_t action)
{
	return !permits(action);
}

/* The numbers of one architecture: x32 shares its word with x86_64. */
static diagram numbers_of(struct diagrams *store, enum arch arch)
{
	diagram low = diagram_not(store, diagram_at_least(store, WORD_NUMBER, X32_BIT));

	return arch != ARCH_X32
	               ? low
	               : diagram_and(store, diagram_at_least(store, WORD_NUMBER, X32_BIT),
	                             diagram_not(store, diagram_at_least(store, WORD_NUMBER,
	                                                                 2u * X32_BIT)));
}

/* A program answers by its rules' actions and the default alone (but for foreign words). */
static enum outcome judge_arch(struct trial *trial, const struct rule_set *set)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(1 << 18);
	const struct plan_filter filter = { .instructions = trial->slot->program,
		                            .count = trial->slot->count };
	diagram theirs, wide, narrow, other, permitted;
	struct error err;

	if (prove_program(&theirs, store, &filter, trial->arch == ARCH_S390X, &err) < 0)
		fail_msg("libseccomp's program: %s", err.text);
	theirs = diagram_given(store, theirs, WORD_ARCH, arch_audit(trial->arch));
	permitted = numbers_of(store, trial->arch);
	wide = diagram_and(store, permitted, wrong_among(store, set, theirs, permits));
	other = diagram_and(store, permitted, wrong_among(store, set, theirs, refuses));
	permitted = diagram_or(store, may_be(store, set, SECCOMP_RET_ALLOW),
	                       may_be(store, set, SECCOMP_RET_LOG));
	narrow = diagram_and(store, other, permitted);
	assert_int_equal(diagrams_check(store, &err), 0);
	memset(&trial->witness, 0, sizeof trial->witness);
	if (diagram_example(store, wide, &trial->witness))
		return OUTCOME_WIDE;
	if (diagram_example(store, narrow, &trial->witness))
		return OUTCOME_NARROW;
	return diagram_example(store, other, &trial->witness) ? OUTCOME_OTHER : OUTCOME_RIGHT;
}

static enum outcome judge(struct trial *trial, const struct rule_set *set)
{
	enum outcome outcome = OUTCOME_RIGHT;

	for (size_t i = 0; i < trial->world->count && outcome == OUTCOME_RIGHT; i++) {
		struct rule_set there = *set;

		trial->arch = trial->world->arches[i];
		rule_set_translate(&there, trial->world->arches[0], trial->arch);
		outcome = judge_arch(trial, &there);
	}
	return outcome;
}

/* ---- the witness, by the interpreter and by reading the rules one after the other ---- */

static bool holds(const struct set_rule *rule, uint32_t number, const struct call_sample *sample)
{
	const struct filter_rule one = { rule->conditions, rule->count, { DECISION_ALLOW, 0 }, {} };
	struct filter_call call = { number, &one, 1, { DECISION_ERRNO, 1 } };
	struct filter_arch arch = { .audit = sample->audit,
		                    .calls = &call,
		                    .call_count = 1,
		                    .listed = { DECISION_ERRNO, 1 },
		                    .unknown = { DECISION_ERRNO, 1 } };
	const struct filter_table table = { &arch, 1, { DECISION_ERRNO, 1 } };

	return filter_decide(&table, sample).kind == DECISION_ALLOW;
}

/* The answer is that of no rule that holds, nor the default's for want of one. */
static bool is_wrong(struct trial *trial, const struct rule_set *set,
                     const struct call_sample *sample)
{
	bool any = false;

	trial->got = trial->arch == ARCH_S390X ? bpf_run_big_endian(trial->slot->program, sample)
	                                       : bpf_run(trial->slot->program, sample, NULL);
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->calls[i].count; j++) {
			const struct set_rule *rule = &set->calls[i].rules[j];

			if (!holds(rule, set->calls[i].number, sample))
				continue;
			any = true;
			if (decision_to_seccomp(rule->decision) == trial->got)
				return false;
		}
	return any || trial->got != decision_to_seccomp(set->usual);
}

static void confirm(struct trial *trial, const struct rule_set *set, enum outcome outcome)
{
	struct rule_set there = *set;

	rule_set_translate(&there, trial->world->arches[0], trial->arch);
	trial->witness.audit = arch_audit(trial->arch);
	if (!is_wrong(trial, &there, &trial->witness))
		fail_msg("the witness is none: number %u arg0 %#llx", trial->witness.number,
		         (unsigned long long)trial->witness.arguments[0]);
	assert_int_equal(permits(trial->got), outcome == OUTCOME_WIDE);
}

/* What is called right answers by its rules on calls near their boundaries. */
static void sample_right(struct trial *trial, const struct rule_set *set, struct random *random)
{
	_cleanup_arena struct arena arena = {};
	struct rule_set there = *set;
	struct filter_table table;

	trial->arch = trial->world->arches[random_below(random, (unsigned)trial->world->count)];
	rule_set_translate(&there, trial->world->arches[0], trial->arch);
	rule_set_table(&table, &there, arch_audit(trial->arch), &arena);
	for (unsigned i = 0; i < 100; i++) {
		struct call_sample sample;

		random_sample(&sample, random, &table);
		sample.audit = arch_audit(trial->arch);
		if (trial->arch == ARCH_X32 ? (sample.number >> 30) != 1 : sample.number >= X32_BIT)
			continue;
		if (is_wrong(trial, &there, &sample))
			fail_msg("not found by the prover: number %u", sample.number);
	}
}

static enum outcome examine(struct trial *trial, const struct rule_set *set)
{
	enum outcome outcome = their_filter(trial->slot, set, trial->tree, trial->world);

	if (outcome != OUTCOME_RIGHT)
		return outcome;
	outcome = judge(trial, set);
	if (outcome != OUTCOME_RIGHT)
		confirm(trial, set, outcome);
	return outcome;
}

static bool still_so(void *context, const struct rule_set *set)
{
	struct trial *trial = context;

	return examine(trial, set) == trial->wanted;
}

/* ---- random sets ---- */

struct tally {
	unsigned counts[OUTCOMES];
	unsigned sets, shown[OUTCOMES];
};

static void print_witness(struct text *text, const struct trial *trial)
{
	struct decision got;

	text_printf(text, "\n#     %s: call %u", arch_name(trial->arch), trial->witness.number);
	for (unsigned i = 0; i < 6; i++)
		if (trial->witness.arguments[i] != 0)
			text_printf(text, " arg%u=%#llx", i,
			            (unsigned long long)trial->witness.arguments[i]);
	text_append(text, " gets: ");
	if (decision_from_seccomp(&got, trial->got))
		decision_print(text, got);
}

static void show(struct trial *trial, const struct rule_set *set, enum outcome outcome)
{
	_cleanup_text struct text text = {};
	struct rule_set small = *set;

	trial->wanted = outcome;
	rule_set_shrink(&small, still_so, trial);
	rule_set_print(&text, &small);
	if (outcome != OUTCOME_HANGS) {
		assert_true(still_so(trial, &small)); /* and leaves its witness */
		print_witness(&text, trial);
	}
	print_message("#   %s: %s\n", outcome_names[outcome], text_string(&text));
}

static void print_tally(const char *title, const struct tally *tally)
{
	_cleanup_text struct text version = {};

	their_version(&version);
	print_message("# libseccomp %s, %s: %u sets:", version.data, title, tally->sets);
	for (unsigned i = 0; i < OUTCOMES; i++)
		if (tally->counts[i] > 0)
			print_message(" %s %u (%.2f%%)", outcome_names[i], tally->counts[i],
			              100.0 * tally->counts[i] / tally->sets);
	print_message("\n");
}

static unsigned number_from(const char *name, unsigned usual)
{
	const char *given = getenv(name);

	return given == NULL ? usual : (unsigned)atoi(given);
}

static void try_sets(struct trial *trial, enum rule_set_kind kind, const char *title, unsigned most)
{
	struct random random = { 0x11b5ecc0 }, others = { 43 };
	uint64_t end = io_now() + number_from("CORDON_SECONDS", 2) * UINT64_C(1000000000);
	bool verbose = getenv("CORDON_RULE_SETS") != NULL;
	struct tally tally = {};
	struct their_calls known;

	their_calls(&known, trial->world);
	assert_true(known.count > 150);
	for (; tally.sets < most && io_now() < end; tally.sets++) {
		struct rule_set set;
		enum outcome outcome;

		rule_set_random(&set, &random, kind);
		their_calls_name(&set, &known);
		outcome = examine(trial, &set);
		tally.counts[outcome]++;
		if (outcome == OUTCOME_RIGHT)
			sample_right(trial, &set, &others);
		else if (verbose && outcome != OUTCOME_REFUSED &&
		         tally.shown[outcome]++ < (outcome == OUTCOME_HANGS ? 1 : WITNESSES))
			show(trial, &set, outcome);
	}
	print_tally(title, &tally);
	assert_true(tally.counts[OUTCOME_RIGHT] > 0);
}

static struct trial new_trial(bool tree, const struct their_world *world)
{
	struct their_slot *slot =
	        mmap(NULL, sizeof *slot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(slot != MAP_FAILED);
	return (struct trial){ .slot = slot, .tree = tree, .world = world };
}

static const struct their_world alone = { { ARCH_X86_64 }, 1 };

static void test_random_sets(void **state)
{
	static const struct {
		bool tree;
		enum rule_set_kind kind;
		const char *title;
	} rows[] = {
		{ false, SET_TWO_ANSWERS, "allow or errno, its usual program" },
		{ true, SET_TWO_ANSWERS, "allow or errno, its binary tree" },
		{ false, SET_MANY_ANSWERS, "several actions, its usual program" },
		{ true, SET_MANY_ANSWERS, "several actions, its binary tree" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trial trial = new_trial(rows[i].tree, &alone);

		try_sets(&trial, rows[i].kind, rows[i].title,
		         number_from("CORDON_RULE_SETS", USUAL_SETS));
		munmap(trial.slot, sizeof *trial.slot);
	}
}

/* Every other architecture that both know, of both byte orders, and several in one program. */
static void test_architectures(void **state)
{
	static const struct {
		struct their_world world;
		const char *title;
	} rows[] = {
		{ { { ARCH_I386 }, 1 }, "i386" },
		{ { { ARCH_AARCH64 }, 1 }, "aarch64" },
		{ { { ARCH_ARM }, 1 }, "arm" },
		{ { { ARCH_RISCV64 }, 1 }, "riscv64" },
		{ { { ARCH_PPC64LE }, 1 }, "ppc64le" },
		{ { { ARCH_S390X }, 1 }, "s390x" },
		{ { { ARCH_AARCH64, ARCH_ARM }, 2 }, "aarch64 with arm" },
		{ { { ARCH_X86_64, ARCH_I386, ARCH_X32 }, 3 }, "x86_64 with i386 and x32" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		const size_t row = i / 2;
		struct trial trial = new_trial(i % 2 == 1, &rows[row].world);

		try_sets(&trial, i % 2 == 0 ? SET_TWO_ANSWERS : SET_MANY_ANSWERS, rows[row].title,
		         number_from("CORDON_RULE_SETS", USUAL_SETS) / 5);
		munmap(trial.slot, sizeof *trial.slot);
	}
}

/* ---- sets that are known ---- */

static void test_known_sets(void **state)
{
	const struct condition at_most = { 0, false, CONDITION_AT_MOST, 0x80000000, 0 };
	const struct condition at_least = { 0, false, CONDITION_AT_LEAST, 0x180000001, 0 };
	const struct condition seven = { 0, false, CONDITION_IS, 7, 0 };
	struct rule_set set = {
		.count = 1,
		.calls = { { .number = 32, /* dup */
		             .count = 2,
		             .rules = { { 1, { at_most }, { DECISION_ALLOW, 0 } },
		                        { 1, { at_least }, { DECISION_ALLOW, 0 } } } } },
		.usual = { DECISION_ERRNO, 1 }
	};
	_cleanup_text struct text version = {};
	struct trial trial = new_trial(false, &alone);

	(void)state;
	their_version(&version);
	/* a libseccomp that is mended may be right */
	if (strcmp(version.data, "2.5.4") == 0) {
		assert_int_equal(examine(&trial, &set), OUTCOME_WIDE);
		assert_true(trial.witness.arguments[0] > 0x80000000);
		assert_true(trial.witness.arguments[0] < 0x180000001);
	}
	/* one rule alone is right, and taken for right */
	set.calls[0].count = 1;
	set.calls[0].rules[0].conditions[0] = seven;
	assert_int_equal(examine(&trial, &set), OUTCOME_RIGHT);
	/* a program that is not the rules' is found */
	set.calls[0].rules[0].conditions[0].value = 8;
	assert_int_equal(judge(&trial, &set), OUTCOME_WIDE);
	confirm(&trial, &set, OUTCOME_WIDE);
	assert_int_equal(trial.witness.arguments[0], 7);
	munmap(trial.slot, sizeof *trial.slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sets),
		cmocka_unit_test(test_random_sets),
		cmocka_unit_test(test_architectures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
