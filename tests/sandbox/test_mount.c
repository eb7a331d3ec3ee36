/*
 * The mounts of a launch against roots that want them elsewhere, overlays of short and of long
 * paths, the reaper, and the time a launch takes.
 */
#include "tests/sandbox/ground.h"

static void lay_overlay(struct ground *ground, const char *base, struct plan_strings *layers)
{
	char path[PATH_MAX];
	struct error err;
	static const char *const names[] = { "upper", "work", "lower" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof path, "%s/%s", base, names[i]);
		if (io_make_dirs(path, &err) < 0)
			fail_msg("%s", err.text);
	}
	*layers = strings(&ground->arena, ground->folder,
	                  arena_printf(&ground->arena, "%s/lower", base), NULL);
	ground->plan.root = (struct plan_root){
		.kind = PLAN_ROOT_OVERLAY,
		.layers = *layers,
		.upper = arena_printf(&ground->arena, "%s/upper", base),
		.work = arena_printf(&ground->arena, "%s/work", base),
		.volatile_writes = true,
	};
}

static void remove_overlay(struct ground *ground, const char *base)
{
	char command[PATH_MAX + 64];

	ground->plan.root =
	        (struct plan_root){ .kind = PLAN_ROOT_DIRECTORY, .directory = ground->folder };
	snprintf(command, sizeof command, "chmod -R u+rwX %s && rm -rf %s", base, base);
	assert_int_equal(system(command), 0);
}

static void check_overlay(struct ground *ground, const char *base, const char *tail)
{
	_cleanup_text struct text said = {};
	struct plan_strings layers;
	struct error err = {};
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s%s", base, tail);
	lay_overlay(ground, path, &layers);
	if (run_inside(ground, "echo written >/tmp/new && cat /tmp/new", &said, &err) != 0)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_string_equal(said.data, "written\n");
	snprintf(path, sizeof path, "%s/tmp/new", ground->folder);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof path, "%s%s/upper/tmp/new", base, tail);
	assert_int_equal(access(path, F_OK), 0);
	remove_overlay(ground, base);
}

static void test_overlay(void **state)
{
	struct ground *ground = need(state);
	char base[] = "/tmp/cordon-overlay.XXXXXX";

	assert_non_null(mkdtemp(base));
	check_overlay(ground, base, "");
}

/* fsconfig(2) takes 255 bytes a value: this goes the way of old kernels. */
static void test_overlay_of_long_paths(void **state)
{
	struct ground *ground = need(state);
	char base[] = "/tmp/cordon-overlay.XXXXXX", tail[290];

	assert_non_null(mkdtemp(base));
	memset(tail, 'x', sizeof tail);
	tail[0] = tail[140] = '/';
	tail[sizeof tail - 1] = '\0';
	check_overlay(ground, base, tail);
}

/* A layer that is bound alone is the store's: nothing may be made in it. */
static void test_layer_is_not_written(void **state)
{
	struct ground *ground = need(state);
	_cleanup_text struct text said = {};
	struct error err = {};

	ground->plan.root =
	        (struct plan_root){ .kind = PLAN_ROOT_OVERLAY,
		                    .layers = strings(&ground->arena, ground->folder, NULL),
		                    .read_only = true };
	if (run_inside(ground, "echo x >/tmp/new || echo refused", &said, &err) != 0)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_non_null(strstr(said.data, "refused"));
	ground->plan.root =
	        (struct plan_root){ .kind = PLAN_ROOT_DIRECTORY, .directory = ground->folder };
}

