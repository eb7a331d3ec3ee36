/* Findings of policy check: as compilers show them, and as JSON. */
#include "runtime/cli/policy_files.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct policy_finding findings[] = {
	{ .file = "a.json",
	  .position = { 2, 3 },
	  .is_error = true,
	  .message = "no call 'opne'",
	  .hint = "did you mean 'open'?",
	  .source = "  \"opne\"" },
	{ .file = "b.json", .message = "nothing is allowed" },
	{ .file = "a\"b", .position = { 1, 1 }, .message = "a\\b", .source = "\x1b[2J" },
};

static void test_text(void **state)
{
	const struct policy_report report = { .findings = findings,
		                              .count = 3,
		                              .errors = 1,
		                              .warnings = 2 },
	                           none = {};
	_cleanup_text struct text text = {};

	(void)state;
	policy_report_print(&text, &none);
	assert_string_equal(text_string(&text), "");
	policy_report_print(&text, &report);
	assert_string_equal(text_string(&text), "a.json:2:3: error: no call 'opne'\n"
	                                        "    \"opne\"\n"
	                                        "    ^\n"
	                                        "  did you mean 'open'?\n"
	                                        "b.json: warning: nothing is allowed\n"
	                                        "a\"b:1:1: warning: a\\b\n"
	                                        "  \\x1b[2J\n"
	                                        "  ^\n"
	                                        "1 error, 2 warnings\n");
}

static void test_numbers(void **state)
{
	struct policy_report report = {
		.findings = findings + 1, .count = 1, .errors = 2, .warnings = 1
	};
	_cleanup_text struct text text = {};

	(void)state;
	policy_report_print(&text, &report);
	assert_string_equal(text_string(&text),
	                    "b.json: warning: nothing is allowed\n2 errors, 1 warning\n");
}

static void test_json(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy_report report = { .arena = &arena,
		                              .findings = findings,
		                              .count = 3,
		                              .errors = 1,
		                              .warnings = 2 },
	                           none = { .arena = &arena };
	_cleanup_text struct text text = {};

	(void)state;
	value_encode(&text, policy_report_value(&none), VALUE_COMPACT);
	assert_string_equal(text_string(&text), "{\"errors\":0,\"warnings\":0,\"findings\":[]}");
	text_clear(&text);
	value_encode(&text, policy_report_value(&report), VALUE_COMPACT);
	assert_string_equal(
	        text_string(&text),
	        "{\"errors\":1,\"warnings\":2,\"findings\":["
	        "{\"file\":\"a.json\",\"line\":2,\"column\":3,\"severity\":\"error\",\"message\":\"no call 'opne'\","
	        "\"hint\":\"did you mean 'open'?\"},"
	        "{\"file\":\"b.json\",\"severity\":\"warning\",\"message\":\"nothing is allowed\"},"
	        "{\"file\":\"a\\\"b\",\"line\":1,\"column\":1,\"severity\":\"warning\",\"message\":\"a\\\\b\"}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
