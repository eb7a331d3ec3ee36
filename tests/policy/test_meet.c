/* Sets and scalars under ceilings: what each takes, in which words, and that nothing gets wider. */
#include "tests/policy/compiled.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#define NAMED(name, rest) "{\"schema\": 1, \"name\": \"" name "\"" rest "}"

/* `policy` under `ceilings`, the last met last. */
static void settle(struct policy *ret, struct plan_strings *taken, struct arena *arena,
                   const char *policy, const char *const *ceilings)
{
	struct policy *met = compiled_parse(arena, policy);
	struct error err = {};

	for (; *ceilings != NULL; ceilings++)
		assert_int_equal(policy_meet(&met, arena, met, compiled_parse(arena, *ceilings),
		                             &err),
		                 0);
	*taken = (struct plan_strings){};
	policy_settle_sets(ret, taken, arena, met);
	assert_null(ret->ceiling);
}

/* One thing each: the policy, the ceiling, what is said of it, and what is left (policy show). */
static const struct {
	const char *policy, *ceiling, *taken, *left;
} rows[] = {
	{ ", \"capabilities\": [\"CHOWN\", \"KILL\"]",
	  ", \"capabilities\": [\"KILL\", \"SYS_ADMIN\"]",
	  "the ceiling 'top' takes the capability CHOWN", "\"capabilities\":[\"KILL\"]" },
	{ ", \"capabilities\": {\"add\": [\"CHOWN\"], \"user\": [\"CHOWN\"]}",
	  ", \"capabilities\": []", "the ceiling 'top' takes the capability CHOWN",
	  "\"capabilities\":[]" },
	{ "", ", \"filesystem\": {\"root\": \"read-only\"}",
	  "the ceiling 'top' takes the writable root", "\"root\":\"read-only\"" },
	{ ", \"filesystem\": {\"root\": \"read-only\"}",
	  ", \"filesystem\": {\"root\": \"writable\"}", NULL, "\"root\":\"read-only\"" },
	{ ", \"no_new_privileges\": false", ", \"no_new_privileges\": true",
	  "the ceiling 'top' takes the gain of new privileges by exec",
	  "\"no_new_privileges\":true" },
	{ ", \"no_new_privileges\": true", ", \"no_new_privileges\": false", NULL,
	  "\"no_new_privileges\":true" },
	{ ", \"user_namespaces\": true", ", \"user_namespaces\": false",
	  "the ceiling 'top' takes new user namespaces", "\"user_namespaces\":false" },
	{ ", \"filesystem\": {\"landlock\": false}", ", \"filesystem\": {\"landlock\": true}",
	  "the ceiling 'top' takes the freedom from Landlock", "\"landlock\":true" },
	{ ", \"apparmor\": \"mine\"", ", \"apparmor\": \"ours\"",
	  "the ceiling 'top' takes any AppArmor profile but its own", "\"apparmor\":\"ours\"" },
	{ "", ", \"apparmor\": \"ours\"",
	  "the ceiling 'top' takes any AppArmor profile but its own", "\"apparmor\":\"ours\"" },
	{ ", \"idmap\": {\"mode\": \"range\", \"size\": 65536}",
	  ", \"idmap\": {\"mode\": \"range\", \"size\": 1000}",
	  "the ceiling 'top' takes any id map but its own", "\"size\":1000" },
	{ ", \"idmap\": {\"mode\": \"range\", \"size\": 100}",
	  ", \"idmap\": {\"mode\": \"range\", \"size\": 1000}", NULL, "\"size\":100" },
	{ ", \"idmap\": {\"mode\": \"keep-id\"}", ", \"idmap\": {\"mode\": \"single\"}",
	  "the ceiling 'top' takes any id map but its own", "\"mode\":\"single\"" },
	{ "", ", \"image_profile\": \"require\"",
	  "the ceiling 'top' takes containers without the image's profile",
	  "\"image_profile\":\"require\"" },
	{ ", \"image_profile\": \"require\"", ", \"image_profile\": \"accept\"", NULL,
	  "\"image_profile\":\"require\"" },
	{ ", \"limits\": {\"nofile\": {\"soft\": 50, \"hard\": 100}}",
	  ", \"limits\": {\"nofile\": {\"soft\": 10, \"hard\": 20}}",
	  "the ceiling 'top' takes what the limit nofile has above its own",
	  "\"nofile\":{\"soft\":10,\"hard\":20}" },
	/* the ceiling's hard limit is below the policy's soft one */
	{ ", \"limits\": {\"nofile\": {\"soft\": 50, \"hard\": 100}}",
	  ", \"limits\": {\"nofile\": {\"soft\": 60, \"hard\": 60}}",
	  "the ceiling 'top' takes what the limit nofile has above its own",
	  "\"nofile\":{\"soft\":50,\"hard\":60}" },
	{ ", \"limits\": {\"nofile\": 10}", ", \"limits\": {\"nofile\": 20}", NULL,
	  "\"nofile\":{\"soft\":10,\"hard\":10}" },
	{ "", ", \"limits\": {\"core\": 0}", NULL, "\"core\":{\"soft\":0,\"hard\":0}" },
	{ ", \"limits\": {\"nofile\": \"unlimited\"}", ", \"limits\": {\"nofile\": 20}",
	  "the ceiling 'top' takes what the limit nofile has above its own",
	  "\"nofile\":{\"soft\":20,\"hard\":20}" },
	{ ", \"limits\": {\"pids\": 100}", ", \"limits\": {\"pids\": 10}",
	  "the ceiling 'top' takes some processes", "\"pids\":10" },
	{ ", \"limits\": {\"pids\": 10}", ", \"limits\": {\"pids\": 100}", NULL, "\"pids\":10" },
	/* no limit is more than any */
	{ ", \"limits\": {\"pids\": \"unlimited\"}", ", \"limits\": {\"pids\": 10}",
	  "the ceiling 'top' takes some processes", "\"pids\":10" },
	{ "", ", \"limits\": {\"memory\": \"64m\"}", "the ceiling 'top' takes some memory",
	  "\"memory\":67108864" },
	{ "", ", \"limits\": {\"cpus\": 0.5}", "the ceiling 'top' takes some CPU time",
	  "\"cpus\":0.5" },
	{ ", \"filesystem\": {\"landlock\": {\"write\": [\"/var\", \"/home\"]}}",
	  ", \"filesystem\": {\"landlock\": {\"write\": [\"/var/cache\", \"/srv\"]}}", NULL,
	  "\"write\":[\"/var/cache\"]" },
	{ ", \"filesystem\": {\"landlock\": {\"write\": [\"/var/cache/x\", \"/variable\"]}}",
	  ", \"filesystem\": {\"landlock\": {\"write\": [\"/var\"]}}", NULL,
	  "\"write\":[\"/var/cache/x\"]" },
	{ ", \"filesystem\": {\"landlock\": {\"execute\": [\"/usr\"]}}",
	  ", \"filesystem\": {\"landlock\": {\"execute\": [\"/\"]}}", NULL,
	  "\"execute\":[\"/usr\"]" },
	/* a list narrows where there was none */
	{ "", ", \"filesystem\": {\"landlock\": {\"write\": []}}", NULL,
	  "\"landlock\":{\"write\":[]}" },
	{ ", \"network\": {\"bind\": [80, 443]}", ", \"network\": {\"bind\": [443, 8080]}", NULL,
	  "\"bind\":[443]" },
	{ "", ", \"network\": {\"connect\": [53]}", NULL, "\"connect\":[53]" },
	{ ", \"network\": {\"connect\": [53]}", ", \"network\": {\"bind\": []}", NULL,
	  "\"bind\":[],\"connect\":[53]" },
	{ ", \"if_available\": [\"landlock\", \"limits\"]",
	  ", \"filesystem\": {\"landlock\": true}", NULL, "\"if_available\":[\"limits\"]" },
	{ ", \"if_available\": [\"landlock\"]",
	  ", \"filesystem\": {\"landlock\": true}, \"if_available\": [\"landlock\"]", NULL,
	  "\"if_available\":[\"landlock\"]" },
	{ ", \"if_available\": [\"cgroup\"]", ", \"limits\": {\"pids\": 7}",
	  "the ceiling 'top' takes some processes", "\"pids\":7},\"no_new" },
};

