/*
 * The prover, which is believed by everyone else: against what emit makes of random tables, against
 * every change of one instruction, against random programs of all instructions, and its checker
 * against a second one.
 */
#include "policy/prove.h"

#include "policy/emit.h"
#include "policy/program.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/bpf.h"
#include "tests/support/random_program.h"
#include "tests/support/random_table.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static unsigned rounds(unsigned usual)
{
	const char *given = getenv("CORDON_ROUNDS");

	return given == NULL ? usual : (unsigned)atoi(given) * 10;
}

static uint32_t answer_of_table(const struct filter_table *table, const struct call_sample *sample)
{
	return meaning_canonical(decision_to_seccomp(filter_decide(table, sample)));
}

static uint32_t answer_of_program(const struct plan_filter *filter,
                                  const struct call_sample *sample)
{
	return meaning_canonical(bpf_run(filter->instructions, sample, NULL));
}

/* The meaning of a table is what filter_decide says. */
static void test_meaning(void **state)
{
	struct random random = { 23 };

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		struct call_sample sample;
		struct error err;
		diagram meaning;

		random_table(&table, &random, &arena);
		meaning = meaning_of_table(store, &table);
		assert_int_equal(diagrams_check(store, &err), 0);
		for (unsigned i = 0; i < 500; i++) {
			random_sample(&sample, &random, &table);
			assert_int_equal(diagram_value(store, meaning, &sample),
			                 answer_of_table(&table, &sample));
		}
	}
}

static void test_emitted(void **state)
{
	struct random random = { 29 };

	(void)state;
	for (unsigned round = 0; round < rounds(200); round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		struct plan_filter filter;
		struct proof proof;
		struct error err;

		random_table(&table, &random, &arena);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		assert_int_equal(prove_equal(&proof, &table, &filter, &err), 0);
		if (!proof.equal)
			fail_msg("round %u: call %#x: wanted %#x, got %#x", round,
			         proof.witness.number, proof.wanted, proof.got);
	}
}

/* ---- mutants ---- */

static void check_mutant(const struct filter_table *table, const struct plan_filter *mutant,
                         struct random *random)
{
	struct proof proof;
	struct error err;

	if (program_check(mutant, &err) < 0)
		return;
	assert_int_equal(prove_equal(&proof, table, mutant, &err), 0);
	if (!proof.equal) {
		assert_int_equal(answer_of_table(table, &proof.witness), proof.wanted);
		assert_int_equal(answer_of_program(mutant, &proof.witness), proof.got);
		assert_int_not_equal(proof.wanted, proof.got);
		return;
	}
	for (unsigned i = 0; i < 200; i++) {
		struct call_sample sample;

		random_sample(&sample, random, table);
		assert_int_equal(answer_of_table(table, &sample),
		                 answer_of_program(mutant, &sample));
	}
}

/* The ways to change one instruction a little. */
static bool mutate(struct sock_filter *at, unsigned way)
{
	switch (way) {
	case 0:
		at->k++;
		return true;
	case 1:
		at->k ^= 0x80000000;
		return true;
	case 2:
		at->k += 4;
		return true;
	case 3:
		at->jt++;
		return BPF_CLASS(at->code) == BPF_JMP;
	case 4:
		at->jf++;
		return BPF_CLASS(at->code) == BPF_JMP;
	case 5: {
		uint8_t jt = at->jt;

		at->jt = at->jf;
		at->jf = jt;
		return BPF_CLASS(at->code) == BPF_JMP && at->jt != at->jf;
	}
	case 6:
		at->code ^= BPF_JGE ^ BPF_JGT;
		return BPF_CLASS(at->code) == BPF_JMP && BPF_OP(at->code) != BPF_JEQ;
	case 7:
		at->code ^= BPF_JEQ ^ BPF_JGE;
		return BPF_CLASS(at->code) == BPF_JMP;
	default:
		return false;
	}
}

/* Every mutant is equal, and agrees on many calls, or is told apart by a call on which it really
 * differs. */
static void test_mutants(void **state)
{
	struct random random = { 31 };
	size_t different = 0;

	(void)state;
	for (unsigned round = 0; round < rounds(10) / 10; round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		struct plan_filter filter, mutant;
		struct sock_filter *copy;
		struct error err;

		random_table(&table, &random, &arena);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		copy = arena_array(&arena, filter.count, sizeof *copy);
		mutant = (struct plan_filter){ .instructions = copy, .count = filter.count };
		for (size_t i = 0; i < filter.count; i++)
			for (unsigned way = 0; way < 8; way++) {
				memcpy(copy, filter.instructions, filter.count * sizeof *copy);
				if (mutate(&copy[i], way))
					check_mutant(&table, &mutant, &random);
				different++;
			}
	}
	assert_true(different > 500);
}

