/* Calls and answers in words: names, constants, bits of flags, and what no table knows. */
#include "policy/call_text.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>

enum { X32 = 0x40000000 };

static void test_calls(void **state)
{
	static const struct {
		struct call_sample sample;
		const char *text;
	} rows[] = {
		{ { AUDIT_ARCH_X86_64, 0, 0, { 0 } }, "read()" },
		{ { AUDIT_ARCH_X86_64, 41, 0, { 2, 1 } },
		  "socket(domain=2 AF_INET, type=1 SOCK_STREAM)" },
		/* an argument that is 0 is not said, those behind it are */
		{ { AUDIT_ARCH_X86_64, 41, 0, { 0, 0, 7 } }, "socket(protocol=7)" },
		{ { AUDIT_ARCH_X86_64, 272, 0, { 0x10000000 } },
		  "unshare(flags=0x10000000 CLONE_NEWUSER)" },
		{ { AUDIT_ARCH_X86_64, 272, 0, { 0x30000000 } },
		  "unshare(flags=0x30000000 CLONE_NEWPID|CLONE_NEWUSER)" },
		{ { AUDIT_ARCH_X86_64, 41, 0, { 2, 0x80003 } },
		  "socket(domain=2 AF_INET, type=0x80003 SOCK_CLOEXEC|SOCK_RAW)" },
		{ { AUDIT_ARCH_X86_64, 41, 0, { 2, 0x80007 } },
		  "socket(domain=2 AF_INET, type=0x80007 SOCK_CLOEXEC)" },
		{ { AUDIT_ARCH_X86_64, 257, 0, { 0, 0, 0x101002 } },
		  "openat(flags=0x101002 O_SYNC|O_RDWR)" },
		/* bits that have no name are in the number alone */
		{ { AUDIT_ARCH_X86_64, 272, 0, { 0x10000011 } },
		  "unshare(flags=0x10000011 CLONE_NEWUSER)" },
		{ { AUDIT_ARCH_X86_64, 41, 0, { 0x100000002 } }, "socket(domain=0x100000002)" },
		{ { AUDIT_ARCH_X86_64, 41, 0, { 250 } }, "socket(domain=0xfa)" },
		{ { AUDIT_ARCH_X86_64, 0, 0, { 9, UINT64_MAX, 10 } },
		  "read(fd=9, buf=0xffffffffffffffff, count=0xa)" },
		{ { AUDIT_ARCH_X86_64, 100000, 0, { 1 } }, "call 100000(arg0=1)" },
		{ { AUDIT_ARCH_X86_64, UINT32_MAX & ~X32, 0, { 0 } }, "call 3221225471()" },
		/* said only where it is not the usual one */
		{ { AUDIT_ARCH_I386, 3, 0, { 0 } }, "i386: read()" },
		{ { AUDIT_ARCH_X86_64, X32, 0, { 0 } }, "x32: read()" },
		{ { AUDIT_ARCH_AARCH64, 63, 0, { 0 } }, "aarch64: read()" },
		{ { 0x1234, 63, 0, { 3 } }, "architecture 0x1234: call 63(arg0=3)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text text = {};

		call_text(&text, &rows[i].sample, AUDIT_ARCH_X86_64);
		assert_string_equal(text_string(&text), rows[i].text);
	}
}

static void test_actions(void **state)
{
	static const struct {
		uint32_t action;
		const char *text;
	} rows[] = {
		{ 0x7fff0000, "allow" },        { 0x7ffc0000, "log" },
		{ 0x7fc00000, "notify" },       { 0x00050001, "errno EPERM" },
		{ 0x00050fff, "errno 4095" },   { 0x00030000, "trap" },
		{ 0x80000000, "kill process" }, { 0x00000000, "kill thread" },
	};
	_cleanup_text struct text text = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision decision;

		text_clear(&text);
		action_text(&text, rows[i].action);
		assert_string_equal(text_string(&text), rows[i].text);
		assert_true(decision_from_seccomp(&decision, rows[i].action));
		assert_int_equal(decision_to_seccomp(decision), rows[i].action);
	}
	text_clear(&text);
	action_text(&text, 0x7ff00001); /* SECCOMP_RET_TRACE: no decision of the language */
	assert_string_equal(text_string(&text), "action 0x7ff00001");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_calls),
		                            cmocka_unit_test(test_actions) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
