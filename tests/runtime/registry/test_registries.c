/* registries: which files are read, in which order; places, blocks, short names; what is refused.
 */
#include "runtime/registry/registries.h"
#include "sandbox/base/cleanup.h"
#include "tests/runtime/registry/ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void read_all(struct registries *ret, struct ground *ground)
{
	struct error err = {};

	if (registries_read_in(ret, &ground->arena, &ground->folders, &err) < 0)
		fail_msg("%s", err.text);
}

/* "mirror HOST/REPOSITORY:TAG insecure; HOST/..."; "-: TEXT" where there are none. */
static const char *places(struct ground *ground, const struct registries *registries,
                          const char *name)
{
	struct registry_place *list;
	_cleanup_text struct text text = {};
	struct reference reference;
	struct error err = {};
	size_t count;

	assert_int_equal(reference_parse(&reference, &ground->arena, name, &err), 0);
	if (registries_places(&list, &count, &ground->arena, registries, &reference, &err) < 0)
		return arena_printf(&ground->arena, "-: %s", err.text);
	for (size_t i = 0; i < count; i++)
		text_printf(&text, "%s%s%s/%s%s%s%s%s%s", i > 0 ? "; " : "",
		            list[i].mirror ? "mirror " : "", list[i].host, list[i].repository,
		            list[i].tag != NULL ? ":" : "", list[i].tag != NULL ? list[i].tag : "",
		            list[i].digest != NULL ? "@" : "",
		            list[i].digest != NULL ? list[i].digest : "",
		            list[i].insecure ? " insecure" : "");
	return arena_strdup(&ground->arena, text_string(&text));
}

static const char *candidates(struct ground *ground, const struct registries *registries,
                              const char *name)
{
	_cleanup_text struct text text = {};
	struct plan_strings list;
	struct error err = {};

	if (registries_candidates(&list, &ground->arena, registries, name, &err) < 0)
		return arena_printf(&ground->arena, "-: %s (%s)", err.text, err.hint);
	for (size_t i = 0; i < list.count; i++)
		text_printf(&text, "%s%s", i > 0 ? " " : "", list.items[i]);
	return arena_strdup(&ground->arena, text_string(&text));
}

static const char conf[] = "[[registry]]\n"
                           "location = 'registry.example.com/'\n"
                           "[[registry.mirror]]\n"
                           "location = 'one.example.net/m'\n"
                           "[[registry.mirror]]\n"
                           "location = '127.0.0.1:5000'\n"
                           "pull-from-mirror = 'digest-only'\n"
                           "[[registry.mirror]]\n"
                           "location = 'three.example.net'\n"
                           "pull-from-mirror = 'tag-only'\n"
                           "insecure = true\n"
                           "[[registry]]\n"
                           "prefix = 'registry.example.com/team'\n"
                           "location = 'inner.example.net:5000/x/y'\n"
                           "insecure = true\n"
                           "[[registry]]\n"
                           "prefix = '*.example.org'\n"
                           "blocked = true\n"
                           "[[registry]]\n"
                           "prefix = 'free.example.org'\n"
                           "location = 'free.example.org'\n"
                           "[[registry]]\n"
                           "prefix = 'docker.io/library'\n"
                           "location = 'docker.io/library'\n"
                           "mirror-by-digest-only = true\n"
                           "mirror = [{location = 'hub.example.net'}]\n"
                           "[[registry]]\n"
                           "prefix = 'pinned.example.com/app:v1'\n"
                           "location = 'pinned.example.com/app:v1.0.3'\n"
                           "[[registry]]\n"
                           "location = 'localhost:7000'\n"
                           "insecure = false\n"
                           "[[registry]]\n"
                           "location = 'far.example.net'\n"
                           "proxy = 'socks5://p'\n"
                           "[[registry]]\n"
                           "location = 'shut.example.net'\n"
                           "blocked = true\n"
                           "[[registry]]\n"
                           "prefix = 'open.example.net'\n"
                           "location = 'open.example.net/x'\n"
                           "mirror = [{location = 'shut.example.net/m'}, {location = "
                           "'a.example.org/m'}, {location = 'third.example.net'}]\n"
                           "[[registry]]\n"
                           "prefix = 'door.example.net'\n"
                           "location = 'shut.example.net/inner'\n";

