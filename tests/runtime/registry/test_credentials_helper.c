/*
 * credentials_helper: docker-credential-NAME as a shell script that keeps secrets in files, and
 * helpers that misbehave.
 */
#include "runtime/registry/credentials_helper.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/runtime/registry/ground.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Keeps what it is given in $KEPT: a file a server, "/" written as "_". */
static const char script[] =
        "#!/bin/sh\n"
        "input=$(cat)\n"
        "echo \"$1 $input\" >>\"$KEPT/log\"\n"
        "if [ \"$1\" = store ]; then\n"
        "	server=${input#*\\\"ServerURL\\\":\\\"}; server=${server%%\\\"*}\n"
        "	printf %s \"$input\" >\"$KEPT/$(printf %s \"$server\" | tr / _)\"\n"
        "	exit 0\n"
        "fi\n"
        "file=$KEPT/$(printf %s \"$input\" | tr / _)\n"
        "if [ ! -e \"$file\" ]; then\n"
        "	echo 'credentials not found in native keychain'; exit 1\n"
        "fi\n"
        "case $1 in\n"
        "get) cat \"$file\" ;;\n"
        "erase) rm \"$file\" ;;\n"
        "esac\n";

static const struct helper_row {
	const char *name, *script;
} helpers[] = {
	{ "keep", script },
	{ "broken", "#!/bin/sh\nprintf 'no \\033[31mdbus\\n'; exit 2\n" },
	{ "silent", "#!/bin/sh\nexit 1\n" },
	{ "killed", "#!/bin/sh\nkill -9 $$\n" },
	{ "prose", "#!/bin/sh\necho 'my secret'\n" },
	{ "half", "#!/bin/sh\necho '{\"Username\": \"a\"}'\n" },
	{ "endless", "#!/bin/sh\nyes\n" },
	{ "asleep", "#!/bin/sh\nexec sleep 1000\n" },
	/* what it started goes on, and holds the pipe */
	{ "parent",
	  "#!/bin/sh\nsleep 20 2>/dev/null &\necho '{\"Username\": \"a\", \"Secret\": \"1\"}'\n" },
	{ "deaf", "#!/bin/sh\nexec <&-\necho '{\"Username\": \"<token>\", \"Secret\": \"t\"}'\n" },
	{ "descriptors", "#!/bin/sh\nprintf '{\"Username\": \"%s\", \"Secret\": \"\"}' "
	                 "\"$(ls /proc/self/fd | tr '\\n' ' ')\"\n" },
};

static void open_ground(struct ground *ground)
{
	ground_open(ground);
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		ground_write_mode(ground,
		                  arena_printf(&ground->arena, "bin/docker-credential-%s",
		                               helpers[i].name),
		                  helpers[i].script, 0700);
	ground_write(ground, "bin/docker-credential-plain", "#!/bin/sh\n"); /* not executable */
	ground_write(ground, "kept/log", "");
	setenv("KEPT", ground_path(ground, "kept"), 1);
	setenv("PATH", arena_printf(&ground->arena, "%s:/usr/bin:/bin", ground_path(ground, "bin")),
	       1);
}

static void test_questions(void **state)
{
	const struct credentials given = { .user = "a", .secret = "1\"\n" };
	const struct credentials token = { .user = "a", .secret = "", .token = "tok" };
	struct credentials found;
	struct error err = {};
	struct ground ground;

	(void)state;
	open_ground(&ground);
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "keep", "r.example", &err),
	                 0);
	assert_int_equal(credentials_helper_store("keep", "r.example", &given, &err), 0);
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "keep", "r.example", &err),
	                 1);
	assert_string_equal(found.user, "a");
	assert_string_equal(found.secret, "1\"\n");
	assert_null(found.token);
	assert_string_equal(found.origin, "docker-credential-keep");
	assert_int_equal(credentials_helper_erase("keep", "r.example", &err), 1);
	assert_int_equal(credentials_helper_erase("keep", "r.example", &err), 0);
	assert_int_equal(credentials_helper_store("keep", "r.example", &token, &err), 0);
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "keep", "r.example", &err),
	                 1);
	assert_string_equal(found.user, "");
	assert_string_equal(found.token, "tok");
	ground_close(&ground);
}

