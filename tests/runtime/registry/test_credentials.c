/* credentials: where they are found, in which order; what is written, and what is kept as it was.
 */
#include "runtime/registry/credentials.h"
#include "sandbox/base/cleanup.h"
#include "tests/runtime/registry/ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct credential_sources sources_of(struct ground *ground)
{
	struct credential_sources sources;

	credential_sources_init(&sources, &ground->arena, NULL, NULL);
	sources.folders = ground->folders;
	return sources;
}

/* "USER:SECRET [TOKEN] FILE"; "none"; "-: TEXT". */
static const char *find_in(struct ground *ground, const struct credential_sources *sources,
                           const char *name)
{
	struct credentials found;
	struct error err = {};
	int status = credentials_find(&found, &ground->arena, sources, name, &err);
	size_t length = strlen(ground->path);

	if (status < 0)
		return arena_printf(&ground->arena, "-: %s", err.text);
	if (status == 0)
		return "none";
	if (strncmp(found.origin, ground->path, length) == 0)
		found.origin += length + 1;
	return arena_printf(&ground->arena, "%s:%s%s%s %s", found.user, found.secret,
	                    found.token != NULL ? " " : "", found.token != NULL ? found.token : "",
	                    found.origin);
}

static const char *find(struct ground *ground, const char *name)
{
	struct credential_sources sources = sources_of(ground);

	return find_in(ground, &sources, name);
}

/* base64 of a:1, b:2, ... */
static const char keys[] = "{\"auths\": {"
                           "\"r.example/team/app\": {\"auth\": \"YTox\"},"
                           "\"r.example/team\": {\"auth\": \"Yjoy\"},"
                           "\"r.example\": {\"auth\": \"Yzoz\"},"
                           "\"https://old.example/v1/\": {\"auth\": \"ZDo0\"},"
                           "\"https://index.docker.io/v1/\": {\"auth\": \"ZTo1\"},"
                           "\"docker.io/mine\": {\"auth\": \"Zjo2\"},"
                           "\"t.example:5000\": {\"identitytoken\": \"tok\", \"auth\": \"Zzo=\"},"
                           "\"only.example\": {\"identitytoken\": \"tok\"},"
                           "\"empty.example\": {},"
                           "\"zeros.example\": {\"auth\": \"YTo6\"}"
                           "}}";

static const struct row {
	const char *name, *found;
} rows[] = {
	{ "r.example/team/app", "a:1 run/containers/auth.json" },
	{ "r.example/team/app/sub", "a:1 run/containers/auth.json" },
	{ "r.example/team/application", "b:2 run/containers/auth.json" },
	{ "r.example/other", "c:3 run/containers/auth.json" },
	{ "r.example", "c:3 run/containers/auth.json" },
	{ "r.example:443/other", "none" },
	{ "old.example/x", "d:4 run/containers/auth.json" },
	{ "docker.io/library/nginx", "e:5 run/containers/auth.json" },
	{ "registry-1.docker.io/library/nginx", "e:5 run/containers/auth.json" },
	{ "index.docker.io/library/nginx", "e:5 run/containers/auth.json" },
	{ "registry-1.docker.io/mine/app", "f:6 run/containers/auth.json" },
	{ "t.example:5000/x", "g: tok run/containers/auth.json" },
	{ "only.example/x", ": tok run/containers/auth.json" },
	{ "empty.example/x", "none" },
	{ "zeros.example/x", "a:: run/containers/auth.json" },
	{ "unknown.example/x", "none" },
};

static void test_keys(void **state)
{
	struct ground ground;

	(void)state;
	ground_open(&ground);
	assert_string_equal(find(&ground, "r.example/x"), "none");
	ground_write(&ground, "run/containers/auth.json", keys);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(find(&ground, rows[i].name), rows[i].found);
	ground_close(&ground);
}

/* Each goes before those above it. */
static void test_files(void **state)
{
	static const char *const files[] = {
		"home/.docker/config.json",
		"xdg/containers/auth.json",
		"run/containers/auth.json",
	};
	struct credential_sources sources;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "home/.dockercfg",
	             "{\"https://r.example/v1/\": {\"auth\": \"YTox\", \"email\": \"x\"}}");
	assert_string_equal(find(&ground, "r.example/x"), "a:1 home/.dockercfg");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		ground_write(&ground, files[i],
		             "{\"auths\": {\"r.example\": {\"auth\": \"Yjoy\"}}}");
		assert_string_equal(find(&ground, "r.example/x"),
		                    arena_printf(&ground.arena, "b:2 %s", files[i]));
	}
	/* what others may read is read, as podman and Docker do */
	ground_write_mode(&ground, files[2], "{\"auths\": {\"r.example\": {\"auth\": \"Yzoz\"}}}",
	                  0644);
	assert_string_equal(find(&ground, "r.example/x"), "c:3 run/containers/auth.json");
	/* lines as base64(1) breaks them; NULs behind the password, as old Dockers wrote */
	ground_write(&ground, files[2], "{\"auths\": {\"r.example\": {\"auth\": \"Yzo\\nz\\n\"}}}");
	assert_string_equal(find(&ground, "r.example/x"), "c:3 run/containers/auth.json");
	ground_write(&ground, files[2], "{\"auths\": {\"r.example\": {\"auth\": \"YzozAAA=\"}}}");
	assert_string_equal(find(&ground, "r.example/x"), "c:3 run/containers/auth.json");
	/* a file that is named stands alone */
	ground_write(&ground, "docker/config.json", "{}");
	setenv("DOCKER_CONFIG", ground_path(&ground, "docker"), 1);
	assert_string_equal(find(&ground, "r.example/x"), "none");
	ground_write(&ground, "mine.json", "{\"auths\": {\"r.example\": {\"auth\": \"ZDo0\"}}}");
	setenv("REGISTRY_AUTH_FILE", ground_path(&ground, "mine.json"), 1);
	assert_string_equal(find(&ground, "r.example/x"), "d:4 mine.json");
	credential_sources_init(&sources, &ground.arena, NULL, ground_path(&ground, files[0]));
	assert_string_equal(find_in(&ground, &sources, "r.example"),
	                    "b:2 home/.docker/config.json");
	ground_close(&ground);
}

