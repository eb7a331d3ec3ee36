/*
 * narrow: a confinement under a ceiling that came later: never wider than it was nor than the
 * ceiling, what a launch under that ceiling would have got where no capability is taken, and
 * nothing more is taken the second time. With written rows, and with random profiles and ceilings.
 */
#include "tests/policy/compiled.h"

#include "policy/diff_walls.h"
#include "policy/meaning.h"
#include "policy/model.h"
#include "policy/narrow.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/random_profile.h"

enum { RANDOM_PAIRS = 60, KERNEL = 6 << 16 | 1 };

static bool compile(struct confinement *ret, struct arena *arena, const struct policy *policy)
{
	const struct host host = compiled_host();
	const struct policy_flags flags = {};
	struct error err = {};

	return policy_compile(ret, arena, policy, &flags, &host, &err) == 0;
}

static struct policy *meet(struct arena *arena, const struct policy *policy,
                           const struct policy *ceiling)
{
	struct policy *met;
	struct error err = {};

	assert_int_equal(policy_meet(&met, arena, policy, ceiling, &err), 0);
	return met;
}

static bool narrow(struct confinement *ret, struct arena *arena, const struct confinement *stored,
                   const struct policy *ceiling, struct error *err)
{
	const struct host host = compiled_host();
	const struct policy *policy = meet(arena, policy_of_confinement(arena, stored), ceiling);

	return policy_narrow(ret, arena, policy, stored, &host, err) == 0;
}

static diagram answers(struct diagrams *store, const struct plan_filter *filter)
{
	diagram node = diagram_leaf(store, 0x7fff0000);
	struct error err = {};

	if (filter->count > 0 && prove_program(&node, store, filter, false, &err) < 0)
		fail_msg("%s", err.text);
	return node;
}

static void expect_within(struct diagrams *store, diagram inner, diagram outer, const char *what,
                          const char *text)
{
	struct call_sample point = {};

	if (diagram_example(store,
	                    diagram_and(store, meaning_permits(store, inner),
	                                diagram_not(store, meaning_permits(store, outer))),
	                    &point))
		fail_msg("%s: call %u of %#x: %s", what, point.number, point.audit, text);
}

/* What cannot be ordered is wider both ways: a start with another id map is refused. Of a wall that
 * was not stored it is not known whether the profile insisted on it: with a launch it may differ.
 */
static bool is_wider(const struct difference *row, bool insists)
{
	return row->kind == DIFFERENCE_WIDER && strcmp(row->subject, "id map") != 0 &&
	       strcmp(row->subject, "AppArmor profile") != 0 &&
	       (insists || !text_ends(row->subject, " insisted on"));
}

static void expect_no_wider_walls(struct arena *arena, const struct confinement *was,
                                  const struct confinement *is, bool insists, const char *text)
{
	struct differences found = {};

	diff_walls(&found, arena, &(struct diff_side){ was, NULL, ATTACHING_IGNORE },
	           &(struct diff_side){ is, NULL, ATTACHING_IGNORE });
	for (size_t i = 0; i < found.count; i++)
		if (is_wider(&found.rows[i], insists))
			fail_msg("wider: %s: %s", found.rows[i].subject, text);
}

/* No wall is another; the filter is the same to the byte. */
static void expect_same(struct arena *arena, const struct confinement *a,
                        const struct confinement *b, const char *text)
{
	struct differences found = {};

	diff_walls(&found, arena, &(struct diff_side){ a, NULL, ATTACHING_IGNORE },
	           &(struct diff_side){ b, NULL, ATTACHING_IGNORE });
	if (found.count > 0)
		fail_msg("%s is another: %s", found.rows[0].subject, text);
	if (a->filter.count != b->filter.count || a->left_out.count != b->left_out.count ||
	    a->mask_count != b->mask_count || a->limit_count != b->limit_count ||
	    (a->filter.count > 0 && memcmp(a->filter.instructions, b->filter.instructions,
	                                   a->filter.count * sizeof *a->filter.instructions) != 0))
		fail_msg("it is not the same: %s", text);
}