static const struct failure {
	const char *name, *why;
} failures[] = {
	{ "broken", "docker-credential-broken get: no \\x1b[31mdbus" },
	{ "silent", "docker-credential-silent get: failed without a word" },
	{ "killed", "docker-credential-killed get: killed by signal 9" },
	{ "prose", "docker-credential-prose get: its answer is no JSON" },
	{ "half", "docker-credential-half get: its answer has no Username or no Secret" },
	{ "endless", "/bin/docker-credential-endless said more than 65536 bytes" },
	{ "plain", "the credential helper docker-credential-plain is not in PATH" },
	{ "missing", "the credential helper docker-credential-missing is not in PATH" },
	{ "a/b", "'a/b' is no name of a credential helper ([a-z0-9-])" },
	{ "A", "'A' is no name of a credential helper ([a-z0-9-])" },
	{ "a b", "'a b' is no name of a credential helper ([a-z0-9-])" },
	{ "..", "'..' is no name of a credential helper ([a-z0-9-])" },
};

static void test_failures(void **state)
{
	struct ground ground;

	(void)state;
	open_ground(&ground);
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct credentials found;
		struct error err = {};

		assert_int_equal(credentials_helper_get(&found, &ground.arena, failures[i].name,
		                                        "r.example", &err),
		                 -1);
		if (!text_ends(err.text, failures[i].why))
			fail_msg("'%s', not '%s'", err.text, failures[i].why);
	}
	ground_close(&ground);
}

static void test_time(void **state)
{
	const struct credentials_helper_call asleep = { "asleep", "get", "x", 100 };
	_cleanup_text struct text text = {};
	struct credentials found;
	struct error err = {};
	struct ground ground;
	uint64_t start = io_now();
	int status;

	(void)state;
	open_ground(&ground);
	assert_int_equal(credentials_helper_run(&text, &status, &asleep, &err), -1);
	assert_non_null(strstr(err.text, "gave no answer for 100 ms"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "parent", "x", &err), 1);
	assert_string_equal(found.user, "a");
	assert_true(io_now() - start < UINT64_C(10000000000));
	ground_close(&ground);
}

static void test_child(void **state)
{
	struct credentials found;
	struct error err = {};
	struct ground ground;
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */

	(void)state;
	open_ground(&ground);
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "descriptors", "x", &err),
	                 1);
	assert_string_equal(found.user, "0 1 2 3 "); /* 3: that of ls */
	assert_int_equal(credentials_helper_get(&found, &ground.arena, "deaf", "x", &err), 1);
	assert_string_equal(found.token, "t");
	close(leak);
	ground_close(&ground);
}

/* Only absolute folders of PATH. */
static void test_path(void **state)
{
	struct ground ground;

	(void)state;
	open_ground(&ground);
	assert_true(credentials_helper_installed("keep"));
	assert_int_equal(chdir(ground_path(&ground, "bin")), 0);
	setenv("PATH", ".:bin::", 1);
	assert_false(credentials_helper_installed("keep"));
	setenv("PATH", arena_printf(&ground.arena, ".:%s", ground_path(&ground, "bin")), 1);
	assert_true(credentials_helper_installed("keep"));
	unsetenv("PATH");
	assert_false(credentials_helper_installed("keep"));
	assert_int_equal(chdir("/"), 0);
	ground_close(&ground);
}

static void check_found(struct ground *ground, const struct credential_sources *sources,
                        const char *name, const char *user)
{
	struct credentials found = {};
	struct error err = {};
	int status = credentials_find(&found, &ground->arena, sources, name, &err);

	if (status < 0)
		fail_msg("%s", err.text);
	assert_int_equal(status, user != NULL);
	if (user != NULL)
		assert_string_equal(found.user, user);
}