static const struct row {
	const char *name, *places;
} rows[] = {
	{ "registry.example.com/app",
	  "mirror one.example.net/m/app:latest; mirror three.example.net/app:latest insecure; "
	  "registry.example.com/app:latest" },
	{ "registry.example.com/app@sha256:" HEX,
	  "mirror one.example.net/m/app@sha256:" HEX "; mirror 127.0.0.1:5000/app@sha256:" HEX
	  " insecure; registry.example.com/app@sha256:" HEX },
	{ "registry.example.com/team/app:2", "inner.example.net:5000/x/y/app:2 insecure" },
	{ "registry.example.com/teams/app",
	  "mirror one.example.net/m/teams/app:latest; mirror three.example.net/teams/app:latest "
	  "insecure; registry.example.com/teams/app:latest" },
	{ "registry.example.comm/app", "registry.example.comm/app:latest" },
	{ "a.example.org/app", "-: a.example.org/app:latest is not to be asked: *.example.org is "
	                       "blocked in PATH/etc/registries.conf:16" },
	{ "a.b.example.org:443/app", "-: a.b.example.org:443/app:latest is not to be asked: "
	                             "*.example.org is blocked in PATH/etc/registries.conf:16" },
	{ "x.example.org.example.org/app",
	  "-: x.example.org.example.org/app:latest is not to be asked: *.example.org is blocked in "
	  "PATH/etc/registries.conf:16" },
	{ "example.org/app", "example.org/app:latest" },
	{ "badexample.org/app", "badexample.org/app:latest" },
	{ "a.example.org.net/app", "a.example.org.net/app:latest" },
	{ "free.example.org/app", "free.example.org/app:latest" }, /* the longer prefix */
	{ "nginx", "registry-1.docker.io/library/nginx:latest" },
	{ "nginx@sha256:" HEX, "mirror hub.example.net/nginx@sha256:" HEX
	                       "; registry-1.docker.io/library/nginx@sha256:" HEX },
	{ "team/app@sha256:" HEX, "registry-1.docker.io/team/app@sha256:" HEX },
	{ "pinned.example.com/app:v1", "pinned.example.com/app:v1.0.3" },
	{ "pinned.example.com/app:v10", "pinned.example.com/app:v10" },
	{ "pinned.example.com/app/more:v1", "pinned.example.com/app/more:v1" },
	/* this machine: plain HTTP will do, but where somebody said that it will not */
	{ "localhost/app", "localhost/app:latest insecure" },
	{ "localhost:5000/app", "localhost:5000/app:latest insecure" },
	{ "127.1.2.3:80/app", "127.1.2.3:80/app:latest insecure" },
	{ "[::1]:5000/app", "[::1]:5000/app:latest insecure" },
	{ "[::12]:5000/app", "[::12]:5000/app:latest" },
	{ "127.0.0.1.example.com/app", "127.0.0.1.example.com/app:latest" },
	{ "localhost.example.com/app", "localhost.example.com/app:latest" },
	{ "128.0.0.1/app", "128.0.0.1/app:latest" },
	{ "localhost:7000/app", "localhost:7000/app:latest" },
	/* what is blocked is not asked under another name, either */
	{ "shut.example.net/app",
	  "-: shut.example.net/app:latest is not to be asked: shut.example.net is blocked in "
	  "PATH/etc/registries.conf:36" },
	{ "open.example.net/app",
	  "mirror third.example.net/app:latest; open.example.net/x/app:latest" },
	{ "door.example.net/app",
	  "-: shut.example.net/inner/app is not to be asked: shut.example.net is blocked in "
	  "PATH/etc/registries.conf:36" },
	/* what cannot be done as it is written is not done otherwise */
	{ "far.example.net/app",
	  "-: PATH/etc/registries.conf:33: far.example.net/app:latest is to be "
	  "asked through the proxy socks5://p" },
};

static void test_places(void **state)
{
	struct registries registries;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "etc/registries.conf", conf);
	read_all(&registries, &ground);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *wanted = rows[i].places, *mark = strstr(wanted, "PATH");

		if (mark != NULL)
			wanted = arena_printf(&ground.arena, "%.*s%s%s", (int)(mark - wanted),
			                      wanted, ground.path, mark + 4);
		assert_string_equal(places(&ground, &registries, rows[i].name), wanted);
	}
	ground_close(&ground);
}

static void test_nothing(void **state)
{
	struct registries registries;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	read_all(&registries, &ground);
	assert_string_equal(places(&ground, &registries, "nginx"),
	                    "registry-1.docker.io/library/nginx:latest");
	assert_string_equal(candidates(&ground, &registries, "nginx:1"),
	                    "docker.io/library/nginx:1");
	assert_string_equal(candidates(&ground, &registries, "team/app@sha256:" HEX),
	                    "docker.io/team/app@sha256:" HEX);
	assert_string_equal(candidates(&ground, &registries, "quay.io/team/app"),
	                    "quay.io/team/app:latest");
	ground_close(&ground);
}

