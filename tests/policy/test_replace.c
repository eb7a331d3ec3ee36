/* --security-opt seccomp=FILE: only the rules for system calls come from the other file. */
#include "tests/policy/compiled.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

static const char own[] =
        "{\"schema\": 1, \"name\": \"own\", \"syscalls\": {\"default\": {\"errno\": \"EPERM\"}, "
        "\"allow\": [\"read\"]}, \"capabilities\": [\"CHOWN\"], \"limits\": {\"nofile\": 7}, "
        "\"user_namespaces\": true, \"filesystem\": {\"root\": \"read-only\"}}";
static const char docker[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13, \"syscalls\": "
        "[{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

static void test_rules_alone(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *policy = compiled_parse(&arena, own);
	const struct policy *calls = compiled_parse(&arena, docker);
	struct filter_table table;
	struct policy *ret = NULL;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_replace_calls(&ret, &arena, policy, calls, &err), 0);
	table = compiled_table(&arena, ret, 0);
	assert_string_equal(compiled_answer(&arena, &table, "write", NULL), "allow");
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "errno EACCES");
	assert_string_equal(policy_name(ret), "own");
	assert_int_equal(ret->capabilities, 1);
	assert_true(ret->root_read_only);
	assert_int_equal(ret->limit_count, 1);
	/* the file decides about clone by its rules, not by the switch of another */
	assert_int_equal(ret->user_namespaces, calls->user_namespaces);
	assert_ptr_equal(ret->texts[0].root, calls->texts[0].root);
	assert_ptr_equal(ret->texts[1].root, policy->texts[0].root);
	/* and what it was made of is as before */
	table = compiled_table(&arena, policy, 0);
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "allow");
}

static void test_ceilings_stay(void **state)
{
	static const char ceiling[] =
	        "{\"schema\": 1, \"name\": \"top\", \"syscalls\": {\"default\": "
	        "\"allow\", \"deny\": [{\"call\": \"write\", \"decision\": {\"errno\": \"EIO\"}}]}}";
	_cleanup_arena struct arena arena = {};
	struct policy *met, *ret;
	struct filter_table table;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_meet(&met, &arena, compiled_parse(&arena, own),
	                             compiled_parse(&arena, ceiling), &err),
	                 0);
	assert_int_equal(policy_replace_calls(&ret, &arena, met, compiled_parse(&arena, docker),
	                                      &err),
	                 0);
	table = compiled_table(&arena, ret, 0);
	assert_string_equal(compiled_answer(&arena, &table, "write", NULL), "errno EIO");
}

static void test_a_file_without_rules(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *ret = NULL;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_replace_calls(&ret, &arena, compiled_parse(&arena, own),
	                                      compiled_parse(&arena,
	                                                     "{\"schema\": 1, \"name\": \"none\"}"),
	                                      &err),
	                 -1);
	assert_string_equal(err.text, "none has no rules for system calls");
	assert_null(ret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_alone),
		cmocka_unit_test(test_ceilings_stay),
		cmocka_unit_test(test_a_file_without_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
