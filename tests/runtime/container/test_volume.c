/* -v and --tmpfs as they are typed; the folders of volumes; the order of mounts. */
#include "runtime/container/volume.h"

#include "runtime/container/mounts.h"
#include "tests/runtime/container/scratch.h"

#include <sys/mount.h>

enum { SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

static void test_clean(void **state)
{
	static const struct {
		const char *path, *clean;
	} rows[] = {
		{ "/a", "/a" },         { "/a/", "/a" },     { "//a//b///", "/a/b" },
		{ "/a/./b", "/a/b" },   { "/a/../b", "/b" }, { "/../../b", "/b" },
		{ "/a/b/../..", NULL }, { "/", NULL },       { "/.", NULL },
		{ "a", NULL },          { "", NULL },        { "/..a/.b/c..", "/..a/.b/c.." },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *clean = volume_clean(&arena, rows[i].path);

		if (rows[i].clean == NULL)
			assert_null(clean);
		else
			assert_string_equal(clean, rows[i].clean);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *spec, *source, *name, *target; /* target NULL: an error */
		uint64_t attributes;
		bool flat, nocopy;
	} rows[] = {
		{ "/src:/dst", "/src", NULL, "/dst", SAFE, false, false },
		{ "/src:/dst:ro", "/src", NULL, "/dst", SAFE | MOUNT_ATTR_RDONLY, false, false },
		{ "/src:/dst:ro,rw", "/src", NULL, "/dst", SAFE, false, false },
		{ "/src:/dst:z,Z,rprivate", "/src", NULL, "/dst", SAFE, false, false },
		{ "/src:/dst:noexec,bind", "/src", NULL, "/dst", SAFE | MOUNT_ATTR_NOEXEC, true,
		  false },
		{ "/src:/dst:suid,dev", "/src", NULL, "/dst", 0, false, false },
		{ "./x:/dst", "/here/./x", NULL, "/dst", SAFE, false, false },
		{ "data:/dst/", NULL, "data", "/dst", SAFE, false, false },
		{ "my.vol-1_x:/dst", NULL, "my.vol-1_x", "/dst", SAFE, false, false },
		{ .spec = "data:/dst:nocopy",
		  .name = "data",
		  .target = "/dst",
		  .attributes = SAFE,
		  .nocopy = true },
		{ "data:/dst:copy", NULL, "data", "/dst", SAFE, false, false },
		{ "/dst", NULL, NULL, "/dst", SAFE, false, false },
		{ "/src:dst", NULL, NULL, NULL, 0, false, false },
		{ "/src:/", NULL, NULL, NULL, 0, false, false },
		{ "/src:/a/..", NULL, NULL, NULL, 0, false, false },
		{ ":/dst", NULL, NULL, NULL, 0, false, false },
		{ "dst", NULL, NULL, NULL, 0, false, false },
		{ "", NULL, NULL, NULL, 0, false, false },
		{ "a/b:/dst", NULL, NULL, NULL, 0, false, false },
		{ "-x:/dst", NULL, NULL, NULL, 0, false, false },
		{ "_x:/dst", NULL, NULL, NULL, 0, false, false },
		{ "/src:/dst:rslave", NULL, NULL, NULL, 0, false, false },
		{ "/src:/dst:O", NULL, NULL, NULL, 0, false, false },
		{ "/src:/dst:ro:rw", NULL, NULL, NULL, 0, false, false },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct volume volume = {};
		struct error err;
		int result = volume_parse(&volume, &arena, rows[i].spec, "/here", &err);

		if (result != (rows[i].target == NULL ? -1 : 0))
			fail_msg("%s: %d", rows[i].spec, result);
		if (result < 0)
			continue;
		assert_true(text_equal(volume.source, rows[i].source));
		assert_true(text_equal(volume.name, rows[i].name));
		assert_string_equal(volume.target, rows[i].target);
		assert_int_equal(volume.attributes, rows[i].attributes);
		assert_int_equal(volume.recursive, !rows[i].flat);
		assert_int_equal(volume.nocopy, rows[i].nocopy);
	}
}

static void test_tmpfs(void **state)
{
	static const struct {
		const char *spec, *target, *options; /* target NULL: an error */
		uint64_t attributes;
	} rows[] = {
		{ "/t", "/t", "mode=1777", SAFE | MOUNT_ATTR_NOEXEC },
		{ "/t:exec", "/t", "mode=1777", SAFE },
		{ "/t:size=64m,mode=700", "/t", "size=64m,mode=700", SAFE | MOUNT_ATTR_NOEXEC },
		{ "/t:ro,uid=5", "/t", "uid=5,mode=1777",
		  SAFE | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY },
		{ "/t:size=50%", "/t", "size=50%", SAFE | MOUNT_ATTR_NOEXEC },
		{ "t", NULL, NULL, 0 },
		{ "/", NULL, NULL, 0 },
		{ "/t:size=", NULL, NULL, 0 },
		{ "/t:mode=9", NULL, NULL, 0 },
		{ "/t:huge=always", NULL, NULL, 0 },
		{ "/t:mode=700,mpol=x", NULL, NULL, 0 },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_mount row = {};
		struct error err;
		int result = volume_tmpfs(&row, &arena, rows[i].spec, &err);

		if (result != (rows[i].target == NULL ? -1 : 0))
			fail_msg("%s: %d", rows[i].spec, result);
		if (result < 0)
			continue;
		assert_string_equal(row.target, rows[i].target);
		assert_true(text_starts(row.options, rows[i].options));
		assert_int_equal(row.attributes, rows[i].attributes);
	}
}

static void test_rows(void **state)
{
	struct scratch *scratch = *state;
	_cleanup_arena struct arena arena = {};
	struct launch launch = { .paths = &scratch->paths };
	struct volume volume = { .name = "data", .target = "/d", .attributes = SAFE };
	struct plan_mount row;
	struct error err;
	struct stat status;

	assert_int_equal(volume_row(&row, &arena, &launch, &volume, &err), 0);
	assert_true(text_ends(row.source, "/volumes/data/_data"));
	assert_int_equal(stat(row.source, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0755);
	/* it is there now, and what is in it stays */
	assert_int_equal(mkdir(arena_printf(&arena, "%s/kept", row.source), 0700), 0);
	assert_int_equal(volume_row(&row, &arena, &launch, &volume, &err), 0);
	assert_int_equal(access(arena_printf(&arena, "%s/kept", row.source), F_OK), 0);
	volume = (struct volume){ .target = "/d" };
	assert_int_equal(volume_row(&row, &arena, &launch, &volume, &err), 0);
	assert_int_equal(launch.anonymous.count, 1);
	assert_int_equal(strlen(launch.anonymous.items[0]), CONTAINER_ID_LENGTH);
	volume = (struct volume){ .source = "/no/such/folder", .target = "/d" };
	assert_int_equal(volume_row(&row, &arena, &launch, &volume, &err), -1);
	assert_non_null(strstr(err.text, "statfs /no/such/folder"));
}

/* Which of them are to be filled, and which this launch would take away again. */
static void test_fresh(void **state)
{
	static const struct {
		struct volume volume;
		bool listed, made, fill;
	} rows[] = {
		{ { .name = "one", .target = "/d" }, true, true, true },
		{ { .name = "one", .target = "/e" }, true, false, true },
		{ { .name = "one", .target = "/f", .nocopy = true }, .listed = false },
		{ { .name = "two", .target = "/g", .nocopy = true }, true, true, false },
		{ { .target = "/h" }, true, false, true },
		{ { .target = "/i", .nocopy = true }, .listed = false },
		{ { .name = "full", .target = "/j" }, .listed = false },
		{ { .source = "/", .target = "/k" }, .listed = false },
	};
	struct scratch *scratch = *state;
	_cleanup_arena struct arena arena = {};
	struct image image = {};
	struct launch launch = { .paths = &scratch->paths }, before = launch;
	struct volume full = { .name = "full", .target = "/full" };
	struct plan_mount row;
	struct error err;

	assert_int_equal(volume_row(&row, &arena, &before, &full, &err), 0);
	assert_int_equal(mkdir(arena_printf(&arena, "%s/kept", row.source), 0700), 0);
	launch.image = &image;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t count = launch.fresh_count;

		assert_int_equal(volume_row(&row, &arena, &launch, &rows[i].volume, &err), 0);
		assert_int_equal(launch.fresh_count, count + rows[i].listed);
		if (!rows[i].listed)
			continue;
		assert_string_equal(launch.fresh[count].target, rows[i].volume.target);
		assert_int_equal(launch.fresh[count].made, rows[i].made);
		assert_int_equal(launch.fresh[count].fill, rows[i].fill);
		assert_int_equal(launch.fresh[count].anonymous, rows[i].volume.name == NULL);
	}
	/* with --rootfs nothing is filled */
	before.fresh_count = 0;
	full.name = "never";
	assert_int_equal(volume_row(&row, &arena, &before, &full, &err), 0);
	assert_false(before.fresh[0].fill);
}

static size_t place(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mount_count; i++)
		if (strcmp(plan->mounts[i].target, target) == 0)
			return i;
	fail_msg("%s is not mounted", target);
	return 0;
}

