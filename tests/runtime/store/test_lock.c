/* lock: who waits for whom, and that the dead hold nothing. */
#include "runtime/store/lock.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char folder[] = "/tmp/cordon-lock-XXXXXX";
static struct paths paths = { .data = folder };

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	struct error err;

	(void)state;
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static void expect_busy(enum store_lock lock, enum store_hold hold)
{
	struct error err = {};

	assert_int_equal(store_lock_try(&paths, lock, hold, &err), -1);
	assert_int_equal(err.number, EWOULDBLOCK);
}

static void expect_free(enum store_lock lock, enum store_hold hold)
{
	struct error err = {};
	int fd = store_lock_try(&paths, lock, hold, &err);

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_holds(void **state)
{
	struct error err = {};
	int shared = store_lock(&paths, STORE_LOCK_USE, STORE_SHARED, &err), exclusive;

	(void)state;
	assert_true(shared >= 0);
	expect_free(STORE_LOCK_USE, STORE_SHARED);
	expect_busy(STORE_LOCK_USE, STORE_EXCLUSIVE);
	expect_free(STORE_LOCK_INDEX, STORE_EXCLUSIVE);
	close(shared);
	exclusive = store_lock(&paths, STORE_LOCK_USE, STORE_EXCLUSIVE, &err);
	assert_true(exclusive >= 0);
	expect_busy(STORE_LOCK_USE, STORE_SHARED);
	close(exclusive);
	expect_free(STORE_LOCK_USE, STORE_EXCLUSIVE);
}

static void test_the_dead_hold_nothing(void **state)
{
	int ends[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct error err;

		if (store_lock(&paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, &err) < 0)
			_exit(1);
		byte = write(ends[1], "x", 1) == 1;
		pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	expect_busy(STORE_LOCK_INDEX, STORE_EXCLUSIVE);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	expect_free(STORE_LOCK_INDEX, STORE_EXCLUSIVE);
	close(ends[0]);
	close(ends[1]);
}

static void test_the_folder_is_private(void **state)
{
	struct stat status;
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "%s/images", folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_the_dead_hold_nothing),
		cmocka_unit_test(test_the_folder_is_private),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