/* What a ceiling permits by itself: silent on user namespaces it takes none. */
static diagram permitted_by(struct diagrams *store, struct arena *arena,
                            const struct policy *ceiling, uint64_t capabilities)
{
	struct policy alone = *ceiling;
	struct filter_table table;
	struct error err = {};

	if (!policy_says(ceiling, SETTING_CALLS))
		return diagram_leaf(store, 0x7fff0000);
	if (!policy_says(ceiling, SETTING_USER_NAMESPACES))
		alone.user_namespaces = true;
	if (policy_filter_table(&table, arena, &alone, ARCH_X86_64, KERNEL, capabilities, &err) < 0)
		fail_msg("%s", err.text);
	return meaning_of_table(store, &table);
}

/* All that holds of every pair. False where one of them cannot be compiled. */
static bool hold(struct arena *arena, const struct policy *policy, const struct policy *ceiling,
                 const char *text)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct confinement stored, narrowed, again, launched;
	struct error err = {};
	diagram was, is;

	if (!compile(&stored, arena, policy) ||
	    !compile(&launched, arena, meet(arena, policy, ceiling)))
		return false;
	/* rules that were open for a capability may leave nothing that could start under the
	 * ceiling
	 */
	if (!narrow(&narrowed, arena, &stored, ceiling, &err))
		return false;
	was = answers(store, &stored.filter);
	is = answers(store, &narrowed.filter);
	expect_within(store, is, was, "wider than it was", text);
	expect_within(store, is,
	              permitted_by(store, arena, ceiling, narrowed.capabilities.bounding),
	              "wider than the ceiling", text);
	expect_no_wider_walls(arena, &stored, &narrowed, true, text);
	expect_no_wider_walls(arena, &launched, &narrowed, false, text);
	if (narrowed.capabilities.bounding == stored.capabilities.bounding)
		expect_within(store, is, answers(store, &launched.filter), "wider than a launch",
		              text);
	assert_int_equal(diagrams_check(store, &err), 0);
	if (!narrow(&again, arena, &narrowed, ceiling, &err))
		fail_msg("%s: %s", err.text, text);
	expect_same(arena, &narrowed, &again, text);
	return true;
}

#define OPEN          ", \"syscalls\": {\"default\": \"allow\"}"
#define PROFILE(rest) "{\"schema\": 1, \"name\": \"it\"" rest "}"

/* What the ceiling says, and what is said of it. */
static const struct {
	const char *ceiling, *said;
	size_t with_calls; /* it has two walls, and both are said */
} rows[] = {
	{ ", \"capabilities\": [\"KILL\"]", "the ceiling 'top' takes the capability CHOWN" },
	{ ", \"filesystem\": {\"root\": \"read-only\"}",
	  "the ceiling 'top' takes the writable root" },
	{ ", \"no_new_privileges\": true", "takes the gain of new privileges" },
	{ ", \"user_namespaces\": false", "the ceiling 'top' takes new user namespaces", true },
	{ ", \"filesystem\": {\"landlock\": true}", "takes the freedom from Landlock" },
	{ ", \"limits\": {\"nofile\": 20}", "takes what the limit nofile has above its own" },
	{ ", \"limits\": {\"pids\": 10}", "takes some processes" },
	{ ", \"idmap\": {\"mode\": \"single\"}", "takes any id map but its own" },
	{ ", \"syscalls\": {\"default\": \"allow\", \"deny\": [\"ptrace\"]}",
	  "the ceiling takes system calls, ptrace() for one" },
	{ ", \"syscalls\": {\"default\": \"allow\", \"deny\": [{\"call\": \"socket\", \"when\": "
	  "{\"domain\": {\"in\": [\"AF_VSOCK\"]}}}]}",
	  "the ceiling takes system calls, socket(domain=0x28 AF_VSOCK" },
};

