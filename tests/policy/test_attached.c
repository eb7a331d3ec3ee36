/* attached: a profile that came with an image takes from what the user's policy gives, and adds
 * nothing. */
#include "policy/attached.h"
#include "policy/value.h"
#include "sandbox/base/cleanup.h"
#include "tests/policy/compiled.h"

#define NEEDED "\"execve\", \"execveat\", \"write\", \"exit\", \"exit_group\", \"rt_sigreturn\""

/* What a policy becomes with an image's profile: 0, or -1 with the reason. */
struct outcome {
	struct arena arena;
	struct policy *policy;
	struct confinement confinement;
	struct error err;
};

static void outcome_done(struct outcome *outcome)
{
	arena_done(&outcome->arena);
}

static int join(struct outcome *ret, const char *user, const char *image,
                const struct policy_flags *flags)
{
	const struct host host = compiled_host();
	struct policy *policy;

	*ret = (struct outcome){};
	policy = compiled_parse(&ret->arena, user);
	if (attached_meet(&ret->policy, &ret->arena, policy, compiled_parse(&ret->arena, image),
	                  &ret->err) < 0 ||
	    policy_compile(&ret->confinement, &ret->arena, ret->policy, flags, &host, &ret->err) <
	            0)
		return -1;
	return attached_prove(&ret->confinement, ret->policy, flags, &host, &ret->err);
}

static void expect_refusal(const char *user, const char *image, const struct policy_flags *flags,
                           const char *why)
{
	__attribute__((cleanup(outcome_done))) struct outcome outcome;

	if (join(&outcome, user, image, flags) == 0)
		fail_msg("taken: %s", image);
	if (strstr(outcome.err.text, why) == NULL)
		fail_msg("%s", outcome.err.text);
}

static const struct policy_flags none;
static const char user[] =
        "{\"schema\": 1, \"name\": \"mine\", \"capabilities\": [\"CHOWN\", \"KILL\"], "
        "\"limits\": {\"nofile\": 1024},"
        "\"filesystem\": {\"landlock\": {\"write\": [\"/var\", \"/srv\"]}},"
        "\"syscalls\": {\"allow\": [" NEEDED ", \"read\", \"ptrace\"]}}";

static void test_takes(void **state)
{
	__attribute__((cleanup(outcome_done))) struct outcome outcome;
	struct filter_table table;

	(void)state;
	if (join(&outcome, user,
	         "{\"schema\": 1, \"name\": \"theirs\", \"capabilities\": [\"KILL\", "
	         "\"SYS_ADMIN\"],"
	         "\"limits\": {\"nofile\": 64, \"core\": 0}, \"filesystem\": {\"root\": "
	         "\"read-only\", \"landlock\": {\"write\": [\"/var/cache\", \"/home\"]}},"
	         "\"syscalls\": {\"allow\": [" NEEDED ", \"read\", \"mount\"]}}",
	         &none) < 0)
		fail_msg("%s", outcome.err.text);
	assert_int_equal(outcome.confinement.capabilities.bounding,
	                 1u << capability_from_name("KILL"));
	assert_true(outcome.confinement.root_read_only);
	assert_int_equal(outcome.confinement.landlock.write.count, 1);
	assert_string_equal(outcome.confinement.landlock.write.items[0], "/var/cache");
	table = compiled_table(&outcome.arena, outcome.policy, 0);
	assert_string_equal(compiled_answer(&outcome.arena, &table, "read", NULL), "allow");
	assert_string_equal(compiled_answer(&outcome.arena, &table, "ptrace", NULL), "errno EPERM");
	assert_string_equal(compiled_answer(&outcome.arena, &table, "mount", NULL), "errno EPERM");
}

/* One that says nothing takes nothing, and one that allows everything gives nothing. */
static void test_gives_nothing(void **state)
{
	static const char *const images[] = {
		"{\"schema\": 1}",
		"{\"schema\": 1, \"syscalls\": {\"default\": \"allow\", \"unknown\": \"allow\", "
		"\"architectures\": [\"i386\", \"x32\"]}, \"no_new_privileges\": false, "
		"\"user_namespaces\": true, \"filesystem\": {\"root\": \"writable\", \"landlock\": "
		"false}, \"limits\": {\"nofile\": \"unlimited\"}, \"if_available\": [\"landlock\", "
		"\"cgroup\", \"limits\"]}",
	};
	const struct host host = compiled_host();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		__attribute__((cleanup(outcome_done))) struct outcome outcome;
		struct confinement alone;

		if (join(&outcome, user, images[i], &none) < 0)
			fail_msg("%s", outcome.err.text);
		assert_int_equal(policy_compile(&alone, &outcome.arena,
		                                compiled_parse(&outcome.arena, user), &none, &host,
		                                &outcome.err),
		                 0);
		assert_int_equal(alone.filter.count, outcome.confinement.filter.count);
		assert_memory_equal(alone.filter.instructions,
		                    outcome.confinement.filter.instructions,
		                    alone.filter.count * sizeof *alone.filter.instructions);
		assert_int_equal(alone.capabilities.bounding,
		                 outcome.confinement.capabilities.bounding);
		assert_true(outcome.confinement.no_new_privileges);
	}
}

