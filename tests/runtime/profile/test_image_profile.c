/* image_profile: the profile that came with an image counts as the policy says. */
#include "tests/runtime/profile/ground.h"

static void expect_attached(const char *word, const char *file, uint64_t set, const char *error)
{
	struct answer answer = ask_this((struct profile_request){
	        .reference = "docker.io/library/redis:7", .attaching = word, .attached = file });

	if (error == NULL && (answer.result != 0 || answer.set != set))
		fail_msg("%d, %llx, %s", answer.result, (unsigned long long)answer.set,
		         answer.err.text);
	if (error != NULL && (answer.result == 0 || strstr(answer.err.text, error) == NULL))
		fail_msg("%d, %s", answer.result, answer.result == 0 ? "" : answer.err.text);
}

/* The profile that came with the image counts as the policy says. */
static void test_attached(void **state)
{
	_cleanup_arena struct arena arena = {};
	const char *file = place(&arena, "else/attached.json");

	(void)state;
	put("own/default.json", "set f\nimages *");
	put("else/attached.json", "set 36");
	expect_attached(NULL, file, 0xf, NULL); /* nobody allowed it */
	expect_attached("ignore", file, 0xf, NULL);
	expect_attached("accept", file, 6, NULL);
	expect_attached("accept", NULL, 0xf, NULL);
	expect_attached("require", file, 6, NULL);
	expect_attached("require", NULL, 0, "brought no profile along");
	expect_attached("perhaps", file, 0, "expected ignore, accept or require, not 'perhaps'");
	put("own/default.json", "set f\nimages *\nattaching accept");
	expect_attached(NULL, file, 6, NULL);
	expect_attached("ignore", file, 0xf, NULL);
	/* the user's word does not weaken the administrator's */
	put("policy.d/a.json", "set 3\nattaching require");
	expect_attached("ignore", file, 2, NULL);
	expect_attached("ignore", NULL, 0, "brought no profile along");
}

static void test_attached_that_will_not_do(void **state)
{
	_cleanup_arena struct arena arena = {};
	const char *file = place(&arena, "else/attached.json");

	(void)state;
	expect_attached("accept", file, 0, "the image's profile: ");
	put("else/attached.json", "oops");
	expect_attached("accept", file, 0, "the image's profile: ");
	put("else/attached.json", "set 1\nbarred");
	expect_attached("accept", file, 0, "may not say");
	put("else/attached.json", "set 1\nwider");
	expect_attached("accept", file, 0, "give more than it takes");
	expect_attached("accept", file, 0, "give more than it takes"); /* not from the cache */
	expect_attached("ignore", file, 1, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_attached, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_attached_that_will_not_do, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