static void test_order(void **state)
{
	struct scratch *scratch = *state;
	_cleanup_arena struct arena arena = {};
	const char *volumes[] = { "a:/srv/deep/er", "b:/srv",       "c:/etc",
		                  "d:/dev/shm",     "e:/etc/hosts", NULL };
	const char *tmpfs[] = { "/srv/deep", NULL }, *declared[] = { "/srv/", "/var/lib/x", NULL };
	struct run_request request = { .volumes = { volumes, 5 }, .tmpfs = { tmpfs, 1 } };
	struct image image = { .config.volumes = { declared, 2 } };
	struct launch launch = { .paths = &scratch->paths,
		                 .request = &request,
		                 .image = &image,
		                 .network_mode = "none",
		                 .hostname = "box" };
	struct plan_mount own[] = { { .kind = PLAN_MOUNT_TMPFS, .target = "/run" },
		                    { .kind = PLAN_MOUNT_TMPFS, .target = "/srv" } };
	struct plan plan = { .confinement = { .mounts = own, .mount_count = 2 },
		             .root.read_only = true };
	struct error err;

	assert_int_equal(mounts_plan(&plan, &arena, &launch, &err), 0);
	assert_int_equal(place(&plan, "/proc"), 0);
	assert_true(place(&plan, "/dev") < place(&plan, "/dev/pts"));
	assert_true(place(&plan, "/sys") < place(&plan, "/sys/fs/cgroup"));
	assert_true(place(&plan, "/srv") < place(&plan, "/srv/deep"));
	assert_true(place(&plan, "/srv/deep") < place(&plan, "/srv/deep/er"));
	/* what was asked for stands there, the rest is given */
	assert_int_equal(plan.file_count, 2);
	assert_string_equal(plan.files[0].path, "/etc/resolv.conf");
	assert_string_equal(plan.files[1].path, "/etc/hostname");
	assert_string_equal(plan.files[1].content, "box\n");
	/* the caller's before the image's and the profile's, and each place once */
	assert_true(text_ends(plan.mounts[place(&plan, "/srv")].source, "/volumes/b/_data"));
	assert_int_equal(launch.anonymous.count, 1);
	place(&plan, "/var/lib/x");
	place(&plan, "/tmp");
	assert_int_equal(plan.mounts[place(&plan, "/dev/shm")].kind, PLAN_MOUNT_BIND);
	for (size_t i = 0; i < plan.mount_count; i++)
		assert_int_equal(place(&plan, plan.mounts[i].target), i);
	assert_int_equal(plan.confinement.mount_count, 0);
}

static void test_duplicates(void **state)
{
	struct scratch *scratch = *state;
	_cleanup_arena struct arena arena = {};
	const char *volumes[] = { "a:/srv", "b:/srv/", NULL };
	struct run_request request = { .volumes = { volumes, 2 } };
	struct launch launch = { .paths = &scratch->paths, .request = &request };
	struct plan plan = {};
	struct error err;

	assert_int_equal(mounts_plan(&plan, &arena, &launch, &err), -1);
	assert_string_equal(err.text, "Duplicate mount point: /srv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_tmpfs),
		cmocka_unit_test_setup_teardown(test_rows, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_fresh, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_order, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_duplicates, scratch_make, scratch_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
