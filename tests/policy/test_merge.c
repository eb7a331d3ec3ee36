/* What `extends` means: a child and its parents joined, setting by setting. */
#include "tests/policy/compiled.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#define NAMED(name, rest) "{\"schema\": 1, \"name\": \"" name "\"" rest "}"

static struct policy *join(struct arena *arena, const char *child, const char *const *parents)
{
	const struct policy *list[4];
	struct policy *merged = NULL;
	struct error err = {};
	size_t count = 0;

	while (parents[count] != NULL) {
		list[count] = compiled_parse(arena, parents[count]);
		count++;
	}
	if (policy_merge(&merged, arena, compiled_parse(arena, child), list, count, &err) < 0)
		fail_msg("%s", err.text);
	return merged;
}

/* The child, the parent, and what policy show says of the two together. */
static const struct {
	const char *child, *parent, *shown;
} rows[] = {
	/* scalars: the child's word, else the parent's */
	{ "", ", \"user_namespaces\": true", "\"user_namespaces\":true" },
	{ ", \"user_namespaces\": false", ", \"user_namespaces\": true",
	  "\"user_namespaces\":false" },
	{ "", ", \"no_new_privileges\": false", "\"no_new_privileges\":false" },
	{ "", ", \"apparmor\": \"p\"", "\"apparmor\":\"p\"" },
	{ ", \"apparmor\": \"c\"", ", \"apparmor\": \"p\"", "\"apparmor\":\"c\"" },
	{ "", ", \"idmap\": {\"mode\": \"range\", \"size\": 9}", "\"mode\":\"range\",\"size\":9" },
	{ ", \"idmap\": \"single\"", ", \"idmap\": {\"mode\": \"range\", \"size\": 9}",
	  "\"idmap\":{\"mode\":\"single\"}" },
	{ "", ", \"filesystem\": {\"root\": \"read-only\"}", "\"root\":\"read-only\"" },
	{ ", \"filesystem\": {\"root\": \"writable\"}",
	  ", \"filesystem\": {\"root\": \"read-only\"}", "\"root\":\"writable\"" },
	{ "", ", \"limits\": {\"pids\": 3, \"memory\": 4096, \"cpus\": 2}",
	  "\"limits\":{\"pids\":3,\"memory\":4096,\"cpus\":2}" },
	{ ", \"limits\": {\"pids\": 9}", ", \"limits\": {\"pids\": 3}", "\"limits\":{\"pids\":9}" },
	/* a child may take a limit away */
	{ ", \"limits\": {\"pids\": \"unlimited\"}", ", \"limits\": {\"pids\": 3}",
	  "\"landlock\":true},\"no_new" },
	{ "", ", \"image_profile\": \"accept\"", "\"image_profile\":\"accept\"" },
	/* limits, masks and mounts: all of both, the child's where both have one */
	{ ", \"limits\": {\"nofile\": 1}", ", \"limits\": {\"nofile\": 2, \"core\": 0}",
	  "\"limits\":{\"nofile\":{\"soft\":1,\"hard\":1},\"core\":{\"soft\":0,\"hard\":0}}" },
	{ ", \"filesystem\": {\"mask\": {\"hide\": [\"/a\"]}}",
	  ", \"filesystem\": {\"mask\": {\"hide\": [\"/a\", \"/b\"], \"read-only\": [\"/a\"]}}",
	  "\"mask\":{\"hide\":[\"/a\",\"/b\"],\"read-only\":[\"/a\"]}" },
	{ ", \"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"size\": \"1m\"}]}",
	  ", \"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"size\": \"2m\"}, \"/u\"]}",
	  "\"path\":\"/t\",\"size\":\"1" },
	/* capabilities: both, less what the child drops; what it adds stays */
	{ ", \"capabilities\": [\"KILL\"]", ", \"capabilities\": [\"CHOWN\"]",
	  "\"capabilities\":[\"CHOWN\",\"KILL\"]" },
	{ ", \"capabilities\": {\"drop\": [\"CHOWN\"]}",
	  ", \"capabilities\": [\"CHOWN\", \"KILL\"]", "\"capabilities\":[\"KILL\"]" },
	{ ", \"capabilities\": {\"drop\": [\"ALL\"], \"add\": [\"KILL\"]}",
	  ", \"capabilities\": [\"CHOWN\", \"KILL\"]", "\"capabilities\":[\"KILL\"]" },
	{ ", \"capabilities\": {\"drop\": [\"CHOWN\"]}",
	  ", \"capabilities\": {\"add\": [\"CHOWN\", \"KILL\"], \"user\": [\"CHOWN\", \"KILL\"]}",
	  "\"capabilities\":{\"add\":[\"KILL\"],\"user\":[\"KILL\"]}" },
	/* lists that narrow: united where both have one, kept where one has */
	{ ", \"network\": {\"bind\": [80]}", ", \"network\": {\"bind\": [443]}",
	  "\"bind\":[80,443]" },
	{ "", ", \"network\": {\"connect\": [53]}", "\"connect\":[53]" },
	{ ", \"filesystem\": {\"landlock\": {\"write\": [\"/a\"]}}",
	  ", \"filesystem\": {\"landlock\": {\"write\": [\"/b\", \"/a\"], \"execute\": [\"/c\"]}}",
	  "\"landlock\":{\"write\":[\"/a\",\"/b\"],\"execute\":[\"/c\"]}" },
	{ ", \"filesystem\": {\"landlock\": false}",
	  ", \"filesystem\": {\"landlock\": {\"write\": [\"/b\"]}}", "\"landlock\":false" },
	{ ", \"if_available\": [\"cgroup\"]", ", \"if_available\": [\"landlock\"]",
	  "\"if_available\":[\"landlock\",\"cgroup\"]" },
};

