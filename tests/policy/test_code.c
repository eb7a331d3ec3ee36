/* Programs written from their end: places, copies of what is too far, and the kernel's limit. */
#include "policy/code.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/program.h"
#include "tests/support/bpf.h"

#include <string.h>

/* Where the jump at the top of the program ends for a first word of `value`. */
static uint32_t run(const struct code *code, struct arena *arena, uint32_t value)
{
	struct call_sample sample = { .number = value };
	struct plan_filter filter;
	struct error err = {};

	if (code_finish(&filter, code, arena, &err) < 0 || program_check(&filter, &err) < 0)
		fail_msg("%s", err.text);
	return bpf_run(filter.instructions, &sample, NULL);
}

static void test_small(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct code *code = test_calloc(1, sizeof *code);
	size_t no = code_return(code, 1), yes = code_return(code, 2);

	(void)state;
	assert_int_equal(no, 0);
	assert_int_equal(yes, 1);
	/* a value that is there is not written again */
	assert_int_equal(code_return(code, 1), no);
	assert_int_equal(code->count, 2);
	code_jump(code, BPF_JEQ, 7, yes, no);
	code_and(code, 0xff);
	code_load(code, 0);
	assert_int_equal(run(code, &arena, 7), 2);
	assert_int_equal(run(code, &arena, 0x107), 2);
	assert_int_equal(run(code, &arena, 8), 1);
	test_free(code);
}

/* Offsets have eight bits: what lies farther is reached over a copy or a JA, at every distance. */
static void test_far(void **state)
{
	(void)state;
	for (size_t distance = 240; distance < 270; distance++) {
		for (int returns = 0; returns < 2; returns++) {
			_cleanup_arena struct arena arena = {};
			struct code *code = test_calloc(1, sizeof *code);
			size_t last = code_return(code, 1), target = last;

			if (!returns)
				target = code_load(code, 4);
			for (size_t i = 0; i < distance; i++)
				code_load(code, 0);
			/* what falls through ends, too */
			code_adjoin(code, last);
			code_jump(code, BPF_JEQ, 7, target, code_return(code, 2));
			code_load(code, 0);
			assert_int_equal(run(code, &arena, 7), 1);
			assert_int_equal(run(code, &arena, 8), 2);
			test_free(code);
		}
	}
}

static void test_adjoin(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct code *code = test_calloc(1, sizeof *code);
	size_t one = code_return(code, 1);

	(void)state;
	code_adjoin(code, one); /* it is next already */
	assert_int_equal(code->count, 1);
	code_return(code, 2);
	code_adjoin(code, one);
	assert_int_equal(code->count, 3);
	code_load(code, 0);
	assert_int_equal(run(code, &arena, 0), 1);
	test_free(code);
}

static void test_too_long(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct code *code = test_calloc(1, sizeof *code);
	struct plan_filter filter = { .count = 77 };
	struct error err = {};

	(void)state;
	code_return(code, 1);
	for (int i = 1; i < CODE_MAX; i++)
		code_load(code, 0);
	assert_int_equal(code_finish(&filter, code, &arena, &err), 0);
	assert_int_equal(filter.count, CODE_MAX);
	filter.count = 77;
	/* and anything may still be written into what is thrown away */
	for (int i = 0; i < 3 * CODE_MAX; i++)
		code_jump(code, BPF_JEQ, 1, code_return(code, (uint32_t)i), 0);
	assert_int_equal(code_finish(&filter, code, &arena, &err), -1);
	assert_string_equal(err.text,
	                    "the filter needs more than 4096 instructions, which is all the kernel "
	                    "takes");
	assert_string_equal(err.hint, "use fewer rules with conditions, or groups without them");
	assert_int_equal(filter.count, 77);
	test_free(code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_adjoin),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
