/*
 * What random profiles are held to, whatever they say: written anew, shown and exported they mean
 * the same, joined with themselves they are themselves, lists that only allow are joined in any
 * order, and a difference is one both ways. For every architecture a filter can be for.
 * CORDON_PROFILE_COUNT is how many; docs/proof.md has what a long run found.
 */
#include "tests/policy/compiled.h"

#include "policy/diff.h"
#include "policy/meaning.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/random_profile.h"

#include <stdio.h>

enum { USUAL_PROFILES = 60, KERNEL = 6 << 16 | 1 };

static const enum arch natives[] = { ARCH_X86_64,  ARCH_I386,    ARCH_AARCH64, ARCH_ARM,
	                             ARCH_RISCV64, ARCH_PPC64LE, ARCH_S390X };

static unsigned wanted(void)
{
	const char *given = getenv("CORDON_PROFILE_COUNT");

	return given == NULL ? USUAL_PROFILES : (unsigned)atoi(given);
}

struct tally {
	unsigned profiles, filters, refused, walls, exported, inexact;
};

/* ---- one profile, as far as it can be compiled ---- */

/* False: it cannot be compiled for that architecture; the reason is in *why. */
static bool table_of(struct filter_table *ret, const char **why, struct arena *arena,
                     const struct policy *policy, enum arch arch)
{
	struct error err = {};

	*why = "";
	if (policy_filter_table(ret, arena, policy, arch, KERNEL, 1 << 21 | 1, &err) == 0)
		return true;
	*why = arena_strdup(arena, err.text);
	return false;
}

static bool confinement_of(struct confinement *ret, struct arena *arena,
                           const struct policy *policy)
{
	const struct host host = compiled_host();
	const struct policy_flags flags = {};
	struct error err = {};

	return policy_compile(ret, arena, policy, &flags, &host, &err) == 0;
}

/* cmocka cuts what it prints. */
static void tell(const char *text)
{
	fputs(text, stderr);
	fputc('\n', stderr);
}

/* Two tables in one store: equal if their nodes are. */
static void expect_equal(const struct filter_table *a, const struct filter_table *b, enum arch arch,
                         const char *what, const char *text)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	diagram left = meaning_of_table(store, a), right = meaning_of_table(store, b);
	struct call_sample sample = {};
	struct error err;

	assert_int_equal(diagrams_check(store, &err), 0);
	if (!diagram_witness(store, left, right, &sample))
		return;
	tell(text);
	fail_msg("%s, %s, number %u of %#x, %#llx %#llx %#llx: %#x and %#x", what, arch_name(arch),
	         sample.number, sample.audit, (unsigned long long)sample.arguments[0],
	         (unsigned long long)sample.arguments[1], (unsigned long long)sample.arguments[2],
	         diagram_value(store, left, &sample), diagram_value(store, right, &sample));
}

static struct differences differences_of(struct arena *arena, const struct policy *a,
                                         const struct policy *b, bool *can)
{
	struct confinement left, right;
	struct filter_table from, to;
	struct differences found = {};
	struct error err = {};
	const char *why;

	*can = confinement_of(&left, arena, a) && confinement_of(&right, arena, b) &&
	       table_of(&from, &why, arena, a, ARCH_X86_64) &&
	       table_of(&to, &why, arena, b, ARCH_X86_64);
	if (*can &&
	    policy_diff(&found, arena, &(struct diff_side){ &left, &from, policy_attaching(a) },
	                &(struct diff_side){ &right, &to, policy_attaching(b) }, &err) < 0)
		fail_msg("%s", err.text);
	return found;
}

/* One policy in two texts. */
static void expect_same(struct tally *tally, struct arena *arena, const struct policy *a,
                        const struct policy *b, const char *what, const char *text)
{
	struct filter_table left, right;
	struct differences found;
	const char *why, *other;
	bool can;

	for (size_t i = 0; i < ARRAY_SIZE(natives); i++) {
		bool made = table_of(&left, &why, arena, a, natives[i]);

		if (made != table_of(&right, &other, arena, b, natives[i])) {
			tell(text);
			fail_msg("%s, %s: '%s' and '%s'", what, arch_name(natives[i]), why, other);
		}
		tally->filters += made;
		tally->refused += !made;
		if (made)
			expect_equal(&left, &right, natives[i], what, text);
	}
	found = differences_of(arena, a, b, &can);
	if (found.count > 0) {
		tell(text);
		fail_msg("%s: '%s'", what, found.rows[0].subject);
	}
	tally->walls += can;
}

/* ---- fmt, show ---- */

static void laid_out(struct text *ret, struct arena *arena, const char *text)
{
	struct error err = {};
	struct value *value;

	if (value_decode_large(&value, arena, "random.json", text, strlen(text), &err) < 0)
		fail_msg("%s: %s", err.text, text);
	text_clear(ret);
	policy_layout(ret, value);
}

static void shown(struct text *ret, struct arena *arena, const struct policy *policy)
{
	text_clear(ret);
	value_encode(ret, policy_to_value(arena, policy), VALUE_INDENTED);
}

static void check_texts(struct tally *tally, struct arena *arena, const struct policy *policy,
                        const char *text)
{
	_cleanup_text struct text first = {}, second = {};
	const struct policy *again;

	laid_out(&first, arena, text);
	laid_out(&second, arena, text_string(&first));
	assert_string_equal(text_string(&first), text_string(&second));
	again = compiled_parse(arena, text_string(&first));
	expect_same(tally, arena, policy, again, "fmt", text);
	shown(&first, arena, policy);
	again = compiled_parse(arena, text_string(&first));
	shown(&second, arena, again);
	assert_string_equal(text_string(&first), text_string(&second));
	expect_same(tally, arena, policy, again, "show", text);
}