static void write_search(struct ground *ground, const char *file, const char *host)
{
	ground_write(ground, file,
	             arena_printf(&ground->arena, "unqualified-search-registries = ['%s']\n",
	                          host));
}

/* Each file here goes over the one before it. */
static void test_order(void **state)
{
	static const char *const files[] = {
		"share/registries.conf",
		"etc/registries.conf",
		"share/registries.conf.d/20-z.conf",
		"etc/registries.conf.d/10-a.conf",
		"etc/registries.conf.d/9-b.conf",
		"home/.config/containers/registries.conf.d/1.conf",
		"home/.config/containers/registries.conf",
		/* with a registries.conf of his own, the user's folder goes on, the system's not */
		"xdg/containers/registries.conf",
		"xdg/containers/registries.conf.d/2.conf",
	};
	struct ground ground;

	(void)state;
	ground_open(&ground);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct registries registries;
		const char *host = arena_printf(&ground.arena, "r%zu.example", i);

		write_search(&ground, files[i], host);
		read_all(&registries, &ground);
		/* his folder goes over his file */
		assert_string_equal(registries.search.items[0],
		                    i == 6 || i == 7 ? "r5.example" : host);
	}
	ground_close(&ground);
}

static void test_named(void **state)
{
	struct registries registries;
	struct error err = {};
	struct ground ground;

	(void)state;
	ground_open(&ground);
	write_search(&ground, "home/.config/containers/registries.conf", "user.example");
	write_search(&ground, "mine.conf", "mine.example");
	ground_write(&ground, "etc/registries.conf.d/a.conf", "short-name-mode = 'disabled'");
	setenv("REGISTRIES_CONFIG_PATH", "/nowhere", 1);
	setenv("CONTAINERS_REGISTRIES_CONF", ground_path(&ground, "mine.conf"), 1);
	read_all(&registries, &ground);
	assert_string_equal(registries.search.items[0], "mine.example");
	assert_int_equal(registries.mode, SHORT_NAMES_DISABLED);
	unsetenv("CONTAINERS_REGISTRIES_CONF");
	assert_int_equal(registries_read_in(&registries, &ground.arena, &ground.folders, &err), -1);
	assert_string_equal(err.text, "there is no file /nowhere");
	ground_close(&ground);
}

/* Only *.conf, no folders, nothing hidden; a symlink is followed. */
static void test_folder(void **state)
{
	struct registries registries;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "etc/registries.conf.d/a.conf.bak", "not toml");
	ground_write(&ground, "etc/registries.conf.d/.b.conf", "not toml");
	ground_write(&ground, "etc/registries.conf.d/c.conf/d.conf", "not toml");
	write_search(&ground, "elsewhere", "link.example");
	assert_int_equal(symlink("../../elsewhere",
	                         ground_path(&ground, "etc/registries.conf.d/z.conf")),
	                 0);
	read_all(&registries, &ground);
	assert_string_equal(registries.search.items[0], "link.example");
	ground_close(&ground);
}

/* Rules are merged by their prefix. */
static void test_merge(void **state)
{
	struct registries registries;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "etc/registries.conf",
	             "[[registry]]\nlocation='a.example'\nblocked=true\n"
	             "[[registry]]\nlocation='b.example'\nblocked=true\n"
	             "[[registry]]\nlocation='c.example'\ninsecure=true\n");
	ground_write(&ground, "etc/registries.conf.d/x.conf",
	             "[[registry]]\nprefix='b.example'\nlocation='moved.example'\n"
	             "[[registry]]\nprefix='b.example'\nlocation='never.example'\n");
	read_all(&registries, &ground);
	assert_true(text_starts(places(&ground, &registries, "a.example/x"), "-: "));
	assert_string_equal(places(&ground, &registries, "b.example/x"), "moved.example/x:latest");
	assert_string_equal(places(&ground, &registries, "c.example/x"),
	                    "c.example/x:latest insecure");
	ground_close(&ground);
}