static void test_may_not_say(void **state)
{
	static const char *const words[] = {
		"extends\": [\"default\"]",
		"images\": [\"*\"]",
		"idmap\": \"single\"",
		"apparmor\": \"unconfined\"",
		"image_profile\": \"ignore\"",
		"filesystem\": {\"tmpfs\": [\"/etc\"]}",
		"idmap\": {\"mode\": \"keep-id\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char text[128];

		snprintf(text, sizeof text, "{\"schema\": 1, \"%s}", words[i]);
		expect_refusal(user, text, &none, "may not say ");
	}
	expect_refusal(user, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", &none,
	               "may not say defaultAction");
}

/* What the user denies only while a capability is kept would be open without it. */
static void test_opens_by_taking(void **state)
{
	static const char gated[] =
	        "{\"schema\": 1, \"capabilities\": [\"CHOWN\", \"KILL\"], \"syscalls\": {"
	        "\"deny\": [{\"capability\": \"KILL\", \"deny\": [\"ptrace\"]}], \"allow\": [" NEEDED
	        ", \"read\", \"ptrace\"]}}";
	const struct policy_flags add = { .cap_add = { (const char *[]){ "KILL" }, 1 } };
	__attribute__((cleanup(outcome_done))) struct outcome outcome;

	(void)state;
	expect_refusal(gated, "{\"schema\": 1, \"name\": \"sly\", \"capabilities\": []}", &none,
	               "the image's profile 'sly' would give more than it takes: ptrace");
	/* whichever word gave it */
	expect_refusal(gated, "{\"schema\": 1, \"name\": \"sly\", \"capabilities\": [\"CHOWN\"]}",
	               &add, "would give more than it takes");
	assert_int_equal(join(&outcome, gated, "{\"schema\": 1, \"capabilities\": [\"KILL\"]}",
	                      &none),
	                 0);
}

/* The flags are the user's word; the image's profile takes from that too. */
static void test_takes_from_flags(void **state)
{
	const struct policy_flags open = { .seccomp_unconfined = true,
		                           .allow_new_privileges = true };
	__attribute__((cleanup(outcome_done))) struct outcome outcome;
	struct filter_table table;

	(void)state;
	if (join(&outcome, user,
	         "{\"schema\": 1, \"no_new_privileges\": true, \"syscalls\": {\"default\": "
	         "\"allow\", \"deny\": [\"mount\"]}}",
	         &open) < 0)
		fail_msg("%s", outcome.err.text);
	assert_true(outcome.confinement.no_new_privileges);
	assert_true(outcome.confinement.filter.count > 0);
	if (policy_filter_table(&table, &outcome.arena, outcome.policy, ARCH_X86_64, 6 << 16 | 1, 0,
	                        &outcome.err) < 0)
		fail_msg("%s", outcome.err.text);
	assert_string_equal(compiled_answer(&outcome.arena, &table, "mount", NULL), "errno EPERM");
}

static void test_words(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = compiled_parse(&arena, user), *met;
	struct error err;

	(void)state;
	assert_int_equal(policy_attaching(policy), ATTACHING_IGNORE);
	policy_set_attaching(policy, ATTACHING_ACCEPT);
	assert_int_equal(policy_attaching(policy), ATTACHING_ACCEPT);
	assert_int_equal(policy_meet(&met, &arena, policy,
	                             compiled_parse(&arena, "{\"schema\": 1, \"image_profile\": "
	                                                    "\"require\"}"),
	                             &err),
	                 0);
	assert_int_equal(policy_attaching(met), ATTACHING_REQUIRE);
	assert_int_equal(policy_meet(&met, &arena, policy,
	                             compiled_parse(&arena, "{\"schema\": 1, \"image_profile\": "
	                                                    "\"ignore\"}"),
	                             &err),
	                 0);
	assert_int_equal(policy_attaching(met), ATTACHING_ACCEPT);
}

/* What is published may be attached, and takes the same. */
static void test_publishes(void **state)
{
	__attribute__((cleanup(outcome_done))) struct outcome outcome;
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct policy *policy = compiled_parse(
	        &arena, "{\"schema\": 1, \"name\": \"theirs\", \"images\": [\"*/x\"], \"idmap\": "
	                "\"keep-id\", \"apparmor\": \"label\", \"image_profile\": \"accept\", "
	                "\"capabilities\": [\"KILL\"], \"filesystem\": {\"root\": \"read-only\", "
	                "\"tmpfs\": [\"/run\"]}, \"syscalls\": {\"allow\": [" NEEDED "]}}");

	(void)state;
	value_encode(&text, attached_to_value(&arena, policy), VALUE_COMPACT);
	assert_null(strstr(text_string(&text), "tmpfs"));
	if (join(&outcome, user, text_string(&text), &none) < 0)
		fail_msg("%s: %s", outcome.err.text, text_string(&text));
	assert_true(outcome.confinement.root_read_only);
	assert_int_equal(outcome.confinement.capabilities.bounding,
	                 1u << capability_from_name("KILL"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_gives_nothing),
		cmocka_unit_test(test_may_not_say),
		cmocka_unit_test(test_opens_by_taking),
		cmocka_unit_test(test_takes_from_flags),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_publishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