/* ---- merge, diff ---- */

static const struct policy *joined(struct arena *arena, const struct policy *child,
                                   const struct policy *parent)
{
	struct policy *merged;
	struct error err = {};

	if (policy_merge(&merged, arena, child, &parent, 1, &err) < 0)
		fail_msg("%s", err.text);
	return merged;
}

static unsigned count_of(const struct differences *found, enum difference_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < found->count; i++)
		count += found->rows[i].kind == kind;
	return count;
}

/* Calls only: what cannot be ordered is wider both ways. */
static bool has_wall(const struct differences *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (!found->rows[i].has_sample)
			return true;
	return false;
}

static void check_two_ways(struct arena *arena, const struct policy *a, const struct policy *b,
                           const char *text)
{
	bool can;
	struct differences there = differences_of(arena, a, b, &can);
	struct differences back = differences_of(arena, b, a, &can);

	if (!can)
		return;
	assert_int_equal(there.count, back.count);
	if (has_wall(&there))
		return;
	if (count_of(&there, DIFFERENCE_WIDER) != count_of(&back, DIFFERENCE_NARROWER) ||
	    count_of(&there, DIFFERENCE_OTHER) != count_of(&back, DIFFERENCE_OTHER)) {
		tell(text);
		fail_msg("not the same both ways");
	}
}

static void check_joins(struct tally *tally, struct arena *arena, struct random *random)
{
	_cleanup_text struct text text = {};
	const struct policy *a = random_policy(&text, arena, random, true);
	const struct policy *b = random_policy(&text, arena, random, true);
	const struct policy *c = random_policy(&text, arena, random, false);
	const struct policy *d = random_policy(&text, arena, random, false);
	struct filter_table left, right;
	const char *why;

	expect_same(tally, arena, c, joined(arena, c, c), "joined with itself", text_string(&text));
	/* in twos, either way: of calls (a child's "landlock": false takes lists away as it is
	 * joined) */
	for (size_t i = 0; i < ARRAY_SIZE(natives); i++)
		if (table_of(&left, &why, arena, joined(arena, c, joined(arena, d, a)),
		             natives[i]) &&
		    table_of(&right, &why, arena, joined(arena, joined(arena, c, d), a),
		             natives[i]))
			expect_equal(&left, &right, natives[i], "joined in twos",
			             text_string(&text));
	for (size_t i = 0; i < ARRAY_SIZE(natives); i++)
		if (table_of(&left, &why, arena, joined(arena, a, b), natives[i]) &&
		    table_of(&right, &why, arena, joined(arena, b, a), natives[i]))
			expect_equal(&left, &right, natives[i], "joined either way",
			             text_string(&text));
	check_two_ways(arena, c, d, text_string(&text));
	check_two_ways(arena, a, c, text_string(&text));
}

/* ---- oci, docker ---- */

/* What is written, read as runc reads it: what policy_oci_compare says of it is so. */
static void check_exported(struct tally *tally, struct arena *arena, const struct policy *policy,
                           enum arch arch, const char *text)
{
	_cleanup_text struct text json = {};
	struct oci_comparison comparison;
	struct filter_table table, again;
	struct error err = {};
	struct value *value;
	const char *why;

	if (!table_of(&table, &why, arena, policy, arch) ||
	    policy_to_oci(&value, arena, &table, &err) < 0)
		return;
	if (policy_oci_compare(&comparison, &table, value, &err) < 0) {
		assert_non_null(strstr(err.text, "the limit is")); /* more than 1 MiB of entries */
		return;
	}
	tally->exported++;
	tally->inexact += !comparison.equal;
	value_encode(&json, value, VALUE_COMPACT);
	assert_true(table_of(&again, &why, arena, compiled_parse(arena, text_string(&json)), arch));
	if (comparison.equal)
		expect_equal(&table, &again, arch, "exported", text);
	else if (comparison.wanted == comparison.got)
		fail_msg("no witness: %s", text);
	/* everything that can be said is said right; arm has calls of its own far above the others
	 */
	if (!comparison.equal && arch != ARCH_ARM && table.arch_count == 1 &&
	    !table.archs[0].has_x32 && syscall_number(arch, syscall_find("socketcall")) < 0 &&
	    table.archs[0].unknown.kind == DECISION_ERRNO &&
	    table.archs[0].unknown.data == ENOSYS && table.archs[0].listed.kind > DECISION_LOG) {
		tell(text);
		fail_msg("not exported as it is, %s, number %u", arch_name(arch),
		         comparison.witness.number);
	}
}

static void test_profiles(void **state)
{
	struct random random = { 0x9e3779b97f4a7c15 };
	struct tally tally = {};

	(void)state;
	for (; tally.profiles < wanted(); tally.profiles++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		const struct policy *policy = random_policy(&text, &arena, &random, false);
		enum arch arch = natives[tally.profiles % ARRAY_SIZE(natives)];

		check_texts(&tally, &arena, policy, text_string(&text));
		check_exported(&tally, &arena, policy, arch, text_string(&text));
		check_joins(&tally, &arena, &random);
	}
	print_message(
	        "# %u profiles: %u filters the same, %u refused alike; %u confinements the same; "
	        "%u exported, %u of them not as they are\n",
	        tally.profiles, tally.filters, tally.refused, tally.walls, tally.exported,
	        tally.inexact);
	assert_true(tally.filters > tally.refused / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_profiles) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