static void test_short_names(void **state)
{
	struct registries registries;
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(
	        &ground, "etc/registries.conf",
	        "unqualified-search-registries = ['a.example', 'docker.io', 'b.example:5000']\n"
	        "[aliases]\nfedora = 'registry.example/fedora'\n'team/app' = 'docker.io/app'\n"
	        "gone = 'x.example/gone'\nrecorded = 'x.example/old'\n");
	ground_write(&ground, "etc/registries.conf.d/x.conf", "[aliases]\ngone = ''\n");
	ground_write(&ground, "cache/containers/short-name-aliases.conf",
	             "unqualified-search-registries = ['not.read']\n"
	             "[aliases]\nrecorded = 'x.example/new'\n");
	read_all(&registries, &ground);
	assert_string_equal(candidates(&ground, &registries, "fedora"),
	                    "registry.example/fedora:latest");
	assert_string_equal(candidates(&ground, &registries, "fedora:39@sha256:" HEX),
	                    "registry.example/fedora:39@sha256:" HEX);
	assert_string_equal(candidates(&ground, &registries, "team/app:1"),
	                    "docker.io/library/app:1");
	assert_string_equal(candidates(&ground, &registries, "docker.io/fedora"),
	                    "docker.io/library/fedora:latest");
	assert_string_equal(candidates(&ground, &registries, "gone@sha256:" HEX),
	                    "a.example/gone@sha256:" HEX " docker.io/library/gone@sha256:" HEX
	                    " b.example:5000/gone@sha256:" HEX);
	assert_string_equal(candidates(&ground, &registries, "recorded"), "x.example/new:latest");
	ground_write(&ground, "etc/registries.conf.d/y.conf", "short-name-mode = 'enforcing'");
	read_all(&registries, &ground);
	assert_string_equal(candidates(&ground, &registries, "fedora"),
	                    "registry.example/fedora:latest");
	assert_string_equal(candidates(&ground, &registries, "x"),
	                    "-: 'x' may stand for 3 images, and short-name-mode is enforcing "
	                    "(write the one that is meant: a.example/x:latest, "
	                    "docker.io/library/x:latest, b.example:5000/x:latest)");
	ground_write(&ground, "etc/registries.conf.d/z.conf", "unqualified-search-registries = []");
	read_all(&registries, &ground);
	assert_non_null(strstr(candidates(&ground, &registries, "x"), "'x' names no registry"));
	ground_close(&ground);
}

