/* Rules for architectures whose calls have other arguments, or constants other values. */
#include "tests/policy/compiled.h"

#include <stdio.h>

#define RULES(rest) "{\"schema\": 1, \"syscalls\": {" rest "}}"

static const char *answer(enum arch arch, const char *text, const char *call,
                          const uint64_t arguments[6])
{
	static _Thread_local char kept[1100];
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text printed = {};
	struct call_sample sample = { .audit = arch_audit(arch) };
	enum arch native = arch == ARCH_I386 ? ARCH_X86_64 : arch == ARCH_ARM ? ARCH_AARCH64 : arch;
	struct filter_table table;
	struct error err = {};

	if (policy_filter_table(&table, &arena, compiled_parse(&arena, text), native, 6 << 16, 0,
	                        &err) < 0) {
		snprintf(kept, sizeof kept, "%s", err.text);
		return kept;
	}
	sample.number = (uint32_t)syscall_number(arch, syscall_find(call));
	memcpy(sample.arguments, arguments, sizeof sample.arguments);
	decision_print(&printed, filter_decide(&table, &sample));
	snprintf(kept, sizeof kept, "%s", text_string(&printed));
	return kept;
}

#define ANSWER(arch, text, call, ...) answer(arch, text, call, (uint64_t[6]){ __VA_ARGS__ })

/* ioctl requests carry the direction in other bits on powerpc. */
static void test_constants(void **state)
{
	static const char text[] = RULES(
	        "\"allow\": [{\"call\": \"ioctl\", \"when\": {\"request\": {\"is\": \"TCGETS\"}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_X86_64, text, "ioctl", 0, 0x5401), "allow");
	assert_string_equal(ANSWER(ARCH_PPC64LE, text, "ioctl", 0, 0x5401), "errno EPERM");
	assert_string_equal(ANSWER(ARCH_PPC64LE, text, "ioctl", 0, 0x402c7413), "allow");
	assert_string_equal(ANSWER(ARCH_RISCV64, text, "ioctl", 0, 0x5401), "allow");
}

static void test_a_constant_of_another_architecture_is_an_error(void **state)
{
	static const char text[] = RULES("\"allow\": [{\"call\": \"mprotect\", \"when\": "
	                                 "{\"prot\": {\"is\": \"PROT_SAO\"}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_PPC64LE, text, "mprotect", 0, 0, 0x10), "allow");
	assert_non_null(strstr(ANSWER(ARCH_S390X, text, "mprotect", 0, 0, 0x10),
	                       "names a constant that s390x does not have"));
}

/* clone(2) of s390 takes the stack first. */
static void test_places(void **state)
{
	static const char text[] =
	        RULES("\"allow\": [{\"call\": \"clone\", \"when\": {\"flags\": {\"is\": 17}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_AARCH64, text, "clone", 17, 0), "allow");
	assert_string_equal(ANSWER(ARCH_S390X, text, "clone", 17, 0), "errno EPERM");
	assert_string_equal(ANSWER(ARCH_S390X, text, "clone", 0, 17), "allow");
}

/* mmap(2) of i386 and s390x has its arguments in memory. */
static void test_arguments_in_memory_are_refused(void **state)
{
	static const char bare[] = RULES(
	        "\"allow\": [{\"call\": \"mmap\", \"when\": {\"prot\": {\"mask\": 4, \"is\": 0}}}]");
	static const char gated[] =
	        RULES("\"architectures\": [\"i386\"], \"allow\": [{\"call\": \"mmap\", \"when\": "
	              "{\"arch\": \"x86_64\", \"prot\": {\"mask\": 4, \"is\": 0}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_X86_64, bare, "mmap", 0, 0, 3), "allow");
	assert_non_null(strstr(ANSWER(ARCH_S390X, bare, "mmap", 0, 0, 3),
	                       "s390x has 'prot' of mmap not in one register"));
	assert_true(text_starts(ANSWER(ARCH_S390X, bare, "mmap", 0, 0, 3), "test.json:1:"));
	assert_string_equal(ANSWER(ARCH_I386, gated, "mmap", 0, 0, 3), "errno EPERM");
}

/* Its registers have 32 bits: the high halves a filter sees there say nothing. */
static void test_registers_of_32_bits(void **state)
{
	static const char text[] =
	        RULES("\"architectures\": [\"i386\"], \"allow\": [{\"call\": [\"lseek\"], "
	              "\"when\": {\"offset\": {\"is\": -1}}}]");
	static const char wide[] =
	        RULES("\"architectures\": [\"i386\"], \"allow\": [{\"call\": \"lseek\", "
	              "\"when\": {\"offset\": {\"is\": \"0x100000000\"}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_X86_64, text, "lseek", 0, UINT32_MAX), "errno EPERM");
	assert_string_equal(ANSWER(ARCH_X86_64, text, "lseek", 0, UINT64_MAX), "allow");
	assert_string_equal(ANSWER(ARCH_I386, text, "lseek", 0, UINT32_MAX), "allow");
	assert_non_null(strstr(ANSWER(ARCH_I386, wide, "lseek", 0, 0), "does not fit the 32 bits"));
}

/* setuid(2) of i386 is the old one of 16 bits: a denial of 0 must hold for 0x10000 too. */
static void test_ids_of_16_bits(void **state)
{
	static const char text[] =
	        RULES("\"architectures\": [\"i386\"], \"deny\": [{\"call\": \"setuid\", \"when\": "
	              "{\"uid\": {\"is\": 0}}}], \"allow\": [\"setuid\"]");
	static const char order[] =
	        RULES("\"architectures\": [\"i386\"], \"allow\": [{\"call\": \"setuid\", \"when\": "
	              "{\"uid\": {\"above\": 999}}}]");

	(void)state;
	assert_string_equal(ANSWER(ARCH_I386, text, "setuid", 0), "errno EPERM");
	assert_string_equal(ANSWER(ARCH_I386, text, "setuid", 0x10000), "errno EPERM");
	assert_string_equal(ANSWER(ARCH_I386, text, "setuid", 1), "allow");
	assert_string_equal(ANSWER(ARCH_X86_64, text, "setuid", 0x10000), "allow");
	assert_non_null(strstr(ANSWER(ARCH_I386, order, "setuid", 1000), "reads only 16 bits"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_a_constant_of_another_architecture_is_an_error),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_arguments_in_memory_are_refused),
		cmocka_unit_test(test_registers_of_32_bits),
		cmocka_unit_test(test_ids_of_16_bits),
	};

	return cmocka_run_group_tests_name("arches", tests, NULL, NULL);
}
