/* progress: one line of a layer, as wide as the terminal at most. */
#include "runtime/cli/progress.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct progress_line half = {
	.hex = "0123456789abcdef",
	.state = "Downloading",
	.bytes = 30000000,
	.total = 50000000,
	.before = 10000000,
	.seconds = 4,
	.moving = true,
};

static void test_line(void **state)
{
	_cleanup_text struct text text = {};

	(void)state;
	progress_format(&text, &half, 100);
	assert_string_equal(text_string(&text),
	                    "0123456789ab: Downloading [========================>               ] "
	                    "30MB/50MB  5MB/s  0:04");
}

static void test_done(void **state)
{
	struct progress_line line = half;
	_cleanup_text struct text text = {};

	(void)state;
	line.moving = false;
	line.state = "Done";
	progress_format(&text, &line, 100);
	assert_string_equal(text_string(&text), "0123456789ab: Done       ");
}

static void test_every_width(void **state)
{
	struct progress_line line = half;

	(void)state;
	for (unsigned columns = 60; columns < 200; columns++)
		for (line.bytes = line.before; line.bytes <= line.total; line.bytes += 999999) {
			_cleanup_text struct text text = {};

			progress_format(&text, &line, columns);
			assert_in_range(text.length, 30, columns);
		}
}

static void test_nothing_known(void **state)
{
	const struct progress_line line = { .hex = "01", .state = "Waiting", .moving = true };
	_cleanup_text struct text text = {};

	(void)state;
	progress_format(&text, &line, 80);
	assert_non_null(strstr(text_string(&text), "01: Waiting"));
	assert_null(strstr(text_string(&text), "/s"));
}

/* A pull that went on begins anew: less is there than before. And a registry may send more than it
 * said. */
static void test_numbers_that_do_not_fit(void **state)
{
	struct progress_line line = half;
	_cleanup_text struct text text = {};

	(void)state;
	line.bytes = 100;
	progress_format(&text, &line, 100);
	assert_null(strstr(text_string(&text), "/s"));
	assert_non_null(strstr(text_string(&text), "100B/50MB"));
	text_clear(&text);
	line.bytes = UINT64_MAX;
	line.total = 1;
	line.before = 0;
	progress_format(&text, &line, 100);
	assert_non_null(strstr(text_string(&text), "[===="));
	assert_non_null(strstr(text_string(&text), "=]"));
	assert_null(strstr(text_string(&text), ":00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_every_width),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_numbers_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
