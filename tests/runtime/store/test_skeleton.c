/* skeleton: whole, readable by all whatever the umask, made once, by many at a time too. */
#include "runtime/store/skeleton.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { MAKERS = 12 };

static char folder[] = "/tmp/cordon-skeleton-XXXXXX";
static struct paths paths = { .data = folder };

static int set_up(void **state)
{
	(void)state;
	umask(0077);
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	struct error err;

	(void)state;
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static void expect_mode(const char *base, const char *name, mode_t mode)
{
	char path[256];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", base, name);
	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode, mode);
}

static void expect_whole(const char *path)
{
	static const char *const folders[] = { ".", "proc", "sys", "dev", "etc" };
	static const char *const files[] = { "etc/hosts", "etc/hostname", "etc/resolv.conf" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		expect_mode(path, folders[i], S_IFDIR | 0755);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		expect_mode(path, files[i], S_IFREG | 0644);
}

static unsigned count_entries(void)
{
	_cleanup_dir DIR *stream = opendir(folder);
	unsigned count = 0;

	assert_non_null(stream);
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
		count += entry->d_name[0] != '.';
	return count;
}

static void test_many_at_once(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct error err = {};
	const char *path;
	int status;

	(void)state;
	for (int i = 0; i < MAKERS; i++)
		if (fork() == 0)
			_exit(skeleton_path(&arena, &paths, &err) == NULL);
	for (int i = 0; i < MAKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	path = skeleton_path(&arena, &paths, &err);
	assert_non_null(path);
	expect_whole(path);
	assert_int_equal(count_entries(), 1); /* no half-made one is left */
}

static void test_not_writable(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct paths other = { .data = "/proc/cordon" };
	struct error err = {};

	(void)state;
	assert_null(skeleton_path(&arena, &other, &err));
	assert_non_null(strstr(err.text, "/proc/cordon"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_not_writable),
	};

	return cmocka_run_group_tests_name("skeleton", tests, set_up, tear_down);
}
