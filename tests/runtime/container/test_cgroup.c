/* Where a container's cgroup goes, and what is written there, on a tree of plain files. */
#include "runtime/container/cgroup.h"

#include "tests/runtime/container/scratch.h"

static void put(const struct scratch *scratch, const char *name, const char *content)
{
	char path[256];
	_cleanup_fd int fd = -1;

	snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, content, strlen(content)), 0);
}

static void make_folder(const struct scratch *scratch, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static const char *find(struct arena *arena, const struct scratch *scratch, const char *own,
                        const struct plan_resources *resources, struct error *err)
{
	/* no systemd listens below that folder */
	const struct cgroup_request request = { resources, "ID", scratch->folder };
	const char *found = NULL;

	return cgroup_find_in(&found, arena, &request, scratch->folder, own, err) == 0 ? found
	                                                                               : NULL;
}

static void test_find(void **state)
{
	const struct scratch *scratch = *state;
	const struct plan_resources pids = { .pids = 10 }, memory = { .memory = 1 << 20 };
	_cleanup_arena struct arena arena = {};
	struct error err;
	const char *found;

	make_folder(scratch, "scope");
	make_folder(scratch, "scope/cordon-callers");
	put(scratch, "scope/cgroup.controllers", "cpu memorytwo pids\n");
	found = find(&arena, scratch, "/scope", &pids, &err);
	assert_non_null(found);
	assert_true(text_ends(found, "/scope/cordon-ID"));
	/* the second container of a tree: its caller sits in the leaf */
	assert_true(text_ends(find(&arena, scratch, "/scope/cordon-callers", &pids, &err),
	                      "/scope/cordon-ID"));
	assert_null(find(&arena, scratch, "/scope", &memory, &err));
	assert_non_null(strstr(err.text, "memory"));
	assert_non_null(strstr(err.hint, "Delegate=yes"));
	assert_null(find(&arena, scratch, "/nowhere", &pids, &err));
	assert_non_null(strstr(err.hint, "Delegate=yes"));
}

static void test_nothing_wanted(void **state)
{
	const struct plan_resources none = {};
	const struct cgroup_request request = { &none, "ID", "/nowhere" };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text notes = {};
	const char *found = NULL;
	struct error err;

	(void)state;
	assert_int_equal(cgroup_find(&found, &arena, &request, &notes, &err), 0);
	assert_null(found);
	assert_int_equal(notes.length, 0);
}

/* --cgroups disabled with a limit: nobody would enforce it. */
static void test_limit_without_cgroup(void **state)
{
	const struct plan_resources none = {}, some = { .pids = 10, .if_available = true };
	struct cgroup_request request = { &some, "ID", "/nowhere", CGROUPS_DISABLED };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text notes = {};
	const char *found = NULL;
	struct error err;

	(void)state;
	assert_int_equal(cgroup_find(&found, &arena, &request, &notes, &err), -1);
	assert_non_null(strstr(err.text, "limited by a cgroup"));
	assert_non_null(strstr(err.hint, "the limit"));
	request.resources = &none;
	assert_int_equal(cgroup_find(&found, &arena, &request, &notes, &err), 0);
	assert_null(found);
}

/* A folder of cgroupfs is made with its files in it; here they are there before. */
static void test_make(void **state)
{
	const struct scratch *scratch = *state;
	const struct plan plan = { .confinement.resources = {
		                           .pids = 10, .memory = 64 << 20, .cpu_quota = 150000 } };
	static const struct {
		const char *file, *content;
	} rows[] = {
		{ "cgroup.subtree_control", "+pids +memory +cpu " },
		{ "cordon-ID/pids.max", "10" },
		{ "cordon-ID/memory.max", "67108864" },
		{ "cordon-ID/cpu.max", "150000 100000" },
	};
	char folder[128];
	struct error err;

	make_folder(scratch, "cordon-ID");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		put(scratch, rows[i].file, "");
	snprintf(folder, sizeof folder, "%s/cordon-ID", scratch->folder);
	assert_int_equal(cgroup_make(folder, &plan, "/nowhere", &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text text = {};
		char path[160];

		snprintf(path, sizeof path, "%s/%s", scratch->folder, rows[i].file);
		assert_int_equal(io_read_file(&text, AT_FDCWD, path, 4096, &err), 1);
		assert_string_equal(text.data, rows[i].content);
	}
	assert_int_equal(cgroup_make(NULL, &plan, "/nowhere", &err), 0);
	put(scratch, "cordon-ID/memory.events", "low 0\noom 1\noom_kill 0\n");
	assert_false(cgroup_ran_out_of_memory(folder));
	put(scratch, "cordon-ID/memory.events", "low 0\noom 1\noom_kill 2\n");
	assert_true(cgroup_ran_out_of_memory(folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, scratch_make, scratch_drop),
		cmocka_unit_test(test_nothing_wanted),
		cmocka_unit_test(test_limit_without_cgroup),
		cmocka_unit_test_setup_teardown(test_make, scratch_make, scratch_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
