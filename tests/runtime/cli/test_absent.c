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

static void test_find(void **state)
{
	(void)state;
	assert_string_equal(absent_find(absent_commands, "build", 0)->name, "build");
	assert_string_equal(absent_find(absent_run_options, "", 'a')->name, "attach");
	assert_null(absent_find(absent_commands, "run", 0));
	assert_null(absent_find(absent_commands, "", 0));
	assert_null(absent_find(absent_commands, "buil", 0));
	assert_null(absent_find(absent_run_options, "attach", 'z'));
	assert_null(absent_find(NULL, "build", 0));
}

static void test_words(void **state)
{
	struct error err = {};

	(void)state;
	assert_int_equal(absent_refuse(absent_find(absent_run_options, "cpu-quota", 0), "--", &err),
	                 -1);
	assert_string_equal(err.text,
	                    "--cpu-quota is not offered: of a cgroup, memory, processors and "
	                    "processes can be limited");
	assert_string_equal(err.hint, "--cpus says it in one number");
}

/* What is there is not said to be absent, and nothing is said twice. */
static void test_tables(void **state)
{
	static const struct absent *const tables[] = { absent_commands, absent_run_options,
		                                       absent_exec_options };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct absent *row = tables[i]; row->name != NULL; row++) {
			struct error err = {};

			assert_true(strlen(row->reason) > 0 && strlen(row->way_out) > 0);
			assert_ptr_equal(absent_find(tables[i], row->name, 0), row);
			/* whole, and not cut by the size of an error */
			absent_refuse(row, "--", &err);
			assert_true(text_ends(err.text, row->reason));
			assert_string_equal(err.hint, row->way_out);
		}
	for (const struct absent *row = absent_commands; row->name != NULL; row++) {
		const char *words[] = { row->name, NULL };
		size_t used;

		if (command_find(words, &used) != NULL)
			fail_msg("there is a command %s", row->name);
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
