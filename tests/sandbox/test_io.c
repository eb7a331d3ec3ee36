/* io: removing trees that somebody made so that they would stay; reading files whole. */
#include "sandbox/base/io.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEEP = 3000, FEW_DESCRIPTORS = 128 };

static char folder[] = "/tmp/cordon-io-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void make_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int open_folder(const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void expect_removed(const char *name)
{
	char path[128];
	struct error err = {};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(io_remove_tree(AT_FDCWD, path, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
}

/* Deeper than a path may be long, than descriptors are many, than the stack is high. */
static void test_deep(void **state)
{
	const struct rlimit few = { FEW_DESCRIPTORS, FEW_DESCRIPTORS };
	struct rlimit before;
	int dir = open_folder("deep");

	(void)state;
	/* a name of the kind the removal itself uses */
	make_file(dir, ".deep.0");
	for (int i = 0; i < DEEP; i++) {
		int next;

		make_file(dir, "file");
		assert_int_equal(mkdirat(dir, "a", 0700), 0);
		next = openat(dir, "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(dir);
		assert_true(next >= 0);
		dir = next;
	}
	close(dir);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE,
	                           &(struct rlimit){ few.rlim_cur, before.rlim_max }),
	                 0);
	expect_removed("deep");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void test_many(void **state)
{
	int dir = open_folder("many");
	char name[300];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "%0*d", i % 200 + 1, i + 1000);
		make_file(dir, name);
	}
	close(dir);
	expect_removed("many");
}

/* What a symlink names is not ours. */
static void test_symlinks(void **state)
{
	int keep = open_folder("keep"), dir = open_folder("links");
	char path[128];

	(void)state;
	make_file(keep, "file");
	assert_int_equal(symlinkat("../keep", dir, "to-folder"), 0);
	assert_int_equal(symlinkat("../keep/file", dir, "to-file"), 0);
	snprintf(path, sizeof path, "%s/to-keep", folder);
	assert_int_equal(symlink("keep", path), 0);
	close(dir);
	expect_removed("to-keep");
	expect_removed("links");
	assert_int_equal(faccessat(keep, "file", F_OK, 0), 0);
	close(keep);
	expect_removed("keep");
}

/* Folders nobody may enter, as overlayfs leaves them; and what is not there at all. */
static void test_closed(void **state)
{
	int dir = open_folder("closed");
	struct error err = {};

	(void)state;
	assert_int_equal(mkdirat(dir, "work", 0700), 0);
	make_file(dir, "work/file");
	assert_int_equal(fchmodat(dir, "work", 0, 0), 0);
	close(dir);
	expect_removed("closed");
	assert_int_equal(io_remove_tree(AT_FDCWD, "/tmp/cordon-no-such", &err), 0);
}

/* Of every size, to the limit and no further; what is there already stays before it. */
static void test_read_file(void **state)
{
	static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, 100000 };
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/file", folder);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		_cleanup_text struct text text = {}, whole = {};
		struct error err = {};

		while (whole.length < sizes[i])
			text_append_char(&whole, (char)('a' + whole.length % 23));
		assert_int_equal(io_write_all(fd, text_string(&whole), whole.length), 0);
		text_append(&text, "before ");
		assert_int_equal(io_read_file(&text, AT_FDCWD, path, sizes[i], &err), 1);
		assert_int_equal(text.length, sizes[i] + 7);
		assert_string_equal(text.data + 7, text_string(&whole));
		if (sizes[i] > 0) {
			assert_int_equal(io_read_file(&text, AT_FDCWD, path, sizes[i] - 1, &err),
			                 -1);
			assert_non_null(strstr(err.text, "more than"));
		}
	}
	assert_int_equal(unlink(path), 0);
}

/* A file that says it is empty, and one that says it is larger than it is. */
static void test_read_kernel_file(void **state)
{
	static const char *const paths[] = { "/proc/self/status",
		                             "/sys/kernel/mm/transparent_hugepage/enabled",
		                             "/sys/kernel/notes" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};

		assert_true(io_read_file(&text, AT_FDCWD, paths[i], 1 << 20, &err) >= 0);
		assert_true(access(paths[i], F_OK) < 0 || text.length > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deep),      cmocka_unit_test(test_many),
		cmocka_unit_test(test_symlinks),  cmocka_unit_test(test_closed),
		cmocka_unit_test(test_read_file), cmocka_unit_test(test_read_kernel_file),
	};

	return cmocka_run_group_tests_name("io", tests, set_up, tear_down);
}