static const struct refusal {
	const char *text, *why;
} refusals[] = {
	{ "", "1:1 is no JSON" },
	{ "{\"auths\": {\"r.example\": {\"auth\": \"secret\"}", "is no JSON" },
	{ "[]", "is no JSON object" },
	{ "{\"auths\": []}", "auths is an array, must be an object" },
	{ "{\"credHelpers\": 1}", "credHelpers is an integer, must be an object" },
	{ "{\"auths\": {\"r.example\": 1}}", "what r.example has is no object" },
	{ "{\"auths\": {\"r.example\": {\"auth\": \"secret!\"}}}",
	  "the \"auth\" of r.example is not base64 of text" },
	{ "{\"auths\": {\"r.example\": {\"auth\": \"YQBiOmM=\"}}}", "is not base64 of text" },
	{ "{\"credHelpers\": {\"r.example\": \"../evil\"}}", "'../evil' is no name" },
	{ "{\"credHelpers\": {\"r.example\": \"\"}}", "'' is no name" },
	{ "{\"credHelpers\": {\"r.example\": \"missing\"}}",
	  "docker-credential-missing is not in PATH" },
};

/* And no message shows a secret. */
static void test_refusals(void **state)
{
	struct ground ground;

	(void)state;
	ground_open(&ground);
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const char *found;

		ground_write(&ground, "run/containers/auth.json", refusals[i].text);
		found = find(&ground, "r.example/x");
		if (!text_starts(found, "-: ") || strstr(found, refusals[i].why) == NULL ||
		    strstr(found, "secret") != NULL)
			fail_msg("'%s', not '%s'", found, refusals[i].why);
	}
	ground_close(&ground);
}

