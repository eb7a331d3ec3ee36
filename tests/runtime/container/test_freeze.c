/* What is written to a cgroup to make its processes stand still, and what is believed of it, on a
 * tree of plain files. The kernel's own part is tests/vm/pause.bats. */
#include "runtime/container/freeze.h"

#include "tests/runtime/container/scratch.h"

enum { PATIENCE_MS = 30 };

static void put(const struct scratch *scratch, const char *name, const char *content)
{
	char path[256];
	_cleanup_fd int fd = -1;

	snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, content, strlen(content)), 0);
}

static void test_all_stand(void **state)
{
	const struct scratch *scratch = *state;
	struct error err;

	put(scratch, "cgroup.freeze", "0\n");
	put(scratch, "cgroup.events", "populated 1\nfrozen 1\n");
	assert_false(freeze_is(scratch->folder));
	assert_int_equal(freeze_set(scratch->folder, PATIENCE_MS, &err), 0);
	assert_true(freeze_is(scratch->folder));
	assert_int_equal(freeze_clear(scratch->folder, &err), 0);
	assert_false(freeze_is(scratch->folder));
}

/* One does not stop: all are let go, and nobody takes the container for a paused one. */
static void test_one_goes_on(void **state)
{
	const struct scratch *scratch = *state;
	struct error err;

	put(scratch, "cgroup.freeze", "0\n");
	put(scratch, "cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(freeze_set(scratch->folder, PATIENCE_MS, &err), -1);
	assert_non_null(strstr(err.text, "not every process stood still"));
	assert_non_null(strstr(err.hint, "all go on"));
	assert_false(freeze_is(scratch->folder));
}

static void test_unreadable(void **state)
{
	const struct scratch *scratch = *state;
	struct error err;

	put(scratch, "cgroup.freeze", "0\n");
	assert_int_equal(freeze_set(scratch->folder, PATIENCE_MS, &err), -1);
	assert_non_null(strstr(err.text, "cannot see whether"));
	assert_false(freeze_is(scratch->folder));
}

static void test_none(void **state)
{
	const struct scratch *scratch = *state;
	char path[256];
	struct error err;

	assert_false(freeze_is(NULL));
	assert_false(freeze_is(""));
	assert_false(freeze_is(scratch->folder));
	assert_int_equal(freeze_set(scratch->folder, PATIENCE_MS, &err), -1);
	assert_non_null(strstr(err.text, "cgroup.freeze"));
	assert_non_null(strstr(err.hint, "5.2"));
	/* who made a symlink there made no cgroup */
	put(scratch, "other", "1\n");
	snprintf(path, sizeof path, "%s/cgroup.freeze", scratch->folder);
	assert_int_equal(symlink("other", path), 0);
	assert_false(freeze_is(scratch->folder));
	assert_int_equal(freeze_clear(scratch->folder, &err), -1);
	/* nor who made a pipe that nobody is at */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(freeze_is(scratch->folder));
	assert_int_equal(freeze_clear(scratch->folder, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_stand, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_one_goes_on, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_unreadable, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_none, scratch_make, scratch_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