static const struct refusal {
	const char *text, *why;
} refusals[] = {
	{ "a = 1.5", "x.conf:1:5: 1.5 is a number that is not whole, which no key here takes" },
	{ "registry = 1", "x.conf:1:1: registry is an integer, must be an array" },
	{ "registry = [1]", "x.conf:1:13: registry must be a table" },
	{ "[[registry]]\n", "x.conf:1:3: this registry has neither prefix nor location" },
	{ "[[registry]]\nlocation = ''",
	  "x.conf:1:3: this registry has neither prefix nor location" },
	{ "[[registry]]\nprefix = 'a.example'", "x.conf:1:3: a.example has no location" },
	{ "[[registry]]\nlocation = 'https://a.example'",
	  "x.conf:2:1: location is a URL; it is HOST[:PORT][/PATH] here" },
	{ "[[registry]]\nlocation = 'a'\nblocked = 'yes'",
	  "x.conf:3:1: blocked is a string, must be true or false" },
	{ "[[registry]]\nlocation = 'a'\nBlocked = true", "x.conf:3:1: Blocked is no key here" },
	{ "[[registry]]\nlocation = 'a'\ninsecre = true", "x.conf:3:1: insecre is no key here" },
	{ "[[registry]]\nprefix = '*.a.example:5000'\n",
	  "x.conf:1:3: *.a.example:5000 may have neither port nor path: *.example.com is all of it" },
	{ "[[registry]]\nlocation = 'a'\npull-from-mirror = 'all'",
	  "x.conf:3:1: pull-from-mirror is a mirror's, not a registry's" },
	{ "[[registry]]\nlocation = 'a'\n[[registry.mirror]]\ninsecure = true",
	  "x.conf:3:12: this mirror has no location" },
	{ "[[registry]]\nlocation='a'\nmirror=[{location='b', pull-from-mirror='some'}]",
	  "x.conf:3:24: pull-from-mirror is none of all, digest-only, tag-only" },
	{ "[[registry]]\nlocation='a'\nmirror-by-digest-only=true\n"
	  "mirror=[{location='b', pull-from-mirror='all'}]",
	  "x.conf:4:24: pull-from-mirror and mirror-by-digest-only of its registry exclude one "
	  "another" },
	{ "[[registry]]\nlocation='a'\ninsecure=true\n[[registry]]\nprefix='b'\nlocation='a'",
	  "x.conf:4: a is given another 'insecure' than in line 1" },
	{ "[[registry]]\nlocation='a'\nblocked=true\n[[registry]]\nprefix='b'\nlocation='a'",
	  "x.conf:4: a is given another 'blocked' than in line 1" },
	{ "unqualified-search-registries = 'a'",
	  "x.conf:1:1: unqualified-search-registries is a string, must be an array" },
	{ "unqualified-search-registries = ['a.example', 1]",
	  "x.conf:1:47: unqualified-search-registries must be a list of strings" },
	{ "unqualified-search-registries = ['a.example/b']",
	  "x.conf:1:34: a.example/b is no registry (HOST or HOST:PORT)" },
	{ "unqualified-search-registries = ['team']",
	  "x.conf:1:34: team is no registry (HOST or HOST:PORT)" },
	{ "[[registry]]\nlocation='a'\nproxy=1",
	  "x.conf:3:1: proxy is an integer, must be a string" },
	{ "short-name-mode = 'guess'",
	  "x.conf:1:1: short-name-mode is none of permissive, enforcing, disabled" },
	{ "[aliases]\n'a.example/b' = 'a.example/c'",
	  "x.conf:2:1: a.example/b is no short name (without registry, tag and digest)" },
	{ "[aliases]\n'a:1' = 'a.example/c'",
	  "x.conf:2:1: a:1 is no short name (without registry, tag and digest)" },
	{ "[aliases]\na = 'b'",
	  "x.conf:2:1: b is no image's name with registry, and without tag and digest" },
	{ "[aliases]\na = 'a.example/b:1'", "x.conf:2:1: a.example/b:1 is no image's name with "
	                                    "registry, and without tag and digest" },
	{ "[aliases]\na = 1", "x.conf:2:1: a must be a string" },
	{ "[[registry]]\nprefix = 'a.*.example'\nlocation = 'b'\nblocked = true",
	  "x.conf:1:3: a.*.example fits nothing: a '*' stands for whole parts of a host's name, and at "
	  "the beginning, as in *.example.com" },
	{ "[[registry]]\nlocation = '*'\nblocked = true",
	  "x.conf:1:3: * fits nothing: a '*' stands for whole parts of a host's name, and at the "
	  "beginning, as in *.example.com" },
	{ "[[registry]]\nprefix = '*.'\nblocked = true",
	  "x.conf:1:3: *. fits nothing: a '*' stands for whole parts of a host's name, and at the "
	  "beginning, as in *.example.com" },
	{ "[[registry]]\nprefix = '*..example'\nblocked = true",
	  "x.conf:1:3: *..example fits nothing: a '*' stands for whole parts of a host's name, and at the "
	  "beginning, as in *.example.com" },
	{ "[[registrys]]\nlocation = 'a'\nblocked = true", "x.conf:1:3: registrys is no key here" },
	{ "short-name-mod = 'enforcing'", "x.conf:1:1: short-name-mod is no key here" },
	{ "alias = 1", "x.conf:1:1: alias is no key here" },
	{ "credential-helper = []", "x.conf:1:1: credential-helper is no key here" },
	{ "[registries.search]\nregistries = ['a']",
	  "x.conf:1:13: search is of version 1 of the format, which is not read any more" },
	{ "[registries.block]\nregistries = ['a']",
	  "x.conf:1:13: block is of version 1 of the format, which is not read any more" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct registries registries = {};
		struct error err = {};

		text_append(&text, refusals[i].text);
		if (registries_take(&registries, &arena, "x.conf", &text, &err) == 0)
			fail_msg("%s: was taken", refusals[i].text);
		assert_string_equal(err.text, refusals[i].why);
	}
}

/* What containers/image passes over, and Debian's own files. */
static void test_taken(void **state)
{
	static const char *const texts[] = {
		"additional-layer-store-auth-helper = 'x'\nunknown = 1\n[other]\nx = 'y'",
		"[[registry]]\nlocation = 'a'\nfuture-key = 1",
		"[registries.search]\nregistries = []",
		"short-name-mode = ''",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct registries registries = {};
		struct error err = {};

		text_append(&text, texts[i]);
		if (registries_take(&registries, &arena, "x.conf", &text, &err) < 0)
			fail_msg("%s: %s", texts[i], err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),      cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_order),       cmocka_unit_test(test_named),
		cmocka_unit_test(test_folder),      cmocka_unit_test(test_merge),
		cmocka_unit_test(test_short_names), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
