/* --filter: keys as they are written, alternatives of one key, all keys together. */
#include "runtime/cli/filter.h"

#include "policy/value.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *filters[4];
	int result;
} rows[] = {
	{ { NULL }, 1 },
	{ { "name=web" }, 1 },
	{ { "name=^web-[0-9]$" }, 1 },
	{ { "name=^eb" }, 0 },
	{ { "name=[" }, -1 },
	{ { "n=web" }, -1 },
	{ { "nam=web" }, -1 },
	{ { "name" }, -1 },
	{ { "id=abc" }, 1 },
	{ { "id=bcd" }, 0 },
	{ { "status=running" }, 1 },
	{ { "status=exited" }, 0 },
	{ { "status=exited", "status=running" }, 1 },
	{ { "status=paused" }, 0 },
	{ { "status=pausing" }, -1 },
	{ { "status=running", "name=other" }, 0 },
	{ { "name=other", "name=web" }, 1 },
	{ { "label=tier" }, 1 },
	{ { "label=tier=front" }, 1 },
	{ { "label=tier=back" }, 0 },
	{ { "label=tier=front", "label=owner" }, 0 },
	{ { "label=tier=front", "label=empty" }, 1 },
	{ { "ancestor=nginx" }, 1 },
	{ { "ancestor=1234" }, 1 },
	{ { "exited=0" }, 0 },
	{ { "exited=x" }, -1 },
	{ { "colour=red" }, -1 },
	{ { "volume=data" }, 1 },
	{ { "volume=/srv" }, 1 },
	{ { "volume=/host" }, 1 },
	{ { "volume=/mnt" }, 1 },
	{ { "volume=dat" }, 0 },
	{ { "network=private" }, 1 },
	{ { "network=host" }, 0 },
	{ { "before=young" }, 1 },
	{ { "since=young" }, 0 },
	{ { "since=old" }, 1 },
	{ { "before=old" }, 0 },
	{ { "before=nobody" }, -1 },
};

static void test_rows(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *labels = value_new_object(&arena), *mounts = value_new_array(&arena);
	struct value *volume = value_append(&arena, mounts, value_new_object(&arena));
	struct value *bind = value_append(&arena, mounts, value_new_object(&arena));
	struct container all[] = { { .id = "111", .name = "young" },
		                   {},
		                   { .id = "222", .name = "old" } };
	const struct container container = {
		.id = "abcdef",
		.name = "web-1",
		.image = "localhost/nginx:latest",
		.image_id = "123456",
		.status = CONTAINER_RUNNING,
		.labels = labels,
		.mounts = mounts,
		.network = "private",
	};

	(void)state;
	all[1] = container;
	value_set(&arena, volume, "volume", value_new_string(&arena, "data"));
	value_set(&arena, volume, "target", value_new_string(&arena, "/srv"));
	value_set(&arena, bind, "source", value_new_string(&arena, "/host"));
	value_set(&arena, bind, "target", value_new_string(&arena, "/mnt"));
	value_set(&arena, labels, "tier", value_new_string(&arena, "front"));
	value_set(&arena, labels, "empty", value_new_string(&arena, ""));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_strings words = { (const char **)rows[i].filters, 0 };
		const struct filters filters = { &words, all, ARRAY_SIZE(all) };
		struct error err = {};

		while (words.items[words.count] != NULL)
			words.count++;
		int result = filter_check(&words, &err);

		if (result == 0)
			result = filter_matches(&all[1], &filters, &err);
		if (result != rows[i].result)
			fail_msg("%s: not %d: %s", words.items[0], rows[i].result, err.text);
	}
}

/* One that stands still is found as paused, and not as running. */
static void test_paused(void **state)
{
	const struct container container = { .name = "box",
		                             .status = CONTAINER_RUNNING,
		                             .paused = true };
	static const struct {
		const char *filter;
		int result;
	} asked[] = { { "status=paused", 1 }, { "status=running", 0 }, { "status=exited", 0 } };
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		const char *word = asked[i].filter;
		struct plan_strings words = { &word, 1 };
		const struct filters filters = { &words, &container, 1 };

		assert_int_equal(filter_check(&words, &err), 0);
		assert_int_equal(filter_matches(&container, &filters, &err), asked[i].result);
	}
	assert_string_equal(container_status_name(&container), "paused");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		                            cmocka_unit_test(test_paused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
