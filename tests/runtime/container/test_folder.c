/* Folders, names, locks, states, and what the next command makes of a kill -9. */
#include "runtime/container/folder.h"

#include "runtime/container/identity.h"
#include "runtime/container/process.h"
#include "runtime/container/recover.h"
#include "runtime/container/remove.h"
#include "tests/runtime/container/scratch.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

static int make_folder(struct folder *ret, const struct paths *paths, bool overlay)
{
	struct error err;

	return folder_choose(ret, paths, &err) < 0 ? -1 : folder_make(ret, paths, overlay, &err);
}

static void make(struct folder *ret, const struct paths *paths, const char *name)
{
	struct state state = { .status = CONTAINER_CREATED, .name = name, .created = state_now() };
	struct error err;

	assert_int_equal(make_folder(ret, paths, true), 0);
	assert_int_equal(folder_claim(ret, paths, name, &err), 0);
	assert_int_equal(state_write(ret->dir, &state, IO_VOLATILE, &err), 0);
}

static size_t count(const struct paths *paths, bool all)
{
	_cleanup_arena struct arena arena = {};
	struct container *list;
	struct error err;
	size_t found;

	assert_int_equal(container_list(&list, &found, &arena, paths, all, &err), 0);
	return found;
}

static void test_names(void **state)
{
	static const char *const good[] = { "a", "A.b-c_9", "0" };
	static const char *const bad[] = { "",    ".a",  "-a",       "_a",  "a/b",
		                           "a b", "a\n", "\xc3\xa9", "../x" };
	char name[160], id[CONTAINER_ID_LENGTH + 1];
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(identity_check_name(good[i], &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(identity_check_name(bad[i], &err), -1);
	assert_int_equal(identity_make(id, &err), 0);
	assert_true(folder_is_id(id));
	for (unsigned attempt = 0; attempt < 40; attempt++) {
		identity_make_name(name, sizeof name, id, attempt);
		assert_int_equal(identity_check_name(name, &err), 0);
	}
}

static void test_conflict(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	struct folder first, second;
	struct error err;

	make(&first, paths, "web");
	assert_int_equal(make_folder(&second, paths, true), 0);
	assert_int_equal(folder_claim(&second, paths, "web", &err), -1);
	assert_int_equal(err.number, EEXIST);
	assert_non_null(strstr(err.text, "is already in use by container \""));
	assert_non_null(strstr(err.text, first.id));
	/* giving back a name that is another's leaves it */
	assert_int_equal(folder_forget(&second, paths, "web", &err), 0);
	folder_close(&second);
	assert_int_equal(count(paths, true), 1);
	assert_int_equal(count_entries(paths->data, "names"), 1);
	folder_sweep(paths, NULL);
	assert_int_equal(count_entries(paths->data, "containers"), 1);
	folder_close(&first);
}

/* Claims at once: while its winner lives a name has one. */
static void test_race(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	int won = 0, status, go[2];
	char byte;

	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < 20; i++)
		if (fork() == 0) {
			struct folder folder;
			struct error err;

			close(go[1]);
			if (read(go[0], &byte, 1) < 0 || make_folder(&folder, paths, true) < 0)
				_exit(2);
			_exit(folder_claim(&folder, paths, "x", &err) == 0 ? 0 : 1);
		}
	close(go[0]);
	close(go[1]);
	while (wait(&status) > 0) {
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
		won += WEXITSTATUS(status) == 0;
	}
	assert_true(won >= 1); /* a winner that has ended is no container: another may follow */
	folder_sweep(paths, NULL);
	assert_int_equal(count_entries(paths->data, "containers"), 0);
	assert_int_equal(count_entries(paths->data, "names"), 0);
}

/* Killed while it was made: no container, no name, nothing left by the next command. */
static void test_torn(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	struct folder folder, other;
	struct error err;

	assert_int_equal(make_folder(&folder, paths, true), 0);
	assert_int_equal(folder_claim(&folder, paths, "x", &err), 0);
	folder_sweep(paths, NULL); /* its maker lives */
	assert_int_equal(count_entries(paths->data, "containers"), 1);
	assert_int_equal(count(paths, true), 0);
	folder_close(&folder);
	assert_int_equal(make_folder(&other, paths, false), 0);
	assert_int_equal(folder_claim(&other, paths, "x", &err), 0);
	assert_int_equal(count_entries(paths->data, "containers"), 1);
	folder_close(&other);
	assert_int_equal(count(paths, true), 0);
	assert_int_equal(count_entries(paths->data, "containers"), 0);
}

static void test_take(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	struct folder folder, again;
	struct error err;

	make(&folder, paths, "x");
	assert_int_equal(folder_take(&again, paths, folder.id, &err), 0);
	folder_close(&folder);
	assert_int_equal(folder_take(&again, paths, folder.id, &err), 1);
	folder_close(&again);
	assert_int_equal(folder_take(&again, paths, "0000", &err), -1);
}

static void test_find(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	_cleanup_arena struct arena arena = {};
	struct folder folder;
	struct container container;
	struct error err;
	char prefix[CONTAINER_ID_LENGTH + 1];

	make(&folder, paths, "web");
	assert_int_equal(container_open(&container, &arena, paths, "web", &err), 1);
	assert_string_equal(container.id, folder.id);
	container_close(&container);
	assert_int_equal(container_open(&container, &arena, paths, "/web", &err), 1);
	container_close(&container);
	snprintf(prefix, sizeof prefix, "%.12s", folder.id);
	assert_int_equal(container_open(&container, &arena, paths, prefix, &err), 1);
	assert_string_equal(container.name, "web");
	container_close(&container);
	assert_int_equal(container_open(&container, &arena, paths, "we", &err), 0);
	assert_int_equal(container_open(&container, &arena, paths, "", &err), 0);
	assert_int_equal(container_open(&container, &arena, paths, "../containers", &err), 0);
	folder_close(&folder);
}

static void test_state(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	_cleanup_arena struct arena arena = {};
	struct state written = {
		.status = CONTAINER_EXITED,
		.name = "n",
		.command = "sh -c \xff",
		.created = INT64_C(1767323045000000006),
		.exit_status = 137,
		.pid_start = INT64_C(1) << 40,
		.remove = true,
	};
	struct state read = {};
	struct folder folder;
	struct error err;

	make(&folder, paths, "n");
	assert_int_equal(state_write(folder.dir, &written, IO_DURABLE, &err), 0);
	assert_int_equal(state_read(&read, &arena, folder.dir, &err), 1);
	assert_int_equal(read.status, CONTAINER_EXITED);
	assert_string_equal(read.command, "sh -c \xef\xbf\xbd");
	assert_int_equal(read.created, written.created);
	assert_int_equal(read.exit_status, 137);
	assert_int_equal(read.pid_start, written.pid_start);
	assert_true(read.remove);
	assert_false(read.terminal);
	folder_close(&folder);
}

/* A monitor that was killed: its container's first process and pasta still live. */
static void test_bury(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	_cleanup_arena struct arena arena = {};
	struct state running = { .status = CONTAINER_RUNNING, .name = "x" }, found;
	struct folder folder;
	struct error err;
	int status, dir, containers;
	pid_t left = fork();

	if (left == 0) {
		pause();
		_exit(0);
	}
	make(&folder, paths, "x");
	running.pasta = left;
	running.pasta_start = (int64_t)process_start_time(left);
	running.pid = getpid(); /* a pid that belongs to another by now: never killed */
	running.pid_start = 1;
	assert_int_equal(state_write(folder.dir, &running, IO_VOLATILE, &err), 0);
	dir = folder_open(paths, folder.id);
	assert_true(recover_state(&found, &arena, paths, folder.id, dir));
	assert_int_equal(found.status, CONTAINER_RUNNING);
	assert_int_equal(count(paths, false), 1);
	assert_true(recover_listed(&found, &arena, paths, folder.containers, folder.id));
	assert_int_equal(found.status, CONTAINER_RUNNING);
	containers = dup(folder.containers);
	folder_close(&folder); /* the monitor is gone */
	assert_int_equal(count(paths, false), 0);
	assert_true(recover_listed(&found, &arena, paths, containers, folder.id));
	assert_int_equal(found.status, CONTAINER_EXITED);
	assert_true(recover_state(&found, &arena, paths, folder.id, dir));
	assert_int_equal(found.status, CONTAINER_EXITED);
	assert_int_equal(found.exit_status, 137);
	assert_int_equal(waitpid(left, &status, 0), left);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_false(recover_listed(&found, &arena, paths, containers, "none of this name"));
	close(containers);
	close(dir);
}

static void test_damaged(void **state)
{
	const struct paths *paths = &((struct scratch *)*state)->paths;
	_cleanup_arena struct arena arena = {};
	struct container container;
	struct folder folder;
	struct host host = {};
	struct error err;

	make(&folder, paths, "x");
	assert_int_equal(io_replace_file(folder.dir, "state.json", "{\"status\":", 10, IO_VOLATILE,
	                                 &err),
	                 0);
	folder_close(&folder);
	assert_int_equal(container_open(&container, &arena, paths, "x", &err), 1);
	assert_int_equal(container.status, CONTAINER_DEAD);
	container_close(&container);
	assert_int_equal(container_remove(paths, &host, "x", false, false, &err), 0);
	assert_int_equal(count_entries(paths->data, "containers"), 0);
	assert_int_equal(make_folder(&folder, paths, false), 0);
	assert_int_equal(folder_claim(&folder, paths, "x", &err), 0); /* the name is free again */
	folder_close(&folder);
}

static void test_start_time(void **state)
{
	(void)state;
	assert_true(process_start_time(getpid()) > 0);
	assert_int_equal(process_start_time(0), 0);
	assert_int_equal(process_start_time(-1), 0);
	assert_int_equal(process_open(getpid(), process_start_time(getpid()) + 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_conflict, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_race, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_torn, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_take, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_find, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_state, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_bury, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_damaged, scratch_make, scratch_drop),
		cmocka_unit_test(test_start_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
