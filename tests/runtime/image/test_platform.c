/*
 * platform: words for platforms, and which of several images one takes. Each row of the second
 * table is an index; the first letter of what is taken is the answer.
 */
#include "runtime/image/platform.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_parse(void **state)
{
	static const struct {
		const char *words, *text; /* NULL: refused */
	} rows[] = {
		{ "linux/amd64", "linux/amd64" },
		{ "linux/arm/v7", "linux/arm/v7" },
		{ "windows/amd64", "windows/amd64" },
		{ "arm64", "?/arm64" },
		{ "linux", "linux/?" },
		{ "darwin", "darwin/?" },
		{ "x86_64", "?/x86_64" },
		{ "", NULL },
		{ "/", NULL },
		{ "linux/", NULL },
		{ "/amd64", NULL },
		{ "linux/arm/v7/x", NULL },
		{ "linux/arm/", NULL },
		{ "linux//v7", NULL },
		{ "linux/am d64", NULL },
		{ "linux/../etc", "linux/../etc" }, /* a word like others: it is no path here */
		{ "linux/\033[2J", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct platform platform = {};
		struct error err = {};
		int result = platform_parse(&platform, &arena, rows[i].words, &err);

		if ((result == 0) != (rows[i].text != NULL))
			fail_msg("'%s': %d", rows[i].words, result);
		if (result == 0)
			assert_string_equal(platform_text(&arena, &platform), rows[i].text);
		else
			assert_non_null(strstr(err.hint, "linux/arm/v7"));
	}
}

static void test_complete(void **state)
{
	static const struct {
		uint32_t machine;
		struct platform given;
		const char *text;
	} rows[] = {
		{ AUDIT_ARCH_X86_64, {}, "linux/amd64" },
		{ AUDIT_ARCH_AARCH64, {}, "linux/arm64" },
		{ AUDIT_ARCH_X86_64, { "linux", NULL, NULL }, "linux/amd64" },
		{ AUDIT_ARCH_X86_64, { NULL, "aarch64", NULL }, "linux/arm64" },
		{ AUDIT_ARCH_X86_64, { NULL, "x86_64", NULL }, "linux/amd64" },
		{ AUDIT_ARCH_X86_64, { NULL, "i686", NULL }, "linux/386" },
		{ AUDIT_ARCH_X86_64, { NULL, "armhf", NULL }, "linux/arm" },
		{ AUDIT_ARCH_X86_64, { NULL, "armel", NULL }, "linux/arm/v6" },
		{ AUDIT_ARCH_X86_64, { NULL, NULL, "v3" }, "linux/amd64/v3" },
		{ AUDIT_ARCH_X86_64, { "freebsd", "riscv64", NULL }, "freebsd/riscv64" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct host host = { .audit_arch = rows[i].machine };
		struct platform platform = rows[i].given;

		platform_complete(&platform, &host);
		assert_string_equal(platform_text(&arena, &platform), rows[i].text);
	}
}

enum { OFFERED = 5 };

#define L(architecture, variant)                                                                   \
	{                                                                                          \
		"linux", architecture, variant                                                     \
	}

static const struct choice {
	struct platform wanted;
	struct platform offered[OFFERED]; /* none said: it is for everybody */
	size_t count;
	int chosen; /* -1: none */
} choices[] = {
	{ L("amd64", NULL), { L("arm64", "v8"), L("amd64", NULL) }, 2, 1 },
	{ L("amd64", NULL), { { "windows", "amd64", NULL }, L("s390x", NULL) }, 2, -1 },
	{ L("amd64", NULL), { { NULL, "amd64", NULL } }, 1, -1 },
	{ L("amd64", NULL), { {}, L("amd64", NULL) }, 2, 1 },
	{ L("amd64", NULL), { L("arm64", NULL), {} }, 2, 1 },
	{ L("amd64", NULL), { L("unknown", NULL), { "unknown", "unknown", NULL } }, 2, -1 },
	/* a level above the plain one is not guessed, one at or below what was asked for is taken
	 */
	{ L("amd64", NULL), { L("amd64", "v3"), L("amd64", NULL) }, 2, 1 },
	{ L("amd64", NULL), { L("amd64", "v3") }, 1, -1 },
	{ L("amd64", NULL), { L("amd64", "v1") }, 1, 0 },
	{ L("amd64", "v3"), { L("amd64", NULL), L("amd64", "v2"), L("amd64", "v4") }, 3, 1 },
	{ L("amd64", "v3"), { L("amd64", NULL), L("amd64", "v3"), L("amd64", "v2") }, 3, 1 },
	{ L("arm64", NULL), { L("arm64", "v8") }, 1, 0 },
	{ L("arm64", "v8"), { L("arm", "v7"), L("arm64", NULL) }, 2, 1 },
	{ L("arm64", "v8.2"), { L("arm64", "v8"), L("arm64", "v8.1"), L("arm64", "v9") }, 3, 1 },
	{ L("arm", NULL),
	  { L("arm", "v5"), L("arm", "v6"), L("arm", "v7"), L("arm", "v8") },
	  4,
	  2 },
	{ L("arm", "v6"), { L("arm", "v7"), L("arm", "v5"), L("arm", "v6") }, 3, 2 },
	{ L("arm", "v6"), { L("arm", "v7"), L("arm", "v5") }, 2, 1 },
	{ L("arm", "v6"), { L("arm", NULL) }, 1, -1 },
	{ L("arm", "v10"), { L("arm", "v9"), L("arm", "v7") }, 2, 0 },
	/* names that mean the same */
	{ L("amd64", NULL), { L("x86_64", NULL) }, 1, 0 },
	{ L("arm64", NULL), { L("aarch64", NULL) }, 1, 0 },
	{ L("arm", "v6"), { L("armel", NULL) }, 1, 0 },
	/* words that are no levels */
	{ L("mips", "softfloat"), { L("mips", NULL), L("mips", "softfloat") }, 2, 1 },
	{ L("mips", "softfloat"), { L("mips", "hardfloat"), L("mips", NULL) }, 2, 1 },
	{ L("riscv64", NULL), { L("riscv64", "rva23u64") }, 1, -1 },
	{ L("riscv64", NULL), { L("riscv64", "rva23u64"), L("riscv64", NULL) }, 2, 1 },
	/* what overflows, or only begins like a level, is a word */
	{ L("amd64", NULL), { L("amd64", "v18446744073709551617"), L("amd64", "v1x") }, 2, -1 },
	/* the first of equals */
	{ L("amd64", NULL), { L("amd64", "v1"), L("amd64", NULL) }, 2, 0 },
};

static void test_fitness(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *row = &choices[i];
		unsigned best = 0;
		int chosen = -1;

		for (size_t j = 0; j < row->count; j++) {
			unsigned own = platform_fitness(&row->wanted, &row->offered[j]);

			if (own > best) {
				best = own;
				chosen = (int)j;
			}
		}
		if (chosen != row->chosen)
			fail_msg("row %zu: %d, not %d", i, chosen, row->chosen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_fitness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
