/* ENTRYPOINT and CMD, the environment, signals, networks: Docker's rules, as tables. */
#include "runtime/container/launch.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Words separated by blanks; "" none, "''" one empty word. */
static struct plan_strings words(struct arena *arena, const char *text)
{
	struct plan_strings list = {};
	char *copy = arena_strdup(arena, text), *save = NULL;

	for (char *word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save))
		launch_append(arena, &list, strcmp(word, "''") == 0 ? "" : word);
	return list;
}

static const char *joined(struct arena *arena, const struct plan_strings *list)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < list->count; i++)
		text_printf(&text, "%s%s", i == 0 ? "" : " ", list->items[i]);
	assert_null(list->items[list->count]);
	return arena_strdup(arena, text_string(&text));
}

static void test_arguments(void **state)
{
	static const struct {
		const char *entrypoint, *command; /* of the image */
		const char *given_entrypoint;     /* NULL: not given */
		const char *given_command;
		const char *expected; /* NULL: an error */
	} rows[] = {
		{ "", "sh", NULL, "", "sh" },
		{ "", "sh", NULL, "ls -l", "ls -l" },
		{ "/entry", "a b", NULL, "", "/entry a b" },
		{ "/entry", "a b", NULL, "c", "/entry c" },
		{ "/entry -x", "", NULL, "", "/entry -x" },
		{ "/entry", "a b", "/other", "", "/other" },
		{ "/entry", "a b", "/other", "c d", "/other c d" },
		{ "/entry", "a b", "''", "c d", "c d" },
		{ "/entry", "a b", "''", "", NULL },
		{ "", "", NULL, "", NULL },
		{ "", "", NULL, "ls", "ls" },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct image_config config = { .entrypoint =
			                                     words(&arena, rows[i].entrypoint),
			                             .command = words(&arena, rows[i].command) };
		struct run_request request = { .command = words(&arena, rows[i].given_command) };
		struct plan_strings arguments;
		struct error err;
		int result;

		if (rows[i].given_entrypoint != NULL) {
			request.entrypoint_given = true;
			request.entrypoint = words(&arena, rows[i].given_entrypoint);
		}
		result = launch_arguments(&arguments, &arena, &request, &config, &err);
		assert_int_equal(result, rows[i].expected == NULL ? -1 : 0);
		if (result == 0)
			assert_string_equal(joined(&arena, &arguments), rows[i].expected);
	}
}

static void test_arguments_without_image(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct run_request request = { .command = words(&arena, "/bin/sh -c true") };
	struct plan_strings arguments;
	struct error err;

	(void)state;
	assert_int_equal(launch_arguments(&arguments, &arena, &request, NULL, &err), 0);
	assert_string_equal(joined(&arena, &arguments), "/bin/sh -c true");
}

static const char *variable(const struct plan_strings *list, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], name, length) == 0 && list->items[i][length] == '=') {
			assert_null(found); /* once at most */
			found = list->items[i] + length + 1;
		}
	return found;
}

static void test_environment(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct image image = { .config.environment =
		                       words(&arena, "PATH=/image LANG=C WORD HOSTNAME=liar A=1") };
	struct run_request request = {
		.terminal = true,
		.environment = words(&arena, "A=2 B=3 A=4 CALLER ABSENT E="),
	};
	struct launch launch = { .request = &request, .image = &image, .hostname = "box" };
	struct plan_strings list;
	struct error err;

	(void)state;
	setenv("CALLER", "mine", 1);
	setenv("HOST_SECRET", "secret", 1);
	unsetenv("ABSENT");
	assert_int_equal(launch_environment(&list, &arena, &launch, &err), 0);
	assert_string_equal(variable(&list, "PATH"), "/image");
	assert_string_equal(variable(&list, "LANG"), "C");
	assert_string_equal(variable(&list, "HOSTNAME"), "liar"); /* as Docker has it */
	assert_string_equal(variable(&list, "TERM"), "xterm");
	assert_string_equal(variable(&list, "A"), "4");
	assert_string_equal(variable(&list, "B"), "3");
	assert_string_equal(variable(&list, "E"), "");
	assert_string_equal(variable(&list, "CALLER"), "mine");
	assert_null(variable(&list, "ABSENT"));
	assert_null(variable(&list, "WORD")); /* an image cannot ask for the caller's */
	assert_null(variable(&list, "HOST_SECRET"));
	assert_null(variable(&list, "HOME")); /* the sandbox's: it knows the user */
}