/* ---- random programs ---- */

static void fail_program(const struct plan_filter *filter, uint32_t got, uint32_t wanted)
{
	for (size_t i = 0; i < filter->count; i++)
		print_message("%3zu: %#06x %3u %3u %#x\n", i, filter->instructions[i].code,
		              filter->instructions[i].jt, filter->instructions[i].jf,
		              filter->instructions[i].k);
	fail_msg("%#x, not %#x", got, wanted);
}

static void check_program(const struct plan_filter *filter, struct random *random)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(1 << 16);
	struct error err;
	diagram meaning;

	/* too much is an answer; a wrong one is not */
	if (prove_program(&meaning, store, filter, false, &err) < 0)
		return;
	for (unsigned i = 0; i < 60; i++) {
		struct call_sample sample = { .audit = (uint32_t)random_value(random),
			                      .number = (uint32_t)random_value(random),
			                      .instruction_pointer = random_value(random) };

		for (unsigned j = 0; j < 6; j++)
			sample.arguments[j] = random_value(random);
		if (diagram_value(store, meaning, &sample) != answer_of_program(filter, &sample))
			fail_program(filter, diagram_value(store, meaning, &sample),
			             answer_of_program(filter, &sample));
	}
}

static void test_random_programs(void **state)
{
	struct random random = { 37 };
	unsigned taken = 0;

	(void)state;
	for (unsigned round = 0; round < rounds(20000); round++) {
		struct sock_filter program[24];
		struct plan_filter filter = { .instructions = program };
		struct error err;
		bool valid;

		filter.count = random_program(&random, program, ARRAY_SIZE(program));
		valid = program_check(&filter, &err) == 0;
		/* the second checker does not look at memory */
		if (valid)
			assert_true(bpf_is_valid(program, filter.count));
		if (!bpf_is_valid(program, filter.count))
			assert_false(valid);
		if (!valid)
			continue;
		taken++;
		check_program(&filter, &random);
	}
	assert_true(taken > 0);
}

/* ---- what is refused ---- */

static void test_refused(void **state)
{
	static const struct {
		struct sock_filter program[3];
		size_t count;
		const char *words;
	} rows[] = {
		{ { BPF_STMT(BPF_LD | BPF_IMM, 0) }, 1, "last instruction" },
		{ { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0) },
		  2,
		  "struct seccomp_data" },
		{ { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), BPF_STMT(BPF_RET | BPF_K, 0) },
		  2,
		  "struct seccomp_data" },
		{ { BPF_STMT(BPF_LD | BPF_MEM, 1), BPF_STMT(BPF_RET | BPF_A, 0) },
		  2,
		  "may not have been written" },
		{ { BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_A, 0) },
		  2,
		  "divides by zero" },
		{ { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), BPF_STMT(BPF_RET | BPF_A, 0) },
		  2,
		  "not an instruction" },
		{ { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), BPF_STMT(BPF_RET | BPF_K, 0) },
		  2,
		  "past the end" },
		{ { BPF_STMT(BPF_RET | BPF_K, 0) }, 0, "1 to 4096" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct plan_filter filter = { .instructions = rows[i].program,
			                            .count = rows[i].count };
		struct error err;

		assert_int_equal(program_check(&filter, &err), -1);
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("%s", err.text);
	}
}

/* A quotient of two words is 32 functions of 64 bits: few nodes at a time, and no end of work. */
static void test_division(void **state)
{
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 24), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct plan_filter filter = { .instructions = program, .count = ARRAY_SIZE(program) };
	_cleanup_diagrams struct diagrams *store = diagrams_new(1 << 16);
	struct error err;
	diagram meaning;

	(void)state;
	assert_int_equal(prove_program(&meaning, store, &filter, false, &err), -1);
	assert_non_null(strstr(err.text, "too entangled"));
}

/* 2^20 ways through twenty bits that are added up: answered or refused, in bounded time. */
static void test_entangled(void **state)
{
	struct sock_filter program[256];
	struct plan_filter filter = { .instructions = program };
	_cleanup_diagrams struct diagrams *store = diagrams_new(1 << 16);
	struct error err;
	diagram meaning;
	size_t count = 0;

	(void)state;
	program[count++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0);
	for (unsigned bit = 0; bit < 20; bit++) {
		program[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16);
		program[count++] =
		        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1u << bit, 0, 3);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K,
		                                                bit * bit * 7919 + 1);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	}
	program[count++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
	program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	filter.count = count;
	assert_int_equal(prove_program(&meaning, store, &filter, false, &err), -1);
	assert_non_null(strstr(err.text, "too entangled"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning),  cmocka_unit_test(test_emitted),
		cmocka_unit_test(test_mutants),  cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_entangled),
		cmocka_unit_test(test_division),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
