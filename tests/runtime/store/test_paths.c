/*
 * paths: where state is kept, that it is private, and that folders named by the environment are
 * taken from nobody but root and the caller.
 */
#include "runtime/store/paths.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char ground[PATH_MAX];

static const char *below(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%.3000s/%s", ground, name);
	return path;
}

static int set_up(void **state)
{
	static const char *const folders[] = { "helpers",    "profiles", "open",
		                               "open/inner", "sticky",   "sticky/inner" };

	(void)state;
	strcpy(ground, "/tmp/cordon-paths.XXXXXX");
	if (mkdtemp(ground) == NULL)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdir(below(folders[i]), 0755) < 0)
			return -1;
	if (chmod(below("open"), 0777) < 0 || chmod(below("sticky"), 01777) < 0 ||
	    symlink("helpers", below("link")) < 0)
		return -1;
	close(open(below("helpers/layer"), O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
	setenv("HOME", ground, 1);
	unsetenv("XDG_DATA_HOME");
	return 0;
}

static int tear_down(void **state)
{
	struct error err;

	(void)state;
	return io_remove_tree(AT_FDCWD, ground, &err);
}

/* Asks with a variable set to a folder of the ground (NULL: unset); 0, or -1 with the error. */
static int ask(struct paths *paths, struct arena *arena, const char *variable, const char *name,
               struct error *err)
{
	unsetenv("CORDON_LIBEXEC");
	unsetenv("CORDON_PROFILES");
	if (name != NULL)
		setenv(variable, name[0] == '/' ? name : below(name), 1);
	return paths_init(paths, arena, err);
}

static void test_taken(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct paths paths;
	struct error err = {};

	(void)state;
	assert_int_equal(ask(&paths, &arena, "CORDON_LIBEXEC", "helpers", &err), 0);
	assert_string_equal(paths.libexec, below("helpers"));
	assert_int_equal(ask(&paths, &arena, "CORDON_PROFILES", "profiles", &err), 0);
	assert_string_equal(paths.profiles[2], below("profiles"));
	assert_int_equal(ask(&paths, &arena, "CORDON_LIBEXEC", "sticky/inner", &err), 0);
	/* root's */
	assert_int_equal(ask(&paths, &arena, "CORDON_PROFILES", "/usr/share", &err), 0);
	assert_string_equal(paths.profiles[2], "/usr/share");
	/* what was looked at is what is used: no link that could be turned afterwards */
	assert_int_equal(ask(&paths, &arena, "CORDON_LIBEXEC", "link", &err), 0);
	assert_string_equal(paths.libexec, below("helpers"));
	/* relative, empty: as if it were not set */
	setenv("CORDON_LIBEXEC", "helpers", 1);
	assert_int_equal(paths_init(&paths, &arena, &err), 0);
	assert_string_not_equal(paths.libexec, "helpers");
}

static void refused(const char *variable, const char *name, const char *why)
{
	_cleanup_arena struct arena arena = {};
	struct paths paths = { .data = "untouched" };
	struct error err = {};

	assert_int_equal(ask(&paths, &arena, variable, name, &err), -1);
	if (strstr(err.text, why) == NULL || strstr(err.text, variable) == NULL)
		fail_msg("%s: %s", name, err.text);
	assert_non_null(strstr(err.hint, variable));
	assert_string_equal(paths.data, "untouched");
}

static void test_writable_by_others(void **state)
{
	static const mode_t modes[] = { 0775, 0757, 0777, 01777, 02775 };
	static const char *const variables[] = { "CORDON_LIBEXEC", "CORDON_PROFILES" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(chmod(below("helpers"), modes[i]), 0);
		for (size_t j = 0; j < ARRAY_SIZE(variables); j++) {
			refused(variables[j], "helpers", "/helpers can be written by others");
			refused(variables[j], "link", "/helpers can be written by others");
		}
	}
	assert_int_equal(chmod(below("helpers"), 0755), 0);
	refused("CORDON_LIBEXEC", "open/inner", "/open/ can be written by others");
}

static void test_file_inside(void **state)
{
	(void)state;
	assert_int_equal(chmod(below("helpers/layer"), 0775), 0);
	refused("CORDON_LIBEXEC", "helpers", "/helpers/layer can be written by others (mode 0775)");
	assert_int_equal(chmod(below("helpers/layer"), 0757), 0);
	refused("CORDON_PROFILES", "helpers", "/helpers/layer can be written by others");
	assert_int_equal(chmod(below("helpers/layer"), 0755), 0);
}

static void test_not_there(void **state)
{
	(void)state;
	refused("CORDON_LIBEXEC", "nothing", "nothing");
	refused("CORDON_PROFILES", "helpers/layer", "layer");
}

/* Only root can give files away: this part runs for him. */
static void test_of_another_user(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct paths paths;
	struct error err = {};

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(below("helpers"), 4711, (gid_t)-1), 0);
	refused("CORDON_LIBEXEC", "helpers", "/helpers belongs to uid 4711");
	assert_int_equal(chown(below("helpers"), 0, (gid_t)-1), 0);
	assert_int_equal(chown(below("helpers/layer"), 4711, (gid_t)-1), 0);
	refused("CORDON_LIBEXEC", "helpers", "/helpers/layer belongs to uid 4711");
	assert_int_equal(chown(below("helpers/layer"), 0, (gid_t)-1), 0);
	assert_int_equal(chown(below("sticky"), 4711, (gid_t)-1), 0);
	refused("CORDON_LIBEXEC", "sticky/inner", "/sticky/ belongs to uid 4711");
	assert_int_equal(chown(below("sticky"), 0, (gid_t)-1), 0);
	assert_int_equal(ask(&paths, &arena, "CORDON_LIBEXEC", "helpers", &err), 0);
}

