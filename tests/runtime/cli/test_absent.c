/* What others have and cordon has not: each with its reason, a way out, and no other name for it.
 */
#include "runtime/cli/absent.h"

#include "runtime/cli/commands.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *found(const char *table, const char *name, char letter)
{
	struct absent row;

	return absent_find(&row, table, name, letter) ? row.name : NULL;
}

static void test_find(void **state)
{
	(void)state;
	assert_string_equal(found(absent_commands, "build", 0), "build");
	assert_string_equal(found(absent_run_options, "", 'a'), "attach");
	assert_null(found(absent_commands, "run", 0));
	assert_null(found(absent_commands, "", 0));
	assert_null(found(absent_commands, "buil", 0));
	/* what stands in a row is no name */
	assert_null(found(absent_commands, "there is no daemon", 0));
	assert_null(found(absent_commands, "-build", 0));
	assert_null(found(absent_run_options, "attach", 'z'));
	assert_null(found(NULL, "build", 0));
}

static void test_words(void **state)
{
	struct error err = {};
	struct absent row;

	(void)state;
	assert_true(absent_find(&row, absent_run_options, "cpu-quota", 0));
	assert_int_equal(absent_refuse(&row, "--", &err), -1);
	assert_string_equal(err.text,
	                    "--cpu-quota is not offered: of a cgroup, memory, processors and "
	                    "processes can be limited");
	assert_string_equal(err.hint, "--cpus says it in one number");
}

/* What is there is not said to be absent, and nothing is said twice. */
static void test_tables(void **state)
{
	static const char *const tables[] = { absent_commands, absent_run_options,
		                              absent_exec_options };
	const char *next = absent_commands;
	struct absent row;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const char *rest = tables[i]; absent_next(&row, &rest);) {
			struct error err = {};
			struct absent again;

			assert_true(strlen(row.reason) > 0 && strlen(row.way_out) > 0);
			assert_true(absent_find(&again, tables[i], row.name, 0));
			assert_ptr_equal(again.name, row.name);
			/* whole, and not cut by the size of an error */
			absent_refuse(&row, "--", &err);
			assert_true(text_ends(err.text, row.reason));
			assert_string_equal(err.hint, row.way_out);
		}
	while (absent_next(&row, &next)) {
		const char *words[] = { row.name, NULL };
		size_t used;

		if (command_find(words, &used) != NULL)
			fail_msg("there is a command %s", row.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
