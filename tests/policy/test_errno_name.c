/* Names of error numbers: those of the C library, both ways, and what is near to a misspelt one. */
#include "policy/decision.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

enum { LAST = 133 };

static void test_against_the_c_library(void **state)
{
	(void)state;
	for (unsigned number = 1; number <= LAST + 1; number++) {
		const char *theirs = strerrorname_np((int)number),
		           *ours = errno_to_name((uint16_t)number);
		uint16_t back = 0;

		if (theirs == NULL || number > LAST) {
			assert_null(ours);
			continue;
		}
		assert_string_equal(ours, theirs);
		assert_true(errno_from_name(&back, ours));
		assert_int_equal(back, number);
	}
	assert_null(errno_to_name(0));
	assert_null(errno_to_name(4095));
	assert_null(errno_to_name(UINT16_MAX));
}

static void test_second_names(void **state)
{
	static const struct {
		const char *name;
		uint16_t number;
	} rows[] = { { "EWOULDBLOCK", EWOULDBLOCK },
		     { "EDEADLOCK", EDEADLOCK },
		     { "ENOTSUP", ENOTSUP } };
	static const char *const none[] = { "",       "E", "eperm",  "EPERM ",
		                            " EPERM", "1", "EPERMX", "SUCCESS" };
	uint16_t number = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(errno_from_name(&number, rows[i].name));
		assert_int_equal(number, rows[i].number);
	}
	number = 77;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(errno_from_name(&number, none[i]));
	assert_int_equal(number, 77);
}

static void test_nearest(void **state)
{
	char *longest = test_malloc(100001);

	(void)state;
	assert_string_equal(errno_nearest("EPREM"), "EPERM");
	assert_string_equal(errno_nearest("ENOSY"), "ENOSYS");
	assert_string_equal(errno_nearest("EACCESS"), "EACCES");
	assert_null(errno_nearest("EVERYTHING"));
	memset(longest, 'E', 100000);
	longest[100000] = '\0';
	assert_null(errno_nearest(longest));
	test_free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_the_c_library),
		cmocka_unit_test(test_second_names),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
