/*
 * Real launches of busybox-static in a bare root: what the steps do, seen from inside. Skipped for
 * root (cordon is rootless) and where there are no user namespaces.
 */
#include "tests/sandbox/ground.h"

static void test_runs_and_is_confined(void **state)
{
	struct ground *ground = need(state);
	_cleanup_text struct text said = {};
	struct error err = {};

	if (run_inside(ground,
	               "echo pid $$; id -u; cat /proc/sys/kernel/hostname; grep -E 'NoNew|CapEff' "
	               "/proc/self/status; ls /proc/self/fd; exit 7",
	               &said, &err) != 7)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_non_null(strstr(said.data, "pid 1\n0\ninside\n"));
	assert_non_null(strstr(said.data, "NoNewPrivs:\t1"));
	assert_non_null(strstr(said.data, "CapEff:\t0000000000000000"));
	assert_non_null(strstr(said.data, "0\n1\n2\n3\n")); /* 3 is ls's own */
	assert_null(strstr(said.data, "\n4\n"));
}

static void test_range_map(void **state)
{
	struct ground *ground = need(state);
	_cleanup_text struct text said = {};
	struct error err = {};

	if (ground->host.subuid_count == 0 || ground->host.newuidmap[0] == '\0')
		skip();
	assert_int_equal(host_id_maps(&ground->plan.maps, &ground->arena, &ground->host,
	                              IDMAP_RANGE, 0, &err),
	                 0);
	if (run_inside(ground, "cat /proc/self/uid_map", &said, &err) != 0)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_non_null(strstr(said.data, "\n         1 "));
	assert_int_equal(host_id_maps(&ground->plan.maps, &ground->arena, &ground->host,
	                              IDMAP_SINGLE, 0, &err),
	                 0);
}

static void test_missing_command(void **state)
{
	struct ground *ground = need(state);
	struct sandbox sandbox;
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	struct error err = {};

	ground->plan.process.arguments = strings(&ground->arena, "nosuch", NULL);
	assert_int_equal(ground_spawn(&sandbox, ground, &streams, &err), 0);
	assert_int_equal(sandbox_start(&sandbox, &ground->plan, &err), -1);
	assert_int_equal(err.exit_status, EXIT_NOT_FOUND);
	assert_string_equal(err.text, "exec: \"nosuch\": executable file not found in $PATH");
}

static void test_own_executable_is_refused(void **state)
{
	struct ground *ground = need(state);
	char path[128];
	struct sandbox sandbox;
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	struct error err = {};

	snprintf(path, sizeof path, "%s/bin/evil", ground->folder);
	assert_int_equal(symlink("/proc/self/exe", path), 0);
	ground->plan.process.arguments = strings(&ground->arena, "/bin/evil", NULL);
	assert_int_equal(ground_spawn(&sandbox, ground, &streams, &err), 0);
	assert_int_equal(sandbox_start(&sandbox, &ground->plan, &err), -1);
	assert_int_equal(err.exit_status, EXIT_NOT_RUNNABLE);
}

static void test_symlinked_proc_is_refused(void **state)
{
	struct ground *ground = need(state);
	static const char *const names[] = { "proc", "dev", "sys" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_text struct text said = {};
		char path[128];
		struct error err = {};

		snprintf(path, sizeof path, "%s/%s", ground->folder, names[i]);
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(symlink("/tmp", path), 0);
		assert_int_equal(run_inside(ground, "true", &said, &err), -1);
		assert_non_null(strstr(err.text, names[i]));
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

static void test_volume_on_proc_is_refused(void **state)
{
	struct ground *ground = need(state);
	static const char *const targets[] = { "/proc", "/proc/self", "//proc/../proc",
		                               "/proc/sys/kernel" };

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		_cleanup_text struct text said = {};
		struct error err = {};

		ground->mounts[3] = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
			                                 .source = "/tmp",
			                                 .target = targets[i] };
		ground->plan.mount_count = 4;
		assert_int_equal(run_inside(ground, "true", &said, &err), -1);
		assert_non_null(strstr(err.text, "/proc"));
	}
	ground->plan.mount_count = 3;
}

static void test_masks(void **state)
{
	struct ground *ground = need(state);
	struct plan_mask masks[] = { { PLAN_MASK_HIDE, "/proc/timer_list" },
		                     { PLAN_MASK_HIDE, "/proc/scsi" },
		                     { PLAN_MASK_HIDE, "/proc/nosuch" },
		                     { PLAN_MASK_READ_ONLY, "/proc/sys" } };
	_cleanup_text struct text said = {};
	struct error err = {};

	ground->plan.confinement.masks = masks;
	ground->plan.confinement.mask_count = ARRAY_SIZE(masks);
	if (run_inside(
	            ground,
	            "cat /proc/timer_list; ls /proc/scsi; echo x >/proc/sys/kernel/domainname && echo BAD; echo end",
	            &said, &err) != 0)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_null(strstr(said.data, "BAD"));
	assert_non_null(strstr(said.data, "Read-only file system"));
	ground->plan.confinement.mask_count = 0;
}

