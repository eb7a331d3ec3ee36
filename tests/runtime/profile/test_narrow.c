/* profile_narrow: a stored confinement under the ceiling of now, the image's profile where that is
 * wanted, and the cache. */
#include "tests/runtime/profile/ground.h"

static struct profile_request asked;

/* The bits that are left of `set`; 0 with asked's error. */
static uint64_t narrowed(uint64_t set, const char *attached, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct confinement confinement = { .profile = "fake", .capabilities.bounding = set };

	asked.paths = &paths;
	asked.ceiling = ceiling;
	asked.host = &host;
	asked.reference = "docker.io/library/redis:7";
	asked.attached = attached;
	err->text[0] = '\0';
	return profile_narrow(&confinement, &arena, &asked, err) < 0
	               ? 0
	               : confinement.capabilities.bounding;
}

static void test_ceiling(void **state)
{
	struct error err;
	bool has = true;

	(void)state;
	narrowed(1, NULL, &err);
	assert_int_equal(profile_has_ceiling(&has, &asked, &err), 0);
	assert_false(has);
	put("policy.d/a.json", "set 7");
	assert_int_equal(profile_has_ceiling(&has, &asked, &err), 0);
	assert_true(has);
	assert_int_equal(narrowed(0xf, NULL, &err), 7);
	assert_int_equal(narrowed(0x11, NULL, &err), 1);
	put("policy.d/b.json", "oops");
	assert_int_equal(narrowed(0xf, NULL, &err), 0);
	assert_non_null(strstr(err.text, "the administrator's ceiling"));
}

static void test_image_profile(void **state)
{
	_cleanup_arena struct arena arena = {};
	const char *file = place(&arena, "else/attached.json");
	struct error err;

	(void)state;
	put("else/attached.json", "set 36");
	put("policy.d/a.json", "set 7");
	assert_int_equal(narrowed(0xf, file, &err), 7);
	put("policy.d/a.json", "set 7\nattaching accept");
	assert_int_equal(narrowed(0xf, file, &err), 6);
	assert_int_equal(narrowed(0xf, NULL, &err), 7);
	put("policy.d/a.json", "set 7\nattaching require");
	assert_int_equal(narrowed(0xf, file, &err), 6);
	assert_int_equal(narrowed(0xf, NULL, &err), 0);
	assert_non_null(strstr(err.text, "requires a profile that comes with the image"));
}

static void expect_compiled(unsigned times, uint64_t set, uint64_t result)
{
	unsigned before = compiled;
	struct error err;

	assert_int_equal(narrowed(set, NULL, &err), result);
	assert_int_equal(compiled - before, times);
}

/* By the ceiling's files, and by what is stored. */
static void test_cache(void **state)
{
	(void)state;
	put("policy.d/a.json", "set 7");
	settle();
	expect_compiled(1, 0xf, 7);
	expect_compiled(0, 0xf, 7);
	expect_compiled(1, 0x1f, 7);
	put("policy.d/a.json", "set 3");
	settle();
	expect_compiled(1, 0xf, 3);
	expect_compiled(0, 0xf, 3);
	host.kernel++;
	expect_compiled(1, 0xf, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ceiling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_image_profile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
