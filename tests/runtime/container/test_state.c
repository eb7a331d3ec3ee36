/* A container's state as JSON: all of it comes back, and of a damaged one nothing that is not. */
#include "runtime/container/state.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct value *decode(struct arena *arena, const char *text)
{
	struct value *value;
	struct error err = {};

	if (value_decode(&value, arena, "state", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return value;
}

static const char *encode(struct arena *arena, const struct state *state)
{
	_cleanup_text struct text text = {};

	value_encode(&text, state_encode(arena, state), VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

static void test_round_trip(void **state)
{
	static const char whole[] =
	        "{\"status\":\"running\",\"name\":\"n\",\"image\":\"i\",\"image_id\":\"d\",\"command\":\"c\",\"ports\":\"p\","
	        "\"error\":\"e\",\"network\":\"none\",\"skipped\":\"s\",\"cgroup\":\"g\",\"created\":1,\"started\":2,"
	        "\"finished\":3,\"exit\":4,\"pid\":5,\"pid_start\":6,\"monitor\":7,\"monitor_start\":8,\"pasta\":9,"
	        "\"pasta_start\":10,\"stop_signal\":15,\"stop_timeout\":-1,\"stop_timeout_given\":true,\"remove\":true,"
	        "\"terminal\":true,\"interactive\":true,\"out_of_memory\":true,\"labels\":{\"a\":\"b\"},"
	        "\"anonymous\":[\"v\"],\"published\":[{\"host\":1}],\"mounts\":[{\"target\":\"/x\"}],"
	        "\"enforced\":{\"Seccomp\":2}}";
	_cleanup_arena struct arena arena = {};
	struct state read = {};

	(void)state;
	state_decode(&read, decode(&arena, whole));
	assert_string_equal(encode(&arena, &read), whole);
	assert_int_equal(read.stop_timeout, -1);
	assert_string_equal(read.cgroup, "g");
}

/* A copy that outlives what it was read from, which is emptied and used again; what no list shows
 * is not in it. */
static void test_keep(void **state)
{
	static const char text[] =
	        "{\"status\":\"exited\",\"name\":\"n\",\"ports\":\"p\",\"exit\":4,\"remove\":true,"
	        "\"labels\":{\"a\":\"b\"},\"anonymous\":[\"v\"],\"mounts\":[{\"target\":\"/x\"}]";
	_cleanup_arena struct arena arena = {}, scratch = {};
	struct state read = {}, *kept;

	(void)state;
	state_decode(&read,
	             decode(&scratch,
	                    arena_printf(&scratch, "%s,\"enforced\":{\"Seccomp\":2}}", text)));
	kept = state_keep(&arena, &read);
	arena_reset(&scratch);
	memset(arena_alloc(&scratch, 10000), 'z', 10000);
	assert_string_equal(encode(&arena, kept), arena_printf(&arena, "%s}", text));
	assert_string_equal(kept->image, "");
	assert_null(kept->published);
	assert_string_equal(state_keep(&arena, &(struct state){ .status = CONTAINER_DEAD })->name,
	                    "");
}

static void test_little(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct state read = { .name = "from before", .pid = 7 };

	(void)state;
	/* what is 0 is not written */
	assert_string_equal(encode(&arena, &(struct state){ .status = CONTAINER_CREATED }),
	                    "{\"status\":\"created\"}");
	state_decode(&read, decode(&arena, "{\"status\": \"exited\"}"));
	assert_int_equal(read.status, CONTAINER_EXITED);
	assert_string_equal(read.name, "");
	assert_int_equal(read.pid, 0);
	assert_null(read.labels);
}

/* Bytes that are no UTF-8 would make it unreadable. */
static void test_bytes(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_string_equal(encode(&arena, &(struct state){ .error = "a\xff"
	                                                             "b" }),
	                    "{\"status\":\"created\",\"error\":\"a\xef\xbf\xbd"
	                    "b\"}");
}

static void test_damaged(void **state)
{
	static const char *const wrong[] = { "7",   "\"text\"",    "true", "null",  "{\"a\": 1}",
		                             "[1]", "[\"a\", {}]", "[[]]", "[null]" };
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *text = arena_printf(
		        &arena,
		        "{\"status\": %1$s, \"name\": %1$s, \"pid\": %1$s, \"remove\": %1$s, "
		        "\"labels\": %1$s, \"anonymous\": %1$s, \"published\": %1$s, \"mounts\": "
		        "%1$s, \"enforced\": %1$s}",
		        wrong[i]);
		bool object = wrong[i][0] == '{';
		struct state read = {};

		state_decode(&read, decode(&arena, text));
		assert_int_equal(read.status, CONTAINER_DEAD);
		assert_non_null(read.name);
		assert_true((read.labels != NULL) == object);
		assert_true((read.enforced != NULL) == object);
		assert_null(read.anonymous);
		assert_null(read.published);
		assert_null(read.mounts);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct state read = {};

		state_decode(&read, decode(&arena, arena_printf(&arena, "[%s]", wrong[i])));
		assert_int_equal(read.status, CONTAINER_DEAD);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(state_status_name(CONTAINER_CREATED), "created");
	assert_string_equal(state_status_name(CONTAINER_RUNNING), "running");
	assert_string_equal(state_status_name(CONTAINER_EXITED), "exited");
	assert_string_equal(state_status_name(CONTAINER_DEAD), "dead");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_little),
		cmocka_unit_test(test_bytes),      cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_names),      cmocka_unit_test(test_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
