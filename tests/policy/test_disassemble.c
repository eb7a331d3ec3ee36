/* Any program as text: each kind of instruction, and names only where they are the program's. */
#include "policy/emit.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)

static void expect(enum arch arch, const struct sock_filter *program, size_t count,
                   const char *words)
{
	struct plan_filter filter = { (struct sock_filter *)program, count };
	_cleanup_text struct text text = {};

	filter_disassemble(&text, &filter, arch);
	assert_string_equal(text_string(&text), words);
}

static void test_instructions(void **state)
{
	static const struct sock_filter program[] = {
		LOAD(4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
		LOAD(0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 1, 0),
		BPF_STMT(BPF_JMP | BPF_JA, 300),
		LOAD(16),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		LOAD(60),
		LOAD(8),
		LOAD(12),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		BPF_STMT(BPF_RET | BPF_K, 0x12345678),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_STX, 15),
		BPF_STMT(BPF_LD | BPF_IMM, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0),
	};

	(void)state;
	expect(ARCH_X86_64, program, ARRAY_SIZE(program),
	       "   0: ld   arch\n"
	       "   1: jeq  #0xc000003e (x86_64), 2, 5\n"
	       "   2: ld   nr\n"
	       "   3: jge  #0x40000000 (x32 read), 5, 4\n"
	       "   4: jgt  #0x1 (write), 6, 5\n"
	       "   5: ja   306\n"
	       "   6: ld   arg0.low\n"
	       "   7: jset #0x1, 8, 9\n"
	       "   8: ld   arg5.high\n"
	       "   9: ld   ip.low\n"
	       "  10: ld   ip.high\n"
	       "  11: ret  allow\n"
	       "  12: ret  errno EPERM\n"
	       "  13: ret  #0x12345678\n"
	       "  14: ret  a\n"
	       "  15: and  #0xff\n"
	       "  16: xor  x\n"
	       "  17: tax\n"
	       "  18: txa\n"
	       "  19: st   m[3]\n"
	       "  20: stx  m[15]\n"
	       "  21: op 0 #0x9\n"
	       "  22: jeq  x, 23, 23\n");
}

/* What the register holds is no number of a call any more once something was done to it. */
static void test_names_only_of_what_was_loaded(void **state)
{
	static const struct sock_filter changes[] = {
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 1),
		BPF_STMT(BPF_LD | BPF_MEM, 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
	};
	static const struct sock_filter others[] = {
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_ST, 1),
		BPF_STMT(BPF_STX, 1),
		BPF_STMT(BPF_LDX | BPF_IMM, 1),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes) + ARRAY_SIZE(others); i++) {
		bool changed = i < ARRAY_SIZE(changes);
		struct sock_filter program[] = {
			LOAD(0),
			changed ? changes[i] : others[i - ARRAY_SIZE(changes)],
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0),
		};
		struct plan_filter filter = { program, ARRAY_SIZE(program) };
		_cleanup_text struct text text = {};

		filter_disassemble(&text, &filter, ARCH_X86_64);
		if ((strstr(text_string(&text), "(write)") == NULL) != changed)
			fail_msg("%s", text_string(&text));
	}
}

/* The high half of a register stands first in memory there. */
static void test_big_endian(void **state)
{
	static const struct sock_filter program[] = { LOAD(8), LOAD(12), LOAD(16), LOAD(20) };

	(void)state;
	expect(ARCH_S390X, program, ARRAY_SIZE(program),
	       "   0: ld   ip.high\n   1: ld   ip.low\n   2: ld   arg0.high\n   3: ld   arg0.low\n");
	expect(ARCH_PPC64LE, program, ARRAY_SIZE(program),
	       "   0: ld   ip.low\n   1: ld   ip.high\n   2: ld   arg0.low\n   3: ld   arg0.high\n");
}

static void test_as_c(void **state)
{
	static const struct sock_filter program[] = {
		LOAD(4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 255, 3),
	};
	struct plan_filter filter = { (struct sock_filter *)program, ARRAY_SIZE(program) };
	_cleanup_text struct text text = {};

	(void)state;
	filter_print_c(&text, &filter, "answer");
	assert_string_equal(text_string(&text), "#include <linux/filter.h>\n\n"
	                                        "static const struct sock_filter answer[] = {\n"
	                                        "\t{ 0x20, 0, 0, 0x00000004 },\n"
	                                        "\t{ 0x15, 255, 3, 0xc000003e },\n"
	                                        "};\n");
}

/* Bytes of a stranger: any code, any number. */
static void test_anything(void **state)
{
	(void)state;
	srandom(7);
	for (int round = 0; round < 2000; round++) {
		struct sock_filter program[16];
		struct plan_filter filter = { program, ARRAY_SIZE(program) };
		_cleanup_text struct text text = {};
		size_t lines = 0;

		for (size_t i = 0; i < ARRAY_SIZE(program); i++)
			program[i] =
			        (struct sock_filter){ (uint16_t)random(), (uint8_t)random(),
				                      (uint8_t)random(), (uint32_t)random() * 2 };
		filter_disassemble(&text, &filter, (enum arch)(round % ARCH_COUNT));
		for (const char *byte = text_string(&text); *byte != '\0'; byte++)
			lines += *byte == '\n';
		assert_int_equal(lines, ARRAY_SIZE(program));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_names_only_of_what_was_loaded),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_as_c),
		cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