static void store(struct ground *ground, const char *key, const struct credentials *given)
{
	struct credential_sources sources = sources_of(ground);
	struct error err = {};
	const char *where;

	if (credentials_store(&where, &ground->arena, &sources, key, given, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(text_ends(where, ".json"));
}

static int drop(struct ground *ground, const char *key)
{
	struct credential_sources sources = sources_of(ground);
	struct error err = {};
	int found = credentials_remove(&ground->arena, &sources, key, &err);

	if (found < 0)
		fail_msg("%s", err.text);
	return found;
}

static void test_store(void **state)
{
	const struct credentials first = { .user = "a", .secret = "1:2" };
	const struct credentials token = { .user = "b", .secret = "", .token = "tok" };
	struct stat status;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	store(&ground, "r.example", &first);
	assert_int_equal(stat(ground_path(&ground, "run/containers/auth.json"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat(ground_path(&ground, "run/containers"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_string_equal(find(&ground, "r.example/x"), "a:1:2 run/containers/auth.json");
	store(&ground, "r.example/team", &token);
	assert_string_equal(find(&ground, "r.example/team/x"), "b: tok run/containers/auth.json");
	assert_int_equal(drop(&ground, "r.example"), 1);
	assert_int_equal(drop(&ground, "r.example"), 0);
	assert_string_equal(find(&ground, "r.example/x"), "none");
	assert_string_equal(find(&ground, "r.example/team/x"), "b: tok run/containers/auth.json");
	assert_int_equal(drop(&ground, "r.example/team"), 1);
	assert_string_equal(ground_read(&ground, "run/containers/auth.json"),
	                    "{\n    \"auths\": {}\n}\n");
	ground_close(&ground);
}

/* What others wrote stays, in its order; other spellings of the key go; the mode becomes 0600. */
static void test_keep(void **state)
{
	static const char before[] =
	        "{\"HttpHeaders\": {\"X\": \"\xc3\xa4\"}, \"auths\": {\"z.example\": {\"auth\": "
	        "\"YTox\", \"email\": \"m\"}, \"index.docker.io\": {\"auth\": \"YTox\"}, "
	        "\"https://index.docker.io/v1/\": {}, \"docker.io/mine\": {}}, \"detachKeys\": "
	        "[1, null, true]}";
	static const char after[] = "{\n"
	                            "    \"HttpHeaders\": {\n"
	                            "        \"X\": \"\xc3\xa4\"\n"
	                            "    },\n"
	                            "    \"auths\": {\n"
	                            "        \"z.example\": {\n"
	                            "            \"auth\": \"YTox\",\n"
	                            "            \"email\": \"m\"\n"
	                            "        },\n"
	                            "        \"docker.io/mine\": {},\n"
	                            "        \"%s\": {\n"
	                            "            \"auth\": \"YTox\"\n"
	                            "        }\n"
	                            "    },\n"
	                            "    \"detachKeys\": [\n"
	                            "        1,\n"
	                            "        null,\n"
	                            "        true\n"
	                            "    ]\n"
	                            "}\n";
	const struct credentials given = { .user = "a", .secret = "1" };
	struct stat status;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write_mode(&ground, "run/containers/auth.json", before, 0644);
	store(&ground, "docker.io", &given);
	assert_string_equal(ground_read(&ground, "run/containers/auth.json"),
	                    arena_printf(&ground.arena, after, "docker.io"));
	assert_int_equal(stat(ground_path(&ground, "run/containers/auth.json"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	/* Docker's own file has Docker's own key; a symlink stays one */
	ground_write(&ground, "real/config.json", before);
	ground_write(&ground, "docker/x", "");
	assert_int_equal(symlink("../real/config.json", ground_path(&ground, "docker/config.json")),
	                 0);
	setenv("DOCKER_CONFIG", ground_path(&ground, "docker"), 1);
	store(&ground, "docker.io", &given);
	assert_string_equal(ground_read(&ground, "real/config.json"),
	                    arena_printf(&ground.arena, after, "https://index.docker.io/v1/"));
	assert_int_equal(drop(&ground, "docker.io"), 1);
	assert_null(strstr(ground_read(&ground, "real/config.json"), "index.docker.io"));
	assert_int_equal(lstat(ground_path(&ground, "docker/config.json"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	ground_close(&ground);
}

/* A file that is not understood is not overwritten. */
static void test_damaged(void **state)
{
	const struct credentials given = { .user = "a", .secret = "1" };
	struct credential_sources sources;
	struct error err = {};
	struct ground ground;
	const char *where;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "run/containers/auth.json", "{\"auths\": ");
	sources = sources_of(&ground);
	assert_int_equal(credentials_store(&where, &ground.arena, &sources, "r.example", &given,
	                                   &err),
	                 -1);
	assert_int_equal(credentials_remove(&ground.arena, &sources, "r.example", &err), -1);
	assert_string_equal(ground_read(&ground, "run/containers/auth.json"), "{\"auths\": ");
	ground_close(&ground);
}

static void test_list(void **state)
{
	struct credential_sources sources;
	struct plan_strings list;
	struct error err = {};
	struct ground ground;

	(void)state;
	ground_open(&ground);
	sources = sources_of(&ground);
	assert_int_equal(credentials_list(&list, &ground.arena, &sources, &err), 0);
	assert_int_equal(list.count, 0);
	ground_write(&ground, "run/containers/auth.json",
	             "{\"auths\": {\"https://index.docker.io/v1/\": {}, \"r.example/a\": {}}, "
	             "\"credHelpers\": {\"g.example\": \"x\"}}");
	assert_int_equal(credentials_list(&list, &ground.arena, &sources, &err), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0], "docker.io");
	assert_string_equal(list.items[1], "r.example/a");
	assert_string_equal(list.items[2], "g.example");
	ground_close(&ground);
}

static const struct key {
	const char *name, *key; /* NULL: refused */
} words[] = {
	{ "quay.io", "quay.io" },
	{ "quay.io/", "quay.io" },
	{ "quay.io/team/app", "quay.io/team/app" },
	{ "https://quay.io", "quay.io" },
	{ "https://quay.io/v2/", "quay.io" },
	{ "http://127.0.0.1:5000", "127.0.0.1:5000" },
	{ "[::1]:5000", "[::1]:5000" },
	{ "docker.io", "docker.io" },
	{ "index.docker.io/", "docker.io" },
	{ "https://index.docker.io/v1/", "docker.io" },
	{ "registry-1.docker.io", "docker.io" },
	{ "", NULL },
	{ "/", NULL },
	{ "/x", NULL },
	{ "https:///", NULL },
	{ "ftp://x", NULL },
	{ "quay.io/app:latest", NULL },
	{ "quay.io/app@sha256", NULL },
	{ "user@quay.io", NULL },
	{ "quay.io\n", NULL },
	{ "qu ay.io", NULL },
};

static void test_words(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *key = NULL;
		struct error err = {};
		int result = credentials_key(&key, &arena, words[i].name, &err);

		if ((result == 0) != (words[i].key != NULL))
			fail_msg("%s: %s", words[i].name, result == 0 ? key : err.text);
		if (result == 0)
			assert_string_equal(key, words[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),     cmocka_unit_test(test_files),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_store),
		cmocka_unit_test(test_keep),     cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_list),     cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