/* Symlinks of the image that lead out: the mount lands at the same name inside (CVE-2021-30465). */
static void test_targets_stay_inside(void **state)
{
	struct ground *ground = need(state);
	static const char *const links[] = { "/tmp/out", "../../../../../tmp/out",
		                             "/etc/../tmp/out" };
	char outside[] = "/tmp/cordon-outside.XXXXXX", path[128];

	assert_non_null(mkdtemp(outside));
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		_cleanup_text struct text said = {};
		struct error err = {};

		snprintf(path, sizeof path, "%s/volume", ground->folder);
		assert_int_equal(symlink(links[i], path), 0);
		ground->mounts[3] = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
			                                 .source = outside,
			                                 .target = "/volume/deep/er/" };
		ground->plan.mount_count = 4;
		if (run_inside(ground, "echo x >/tmp/out/deep/er/file", &said, &err) != 0)
			fail_msg("%s: %s %s", links[i], err.text, text_string(&said));
		assert_int_equal(unlink(path), 0);
		snprintf(path, sizeof path, "%s/file", outside);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(access("/tmp/out/deep", F_OK), -1);
	}
	ground->plan.mount_count = 3;
	assert_int_equal(rmdir(outside), 0);
}

static void test_init_reaps_and_passes_the_status(void **state)
{
	struct ground *ground = need(state);
	_cleanup_text struct text said = {};
	struct error err = {};

	ground->plan.process.init = true;
	if (run_inside(ground, "(busybox sleep 0.05 &); cat /proc/1/comm; ls /proc/1/fd; exit 5",
	               &said, &err) != 5)
		fail_msg("%s %s", err.text, text_string(&said));
	assert_non_null(strstr(said.data, "cordon-init\n"));
	assert_non_null(strstr(said.data, "Permission denied"));
	ground->plan.process.init = false;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Printed, not judged: the machine is shared. */
static void test_time_of_a_launch(void **state)
{
	struct ground *ground = need(state);
	static const struct plan_mask masks[] = { { PLAN_MASK_HIDE, "/proc/timer_list" },
		                                  { PLAN_MASK_HIDE, "/proc/scsi" },
		                                  { PLAN_MASK_READ_ONLY, "/proc/sys" } };
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	char base[] = "/tmp/cordon-overlay.XXXXXX", clean[128];
	struct plan_strings layers;
	struct sandbox sandbox;
	struct error err = {};
	uint64_t times[30];

	assert_non_null(mkdtemp(base));
	lay_overlay(ground, base, &layers);
	if (ground->host.subuid_count > 0 && ground->host.newuidmap[0] != '\0')
		assert_int_equal(host_id_maps(&ground->plan.maps, &ground->arena, &ground->host,
		                              IDMAP_RANGE, 0, &err),
		                 0);
	ground->plan.confinement.masks = (struct plan_mask *)masks;
	ground->plan.confinement.mask_count = ARRAY_SIZE(masks);
	ground->plan.process.arguments = strings(&ground->arena, "/bin/true", NULL);
	snprintf(clean, sizeof clean,
	         "cd %s/work; [ ! -e work ] || { chmod -R u+rwX work; rm -rf work; }", base);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		uint64_t before;

		/* what the last container left of "volatile" */
		assert_int_equal(system(clean), 0);
		before = io_now();
		if (ground_spawn(&sandbox, ground, &streams, &err) < 0 ||
		    sandbox_start(&sandbox, &ground->plan, &err) < 0)
			fail_msg("%s", err.text);
		waitpid(sandbox.pid, NULL, 0);
		times[i] = io_now() - before;
		sandbox_done(&sandbox);
	}
	qsort(times, ARRAY_SIZE(times), sizeof times[0], compare);
	print_message("a launch of true: median %.2f ms\n", (double)times[15] / 1e6);
	ground->plan.confinement.mask_count = 0;
	remove_overlay(ground, base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_overlay_of_long_paths),
		cmocka_unit_test(test_layer_is_not_written),
		cmocka_unit_test(test_targets_stay_inside),
		cmocka_unit_test(test_init_reaps_and_passes_the_status),
		cmocka_unit_test(test_time_of_a_launch),
	};

	return cmocka_run_group_tests(tests, ground_make, ground_drop);
}
