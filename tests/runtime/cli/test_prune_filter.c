/* --filter of prune: times and labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/cli/label.h"
#include "runtime/cli/prune_filter.h"
#include "sandbox/base/cleanup.h"

static struct value *labels(struct arena *arena)
{
	struct value *object = value_new_object(arena);

	value_set(arena, object, "tier", value_new_string(arena, "front"));
	value_set(arena, object, "bare", value_new_string(arena, ""));
	return object;
}

static void test_labels(void **state)
{
	_cleanup_arena struct arena arena = {};
	static const struct {
		const char *wanted;
		bool matches;
	} rows[] = {
		{ "tier", true },   { "tier=front", true }, { "tier=fron", false },
		{ "tier=", false }, { "tie", false },       { "bare", true },
		{ "bare=", true },  { "bare=x", false },    { "", false },
		{ "tiers", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(label_matches(labels(&arena), rows[i].wanted), rows[i].matches);
		assert_false(label_matches(NULL, rows[i].wanted));
	}
}

/* made at 1000, now it is 2000 */
static void test_filters(void **state)
{
	_cleanup_arena struct arena arena = {};
	static const struct {
		const char *filters[3];
		int matches; /* -1: refused */
	} rows[] = {
		{ { NULL }, 1 },
		{ { "until=10m" }, 1 },
		{ { "until=20m" }, 0 },
		{ { "until=1001" }, 1 },
		{ { "until=1000" }, 0 },
		{ { "label=tier" }, 1 },
		{ { "label=tier", "label=other" }, 0 },
		{ { "label!=tier" }, 0 },
		{ { "label!=other" }, 1 },
		{ { "label!=tier=back", "until=10m" }, 1 },
		{ { "until=never" }, -1 },
		{ { "until" }, -1 },
		{ { "colour=red" }, -1 },
		{ { "" }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_strings filters = { .items = (const char **)rows[i].filters };
		struct prune_filter filter;
		struct error err;
		int result;

		while (filters.count < 3 && filters.items[filters.count] != NULL)
			filters.count++;
		result = prune_filter_read(&filter, &arena, &filters, 2000, &err);
		assert_int_equal(result, rows[i].matches < 0 ? -1 : 0);
		if (result == 0)
			assert_int_equal(prune_filter_matches(&filter, 1000, labels(&arena)),
			                 rows[i].matches);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