/* What a user who is not root may not be given: a folder of somebody else's that is not root's. Any
 * machine has some. */
static void test_of_a_stranger(void **state)
{
	static const char *const candidates[] = { "/var/cache/man", "/var/lib/apt/lists/partial",
		                                  "/var/cache/apt/archives/partial" };
	struct stat status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		if (stat(candidates[i], &status) < 0 || status.st_uid == 0 ||
		    status.st_uid == geteuid())
			continue;
		refused("CORDON_LIBEXEC", candidates[i], "belongs to uid");
		return;
	}
	skip();
}

static void test_private_folders(void **state)
{
	char base[PATH_MAX];
	struct stat status;
	struct error err = {};
	int fd;

	(void)state;
	snprintf(base, sizeof base, "%s", below("data"));
	fd = paths_open_dir(base, "containers", &err);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	close(fd);
	assert_int_equal(chmod(below("data/containers"), 0755), 0);
	fd = paths_open_dir(base, "containers", &err);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	close(fd);
	assert_int_equal(symlink("containers", below("data/linked")), 0);
	assert_int_equal(paths_open_dir(base, "linked", &err), -1);
}

/* Sockets are put into a folder that nobody else can change, or into the data's. */
static void test_runtime_folder(void **state)
{
	static const struct {
		const char *name;
		bool taken;
	} rows[] = { { "helpers", true },  { "open", false }, { "sticky", false },
		     { "nothing", false }, { "/", false },    { "helpers/layer", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct paths paths;
		struct error err = {};
		char run[PATH_MAX + 16];

		assert_int_equal(ask(&paths, &arena, "XDG_RUNTIME_DIR", rows[i].name, &err), 0);
		snprintf(run, sizeof run, "%s/cordon", getenv("XDG_RUNTIME_DIR"));
		assert_int_equal(strcmp(paths.run, run) == 0, rows[i].taken);
	}
	unsetenv("XDG_RUNTIME_DIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),           cmocka_unit_test(test_writable_by_others),
		cmocka_unit_test(test_file_inside),     cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_of_another_user), cmocka_unit_test(test_of_a_stranger),
		cmocka_unit_test(test_private_folders), cmocka_unit_test(test_runtime_folder),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