static void test_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text shown = {};
		const char *parents[] = {
			arena_printf(&arena, NAMED("parent", "%s"), rows[i].parent), NULL
		};
		struct policy *merged =
		        join(&arena, arena_printf(&arena, NAMED("child", "%s"), rows[i].child),
		             parents);

		value_encode(&shown, policy_to_value(&arena, merged), VALUE_COMPACT);
		if (strstr(text_string(&shown), rows[i].shown) == NULL)
			fail_msg("row %zu: no %s in %s", i, rows[i].shown, text_string(&shown));
		assert_string_equal(policy_name(merged), "child");
		assert_int_equal(policy_extends(merged)->count, 0);
	}
}

#define CALLS(rest) ", \"syscalls\": {" rest "}"

/* The child's rules are asked first, and its denials before its permissions. */
static void test_calls(void **state)
{
	const char *const parents[] = {
		NAMED("one",
		      CALLS("\"default\": {\"errno\": \"EIO\"}, \"allow\": [\"read\", \"write\"], "
		            "\"architectures\": [\"i386\"]")),
		NAMED("two", CALLS("\"default\": {\"errno\": \"EBUSY\"}, \"deny\": [\"read\"], "
		                   "\"allow\": [\"open\", \"close\"]")),
		NULL,
	};
	_cleanup_arena struct arena arena = {};
	struct policy *merged =
	        join(&arena,
	             NAMED("child",
	                   CALLS("\"deny\": [{\"call\": \"close\", \"decision\": \"kill\"}]")),
	             parents);
	struct filter_table table = compiled_table(&arena, merged, 0);

	(void)state;
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "allow");
	assert_string_equal(compiled_answer(&arena, &table, "write", NULL), "allow");
	assert_string_equal(compiled_answer(&arena, &table, "open", NULL), "allow");
	assert_string_equal(compiled_answer(&arena, &table, "close", NULL), "kill process");
	/* the first parent that says one; the child says nothing */
	assert_string_equal(compiled_answer(&arena, &table, "mount", NULL), "errno EIO");
	assert_true((merged->arches & 1u << ARCH_I386) != 0);
	assert_int_equal(merged->text_count, 3);
}

static void test_nothing_to_join(void **state)
{
	const char *const none[] = { NULL };
	_cleanup_arena struct arena arena = {};
	struct policy *merged =
	        join(&arena, NAMED("child", ", \"capabilities\": [\"KILL\"]"), none);

	(void)state;
	assert_int_equal(merged->capabilities, UINT64_C(1) << capability_from_name("KILL"));
	assert_int_equal(merged->text_count, 1);
}

static void test_two_dialects(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *docker =
	        compiled_parse(&arena, "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
	struct policy *merged = NULL;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_merge(&merged, &arena, compiled_parse(&arena, NAMED("child", "")),
	                              &docker, 1, &err),
	                 -1);
	assert_string_equal(err.text, "child cannot be joined with test: test is a seccomp file in "
	                              "Docker's form");
	/* nor can two of them: nothing says whose default and whose highest name would count */
	assert_int_equal(policy_merge(&merged, &arena, docker, &docker, 1, &err), -1);
	assert_null(merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_nothing_to_join),
		cmocka_unit_test(test_two_dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