static void test_one_by_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text left = {};
		const char *ceilings[] = {
			arena_printf(&arena, NAMED("top", "%s"), rows[i].ceiling), NULL
		};
		struct plan_strings taken;
		struct policy policy;

		settle(&policy, &taken, &arena,
		       arena_printf(&arena, NAMED("own", "%s"), rows[i].policy), ceilings);
		value_encode(&left, policy_to_value(&arena, &policy), VALUE_COMPACT);
		if (strstr(text_string(&left), rows[i].left) == NULL)
			fail_msg("row %zu: no %s in %s", i, rows[i].left, text_string(&left));
		if (taken.count != (rows[i].taken == NULL ? 0 : 1))
			fail_msg("row %zu: %zu things taken", i, taken.count);
		if (taken.count > 0)
			assert_string_equal(taken.items[0], rows[i].taken);
	}
}

/* A silent ceiling, and what it adds without taking. */
static void test_silence_and_masks(void **state)
{
	static const char own[] =
	        NAMED("own", ", \"capabilities\": [\"CHOWN\"], \"user_namespaces\": true, "
	                     "\"filesystem\": {\"mask\": {\"hide\": [\"/a\"]}}");
	const char *const silent[] = { NAMED("top", ""), NULL };
	const char *const masks[] = {
		NAMED("top",
		      ", \"filesystem\": {\"mask\": {\"hide\": [\"/b\"], \"read-only\": [\"/a\"]}}"),
		NULL
	};
	_cleanup_arena struct arena arena = {};
	struct plan_strings taken;
	struct policy policy;

	(void)state;
	settle(&policy, &taken, &arena, own, silent);
	assert_int_equal(taken.count, 0);
	assert_int_equal(policy.capabilities, 1);
	assert_true(policy.user_namespaces);
	assert_int_equal(policy.mask_count, 1);
	settle(&policy, &taken, &arena, own, masks);
	assert_int_equal(taken.count, 0);
	assert_int_equal(policy.mask_count, 3);
}

