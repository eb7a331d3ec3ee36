/* What a registry's refusal means, with its own words as far as they can be shown. */
#include "runtime/registry/client/exchange.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct error explain(long status, const char *repository, const char *name, bool push,
                            const char *body)
{
	static struct client client;
	struct registry_setup setup = { .host = "r.io", .push = push };
	struct exchange exchange = { .call.status = status };
	struct error err = {};

	strcpy(setup.repository, repository);
	strcpy(exchange.question.name, name);
	text_append(&exchange.call.text, body);
	client.setup = &setup;
	exchange_explain(&err, &client, &exchange);
	text_done(&exchange.call.text);
	arena_done(&exchange.arena);
	return err;
}

static void test_statuses(void **state)
{
	static const char digest[] = "sha256:00";
	static const struct {
		long status;
		const char *repository, *name;
		bool push;
		const char *text, *hint;
	} rows[] = {
		{ 401, "", "", false, "r.io does not let us in", "" },
		{ 403, "", "", true, "r.io does not let us in", "" },
		{ 401, "a/b", "1", false, "r.io does not let us read a/b", "cordon login r.io" },
		{ 403, "a/b", "1", true, "r.io does not let us write to a/b", "cordon login r.io" },
		{ 404, "a/b", "1", false, "r.io has no a/b:1", "" },
		{ 404, "a/b", digest, false, "r.io has no a/b@sha256:00", "" },
		{ 404, "a/b", "", true, "r.io has no a/b", "" },
		{ 500, "a/b", "1", false, "r.io answered with status 500", "" },
		{ 0, "a/b", "1", false, "r.io answered with status 0", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err =
		        explain(rows[i].status, rows[i].repository, rows[i].name, rows[i].push, "");

		assert_string_equal(err.text, rows[i].text);
		assert_string_equal(err.hint, rows[i].hint);
	}
}

static void test_own_words(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{ "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"not yours\"}]}",
		  ": not yours" },
		{ "{\"errors\": [{\"code\": \"DENIED\"}]}", ": DENIED" },
		{ "{\"errors\": [{\"message\": \"one\"}, {\"message\": \"two\"}]}", ": one" },
		/* nothing drives the terminal */
		{ "{\"errors\": [{\"message\": \"a\\u001b[2Jb\\nc\"}]}", ": a\\x1b[2Jb\\x0ac" },
		{ "{\"errors\": [{\"message\": 7, \"code\": \"X\"}]}", "" },
		{ "{\"errors\": [7]}", "" },
		{ "{\"errors\": []}", "" },
		{ "{\"errors\": {}}", "" },
		{ "[]", "" },
		{ "<html>proxy</html>", "" },
		{ "{\"errors\": [{\"message\": \"cut", "" },
	};
	char body[1100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct error err = explain(500, "a", "1", false, rows[i].body);

		assert_string_equal(err.text,
		                    arena_printf(&arena, "r.io answered with status 500%s",
		                                 rows[i].words));
	}
	strcpy(body, "{\"errors\": [{\"message\": \"");
	memset(body + strlen(body), 'x', 1000);
	strcpy(body + 25 + 1000, "\"}]}");
	assert_int_equal(strlen(explain(500, "a", "1", false, body).text),
	                 strlen("r.io answered with status 500: ") + 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_statuses),
		                            cmocka_unit_test(test_own_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
