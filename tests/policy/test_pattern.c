/* policy_pattern_matches: image patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

static const struct {
	const char *pattern, *reference;
	bool matches;
} cases[] = {
	{ "docker.io/library/nginx", "docker.io/library/nginx:1.25", true },
	{ "docker.io/library/nginx", "docker.io/library/nginx", true },
	{ "docker.io/library/nginx", "docker.io/library/nginx@sha256:00", true },
	{ "docker.io/library/nginx", "docker.io/library/nginx-extra:1", false },
	{ "docker.io/library/nginx:1.2?", "docker.io/library/nginx:1.25", true },
	{ "docker.io/library/nginx:1.2?", "docker.io/library/nginx:1.3", false },
	{ "docker.io/library/nginx:1.2?", "docker.io/library/nginx", false },
	{ "*/nginx", "localhost:5000/a/b/nginx:latest", true },
	{ "*/nginx", "localhost:5000/nginx", true },
	{ "*/nginx", "nginx:latest", false },
	{ "localhost:5000/*", "localhost:5000/x:1", true },
	{ "localhost:5000/*", "localhost:5001/x:1", false },
	{ "localhost:5000/x", "localhost:5000/x:1", true },
	{ "*", "anything:1", true },
	{ "**a**b", "xxaxxab:3", true },
	{ "*a*b", "xxaxxa", false },
	{ "", "x", false },
	{ "?", "", false },
};

static void test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (policy_pattern_matches(cases[i].pattern, cases[i].reference) !=
		    cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].reference);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