/* All of them hold, in whatever order. */
static void test_several(void **state)
{
	static const char own[] =
	        NAMED("own", ", \"capabilities\": [\"CHOWN\", \"KILL\", \"SETUID\"], "
	                     "\"network\": {\"bind\": [1, 2, 3]}");
	static const char one[] =
	        NAMED("one", ", \"capabilities\": [\"CHOWN\", \"KILL\"], \"network\": "
	                     "{\"bind\": [1, 2]}, \"limits\": {\"pids\": 9}");
	static const char two[] =
	        NAMED("two", ", \"capabilities\": [\"KILL\", \"SETUID\"], \"network\": "
	                     "{\"bind\": [2, 3]}, \"limits\": {\"pids\": 4}");
	const char *const orders[][3] = { { one, two, NULL }, { two, one, NULL } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		_cleanup_arena struct arena arena = {};
		struct plan_strings taken;
		struct policy policy;

		settle(&policy, &taken, &arena, own, orders[i]);
		assert_int_equal(policy.capabilities, UINT64_C(1) << capability_from_name("KILL"));
		assert_int_equal(policy.bind.count, 1);
		assert_int_equal(policy.bind.items[0], 2);
		assert_int_equal(policy.resources.pids, 4);
	}
}

static void test_a_ceiling_has_none(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *ceiling, *met = NULL;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_meet(&ceiling, &arena, compiled_parse(&arena, NAMED("a", "")),
	                             compiled_parse(&arena, NAMED("b", "")), &err),
	                 0);
	assert_int_equal(policy_meet(&met, &arena, compiled_parse(&arena, NAMED("c", "")), ceiling,
	                             &err),
	                 -1);
	assert_string_equal(err.text, "a is a ceiling with a ceiling");
	assert_null(met);
}

static void test_beneath(void **state)
{
	static const struct {
		const char *path, *folder;
		bool beneath;
	} cases[] = {
		{ "/a", "/a", true },    { "/a/b", "/a", true },     { "/ab", "/a", false },
		{ "/a", "/a/b", false }, { "/", "/", true },         { "/a", "/", true },
		{ "/", "/a", false },    { "/a/b/c", "/a/b", true }, { "", "/", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (path_lies_beneath(cases[i].path, cases[i].folder) != cases[i].beneath)
			fail_msg("%s beneath %s", cases[i].path, cases[i].folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_by_one), cmocka_unit_test(test_silence_and_masks),
		cmocka_unit_test(test_several),    cmocka_unit_test(test_a_ceiling_has_none),
		cmocka_unit_test(test_beneath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