static void test_terminal(void **state)
{
	struct ground *ground = need(state);
	struct sandbox sandbox;
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	struct error err = {};
	char said[256] = "";
	ssize_t length;
	int status;

	ground->plan.process.terminal = true;
	ground->plan.process.arguments =
	        strings(&ground->arena, "/bin/sh", "-c",
	                "[ -t 0 ] && [ -c /dev/console ] && echo yes", NULL);
	assert_int_equal(ground_spawn(&sandbox, ground, &streams, &err), 0);
	if (sandbox_start(&sandbox, &ground->plan, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(sandbox.terminal >= 0);
	assert_true(io_wait_readable(sandbox.terminal, 5000) == 1);
	length = read(sandbox.terminal, said, sizeof said - 1);
	assert_true(length > 0);
	assert_string_equal(said, "yes\r\n");
	assert_int_equal(waitpid(sandbox.pid, &status, 0), sandbox.pid);
	sandbox_done(&sandbox);
	ground->plan.process.terminal = false;
}

static void test_join(void **state)
{
	struct ground *ground = need(state);
	struct sandbox sandbox, joined;
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	struct error err = {};
	_cleanup_text struct text said = {};
	int ends[2], status;

	ground->plan.process.arguments =
	        strings(&ground->arena, "/bin/sh", "-c", "while :; do busybox sleep 1; done", NULL);
	assert_int_equal(ground_spawn(&sandbox, ground, &streams, &err), 0);
	assert_int_equal(sandbox_start(&sandbox, &ground->plan, &err), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	streams.output = streams.error = ends[1];
	ground->plan.process.arguments =
	        strings(&ground->arena, "/bin/sh", "-c",
	                "cat /proc/1/comm; grep CapEff /proc/self/status; exit 9", NULL);
	if (sandbox_enter(&joined, &ground->plan, sandbox.pidfd, &streams, &ground->host, &err) < 0)
		fail_msg("%s", err.text);
	close(ends[1]);
	assert_int_equal(io_read_all(&said, ends[0], 65536, &err), 0);
	close(ends[0]);
	assert_int_equal(waitpid(joined.pid, &status, 0), joined.pid);
	assert_int_equal(WEXITSTATUS(status), 9);
	assert_non_null(strstr(said.data, "sh\nCapEff:\t0000000000000000"));
	kill(sandbox.pid, SIGKILL);
	waitpid(sandbox.pid, &status, 0);
	sandbox_done(&sandbox);
	sandbox_done(&joined);
}

/* Whoever connects its network next finds its own and not the host's. */
static void test_is_apart(void **state)
{
	static const char *const names[] = { "net", "ipc", "uts", "pid", "mnt", "user" };
	struct ground *ground = need(state);
	struct sandbox sandbox;
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	struct error err = {};

	ground->plan.process.arguments = strings(&ground->arena, "/bin/true", NULL);
	for (int round = 0; round < 20; round++) {
		if (ground_spawn(&sandbox, ground, &streams, &err) < 0)
			fail_msg("%s", err.text);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			char path[64], own[64] = "", its[64] = "";

			snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
			assert_true(readlink(path, own, sizeof own - 1) > 0);
			snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)sandbox.pid, names[i]);
			assert_true(readlink(path, its, sizeof its - 1) > 0);
			assert_string_not_equal(own, its);
		}
		assert_int_equal(sandbox_start(&sandbox, &ground->plan, &err), 0);
		waitpid(sandbox.pid, NULL, 0);
		sandbox_done(&sandbox);
	}
}

/* ---- what is done while the maps are written ---- */

struct move {
	const char *from, *to;
};

static int move_folder(void *context, struct error *err)
{
	const struct move *move = context;

	usleep(20000); /* a child that did not wait would be there by now */
	return rename(move->from, move->to) < 0 ? error_set(err, errno, "moved") : 0;
}

static void check_meanwhile(struct ground *ground, enum idmap_mode mode)
{
	char hidden[96];
	const struct move back = { hidden, ground->folder };
	struct sandbox_request request = {
		.plan = &ground->plan,
		.host = &ground->host,
		.streams = { -1, -1, -1, -1 },
		.meanwhile = { move_folder, (void *)&back },
	};
	struct sandbox sandbox;
	struct error err = {};
	int status;

	snprintf(hidden, sizeof hidden, "%s.hidden", ground->folder);
	ground->plan.process.arguments = strings(&ground->arena, "/bin/true", NULL);
	assert_int_equal(host_id_maps(&ground->plan.maps, &ground->arena, &ground->host, mode, 0,
	                              &err),
	                 0);
	assert_int_equal(rename(ground->folder, hidden), 0);
	if (sandbox_spawn(&sandbox, &request, &err) < 0 ||
	    sandbox_start(&sandbox, &ground->plan, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(waitpid(sandbox.pid, &status, 0), sandbox.pid);
	assert_int_equal(status, 0);
	sandbox_done(&sandbox);
	/* there is nothing to move any more: nobody is left */
	assert_int_equal(sandbox_spawn(&sandbox, &request, &err), -1);
	assert_int_equal(err.number, ENOENT);
	assert_int_equal(waitpid(-1, &status, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_meanwhile(void **state)
{
	struct ground *ground = need(state);

	if (ground->host.subuid_count > 0 && ground->host.newuidmap[0] != '\0')
		check_meanwhile(ground, IDMAP_RANGE);
	check_meanwhile(ground, IDMAP_SINGLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_and_is_confined),
		cmocka_unit_test(test_range_map),
		cmocka_unit_test(test_missing_command),
		cmocka_unit_test(test_own_executable_is_refused),
		cmocka_unit_test(test_symlinked_proc_is_refused),
		cmocka_unit_test(test_volume_on_proc_is_refused),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_is_apart),
		cmocka_unit_test(test_meanwhile),
	};

	return cmocka_run_group_tests(tests, ground_make, ground_drop);
}