static const char loose[] =
        PROFILE(", \"capabilities\": [\"CHOWN\", \"KILL\"], \"no_new_privileges\": false, "
                "\"user_namespaces\": true, \"filesystem\": {\"landlock\": false}, \"limits\": "
                "{\"nofile\": 100, \"pids\": 50}" OPEN);

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text said = {};
		const struct policy *ceiling =
		        compiled_parse(&arena,
		                       arena_printf(&arena, "{\"schema\": 1, \"name\": \"top\"%s}",
		                                    rows[i].ceiling));
		const struct policy *policy = compiled_parse(&arena, loose);
		struct confinement stored, narrowed;
		struct error err = {};

		assert_true(compile(&stored, &arena, policy));
		if (!narrow(&narrowed, &arena, &stored, ceiling, &err))
			fail_msg("%s", err.text);
		for (size_t j = 0; j < narrowed.left_out.count; j++)
			text_printf(&said, "%s\n", narrowed.left_out.items[j]);
		if (strstr(text_string(&said), rows[i].said) == NULL ||
		    narrowed.left_out.count != 1 + rows[i].with_calls)
			fail_msg("'%s' instead of '%s'", text_string(&said), rows[i].said);
		assert_true(hold(&arena, policy, ceiling, rows[i].ceiling));
	}
}

/* What is no wider already stays as it is, to the byte; also where it has no filter at all. */
static void test_silent(void **state)
{
	static const char *const ceilings[] = { "", OPEN, ", \"limits\": {\"nofile\": 4096}",
		                                ", \"capabilities\": [\"CHOWN\", \"KILL\"]" };
	const struct policy_flags flags[] = { {}, { .seccomp_unconfined = true } };
	const struct host host = compiled_host();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ceilings) * 2; i++) {
		_cleanup_arena struct arena arena = {};
		struct confinement stored, narrowed;
		struct error err = {};
		const char *text = arena_printf(&arena, "{\"schema\": 1, \"name\": \"top\"%s}",
		                                ceilings[i / 2]);

		assert_int_equal(policy_compile(&stored, &arena, compiled_parse(&arena, loose),
		                                &flags[i % 2], &host, &err),
		                 0);
		if (i / 2 == 1 && i % 2 == 1)
			continue; /* "allow" closes the other architectures */
		assert_true(narrow(&narrowed, &arena, &stored, compiled_parse(&arena, text), &err));
		expect_same(&arena, &stored, &narrowed, text);
	}
}

/* What the host cannot do any more is an error, as at a launch. */
static void test_host(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *policy = compiled_parse(&arena, PROFILE(OPEN));
	struct host host = compiled_host();
	struct confinement stored, narrowed;
	struct error err = {};

	(void)state;
	assert_true(compile(&stored, &arena, policy));
	assert_true(stored.landlock.enabled);
	host.landlock_abi = 0;
	policy = meet(&arena, policy_of_confinement(&arena, &stored),
	              compiled_parse(&arena, PROFILE("")));
	assert_int_equal(policy_narrow(&narrowed, &arena, policy, &stored, &host, &err), -1);
	assert_non_null(strstr(err.text, "this kernel has no Landlock"));
}

static const char essential[] =
        "{\"schema\": 1, \"name\": \"top\", \"syscalls\": {\"default\": \"allow\", \"deny\": "
        "[\"ptrace\", \"@network\", {\"call\": \"clone\", \"when\": {\"flags\": "
        "{\"mask\": \"CLONE_NEWNET\", \"is\": \"CLONE_NEWNET\"}}}]}, \"capabilities\": [\"KILL\", \"SYS_ADMIN\", \"CHOWN\"]}";

static void test_random(void **state)
{
	struct random random = { 0x2545f4914f6cdd1d };
	const char *count = getenv("CORDON_PROFILE_COUNT");
	unsigned wanted = count == NULL ? RANDOM_PAIRS : (unsigned)atoi(count), held = 0;

	(void)state;
	for (unsigned i = 0; i < wanted; i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text own = {}, upper = {}, both = {};
		const struct policy *policy = random_policy(&own, &arena, &random, i % 4 == 0);
		const struct policy *ceiling = random_policy(&upper, &arena, &random, i % 4 == 1);

		text_printf(&both, "%s under %s", text_string(&own), text_string(&upper));
		held += hold(&arena, policy, ceiling, text_string(&both));
		held += hold(&arena, policy, compiled_parse(&arena, essential), text_string(&own));
	}
	print_message("# %u of %u pairs could be compiled\n", held, 2 * wanted);
	assert_true(held > wanted / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