/* credHelpers goes before credsStore, that before auths; each asks in its own words. */
static void test_in_files(void **state)
{
	const struct credentials helped = { .user = "helped", .secret = "1" };
	struct credential_sources sources = {};
	struct error err = {};
	struct ground ground;
	const char *where;

	(void)state;
	open_ground(&ground);
	sources.folders = ground.folders;
	ground_write(&ground, "run/containers/auth.json",
	             "{\"auths\": {\"one.example\": {\"auth\": \"YTox\"}, \"two.example\": "
	             "{\"auth\": \"Yjoy\"}}, \"credHelpers\": {\"one.example\": \"keep\", "
	             "\"docker.io\": \"keep\"}, \"credsStore\": \"absent\"}");
	check_found(&ground, &sources, "one.example/x", NULL); /* the helper has none */
	check_found(&ground, &sources, "two.example/x", "b");  /* the store is not installed */
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "one.example", &helped,
	                                   &err),
	                 0);
	assert_string_equal(where, "docker-credential-keep");
	assert_null(strstr(ground_read(&ground, "run/containers/auth.json"), "YTox"));
	check_found(&ground, &sources, "one.example/x", "helped");
	assert_int_equal(credentials_remove(&ground.arena, &sources, "one.example", &err), 1);
	check_found(&ground, &sources, "one.example/x", NULL);
	/* nothing is written in clear where a keeper was wanted */
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "three.example",
	                                   &helped, &err),
	                 -1);
	assert_non_null(strstr(err.text, "docker-credential-absent is not in PATH"));
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "one.example/team",
	                                   &helped, &err),
	                 -1);
	assert_non_null(strstr(err.text, "keeps registries, not repositories"));
	check_found(&ground, &sources, "docker.io/library/x", NULL);
	assert_non_null(strstr(ground_read(&ground, "kept/log"), "get docker.io\n"));
	ground_write(&ground, "run/containers/auth.json", "{\"credsStore\": \"keep\"}");
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "docker.io", &helped,
	                                   &err),
	                 0);
	check_found(&ground, &sources, "docker.io/library/x", "helped");
	assert_non_null(
	        strstr(ground_read(&ground, "kept/log"), "get https://index.docker.io/v1/\n"));
	assert_null(strstr(ground_read(&ground, "run/containers/auth.json"), "auth\""));
	ground_close(&ground);
}

/* credential-helpers of registries.conf */
static void test_of_registries(void **state)
{
	static const char *both[] = { "keep", "containers-auth.json", NULL };
	const struct credentials helped = { .user = "helped", .secret = "1" };
	struct credential_sources sources = { .helpers = { both, 2 } };
	struct error err = {};
	struct ground ground;
	const char *where;

	(void)state;
	open_ground(&ground);
	sources.folders = ground.folders;
	ground_write(&ground, "run/containers/auth.json",
	             "{\"auths\": {\"r.example\": {\"auth\": \"YTox\"}}}");
	check_found(&ground, &sources, "r.example/x", "a");
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "r.example", &helped,
	                                   &err),
	                 0);
	assert_string_equal(where, "docker-credential-keep");
	check_found(&ground, &sources, "r.example/x", "helped");
	assert_int_equal(credentials_remove(&ground.arena, &sources, "r.example", &err), 1);
	check_found(&ground, &sources, "r.example/x", NULL); /* gone from both */
	sources.helpers.count = 1;
	ground_write(&ground, "run/containers/auth.json",
	             "{\"auths\": {\"r.example\": {\"auth\": \"YTox\"}}}");
	check_found(&ground, &sources, "r.example/x", NULL); /* the files are not listed */
	ground_close(&ground);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),     cmocka_unit_test(test_failures),
		cmocka_unit_test(test_time),          cmocka_unit_test(test_child),
		cmocka_unit_test(test_path),          cmocka_unit_test(test_in_files),
		cmocka_unit_test(test_of_registries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