static void test_environment_defaults(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct run_request request = {};
	struct launch launch = { .request = &request, .hostname = "0123456789ab" };
	struct plan_strings list;
	struct error err;

	(void)state;
	assert_int_equal(launch_environment(&list, &arena, &launch, &err), 0);
	assert_string_equal(variable(&list, "PATH"),
	                    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	assert_string_equal(variable(&list, "HOSTNAME"), "0123456789ab");
	assert_null(variable(&list, "TERM"));
	request.environment = words(&arena, "=x");
	assert_int_equal(launch_environment(&list, &arena, &launch, &err), -1);
}

/* The room of a list is doubled at every power of two: none may lose its NULL. */
static void test_append(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct plan_strings list = {};

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		launch_append(&arena, &list, "x");
		assert_int_equal(list.count, i + 1);
		assert_null(list.items[list.count]);
	}
}

static void test_signals(void **state)
{
	const struct {
		const char *name;
		int number;
	} rows[] = {
		{ NULL, SIGTERM },     { "", SIGTERM },
		{ "TERM", SIGTERM },   { "SIGQUIT", SIGQUIT },
		{ "sigint", SIGINT },  { "9", SIGKILL },
		{ "RTMIN", 34 },       { "SIGRTMIN+3", 37 },
		{ "RTMAX", SIGRTMAX }, { "0", -1 },
		{ "65", -1 },          { "SIGNOTHING", -1 },
		{ "-9", -1 },          { "SIGRTMIN+99", -1 },
		{ "15 ", -1 },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(launch_signal(rows[i].name, &err), rows[i].number);
}

static void test_networks(void **state)
{
	static const struct {
		const char *typed, *mode;
	} rows[] = {
		{ NULL, "private" },     { "", "private" },  { "bridge", "private" },
		{ "pasta", "private" },  { "none", "none" }, { "host", "host" },
		{ "container:x", NULL }, { "None", NULL },   { "private:host-loopback", "private" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *mode = NULL;
		struct error err;
		int result = launch_network_mode(&mode, rows[i].typed, &err);

		assert_int_equal(result, rows[i].mode == NULL ? -1 : 0);
		if (result == 0)
			assert_string_equal(mode, rows[i].mode);
	}
}

/* -P: what is exposed, once each, behind what -p names. Ports as "CONTAINER/PROTOCOL=HOST". */
static void test_publish_all(void **state)
{
	static const struct {
		const char *publish, *expose, *image, *expected; /* NULL: an error */
	} rows[] = {
		{ "", "", "80/tcp 53/udp", "80/tcp=0 53/udp=0" },
		{ "", "90", "80/tcp 80", "90/tcp=0 80/tcp=0" },
		{ "8080:80", "", "80/tcp 80/udp", "80/tcp=8080 80/udp=0" },
		{ "", "", "8000-8002/tcp", "8000/tcp=0 8001/tcp=0 8002/tcp=0" },
		{ "", "", "", "" },
		{ "", "", "x/tcp", NULL },
		{ "", "", "80/sctp", NULL },
		{ "", "", "1-65535", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct image image = { .config.exposed = words(&arena, rows[i].image) };
		struct run_request request = { .publish = words(&arena, rows[i].publish),
			                       .expose = words(&arena, rows[i].expose),
			                       .publish_all = true };
		struct launch launch = { .request = &request, .image = &image };
		struct plan plan = {};
		struct error err = {};
		int result = launch_network(&plan, &arena, &launch, &err);

		assert_int_equal(result, rows[i].expected == NULL ? -1 : 0);
		for (size_t j = 0; result == 0 && j < launch.network.port_count; j++)
			text_printf(&text, "%s%u/%s=%u", j > 0 ? " " : "",
			            launch.network.ports[j].container,
			            launch.network.ports[j].udp ? "udp" : "tcp",
			            launch.network.ports[j].host);
		if (result == 0)
			assert_string_equal(text_string(&text), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),   cmocka_unit_test(test_arguments_without_image),
		cmocka_unit_test(test_environment), cmocka_unit_test(test_environment_defaults),
		cmocka_unit_test(test_append),      cmocka_unit_test(test_signals),
		cmocka_unit_test(test_networks),    cmocka_unit_test(test_publish_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
