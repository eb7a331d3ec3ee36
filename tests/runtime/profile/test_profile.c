/* profile: which profile is chosen, what it extends, what the ceiling takes, and that the cache
 * answers exactly when the answer would be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/profile/cache.h"
#include "tests/runtime/profile/ground.h"
#include "tests/sandbox/child.h"

#include <sys/mount.h>

static struct answer ask_all(const char *given, const char *reference, const char *seccomp,
                             bool read_only)
{
	const struct policy_flags flags = { .read_only = read_only };

	return ask_this((struct profile_request){
	        .given = given, .reference = reference, .seccomp_file = seccomp, .flags = &flags });
}

static struct answer ask(const char *given, const char *reference)
{
	return ask_all(given, reference, NULL, false);
}

static void expect(const char *given, const char *reference, uint64_t set)
{
	struct answer answer = ask(given, reference);

	if (answer.result != 0 || answer.set != set)
		fail_msg("%s %s: %d, %llx, %s", given ? given : "-", reference ? reference : "-",
		         answer.result, (unsigned long long)answer.set, answer.err.text);
}

static void expect_error(const char *given, const char *reference, const char *text,
                         const char *hint)
{
	struct answer answer = ask(given, reference);

	assert_int_equal(answer.result, -1);
	if (strstr(answer.err.text, text) == NULL || strstr(answer.err.hint, hint) == NULL)
		fail_msg("%s (%s)", answer.err.text, answer.err.hint);
}

static void test_by_image(void **state)
{
	(void)state;
	expect(NULL, NULL, 1);
	expect(NULL, "docker.io/library/redis:7", 1);
	expect(NULL, "docker.io/library/nginx:1.25", 3);
	expect(NULL, "quay.io/x/nginx", 3);
	expect(NULL, "quay.io/x/nginx-extra:2", 9);
	put("user/mine.json", "set 100\nimages docker.io/library/nginx:1.25");
	expect(NULL, "docker.io/library/nginx:1.25", 0x100); /* longer */
	expect(NULL, "docker.io/library/nginx:1.26", 3);
	put("admin/same.json", "set 200\nimages docker.io/library/nginx");
	expect(NULL, "docker.io/library/nginx:1.26", 0x200); /* as long, earlier folder */
}

static void test_by_name(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	expect("nginx", "whatever", 3);
	expect("deep", NULL, 0xf);
	expect(place(&arena, "own/deep.json"), NULL, 0xf);
	put("user/nginx.json", "extends nginx\nset 20");
	expect("nginx", NULL, 0x23); /* the hidden one is extended */
	put("admin/nginx.json", "set 40");
	expect("nginx", NULL, 0x60);
	put("else/relative.json", "extends ../own/nginx.json\nset 80");
	expect(place(&arena, "else/relative.json"), NULL, 0x83 | 0);
	expect_error("ngimx", NULL, "there is no profile 'ngimx' in ", "did you mean 'nginx'?");
	expect_error("../own/x", NULL, "No such file", "");
	expect_error(".hidden", NULL, "there is no profile", "");
	expect_error("zzzzzzzzzz", NULL, "/own", "give the path");
}

static void test_mistakes(void **state)
{
	(void)state;
	put("own/a.json", "extends b");
	put("own/b.json", "extends c default");
	put("own/c.json", "extends a");
	expect_error("a", NULL, "in a circle", "");
	expect_error("a", NULL, "a.json -> ", "");
	expect_error("a", NULL, "c.json -> ", "");
	put("own/self.json", "extends self");
	expect_error("self", NULL, "in a circle", "");
	put("own/typo.json", "extends defualt");
	expect_error("typo", NULL, "cannot extend 'defualt': there is no profile", "'default'");
	put("else/x.json", "extends ./../else/x.json");
	put("own/far.json", "extends ../else/x.json");
	expect_error("far", NULL, "more than 32 deep", "");
	put("own/b.json", "");
	put("own/c.json", "oops");
	expect_error(NULL, "docker.io/library/redis", "c.json:1:1: no such key", "--profile");
	expect("nginx", NULL, 3);
}

/* Twice everything at every level would be 2^20 profiles. */
static void test_width(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[32], text[64];

		snprintf(name, sizeof name, "own/w%d.json", i);
		snprintf(text, sizeof text, "extends w%d w%d", i + 1, i + 1);
		put(name, text);
	}
	put("own/w20.json", "set 1");
	expect_error("w0", NULL, "more than 64 profiles", "");
}

static void test_ceiling(void **state)
{
	(void)state;
	expect("deep", NULL, 0xf);
	put("policy.d/10-first.json", "set 7");
	expect("deep", NULL, 7);
	put("policy.d/20-second.json", "set e");
	expect("deep", NULL, 6);
	expect(NULL, "docker.io/library/nginx", 2);
	expect_error("10-first", NULL, "there is no profile", "");
	put("policy.d/30-broken.json", "oops");
	expect_error("deep", NULL, "the administrator's ceiling: ", "");
	assert_int_equal(unlinkat(top, "policy.d/30-broken.json", 0), 0);
	assert_int_equal(symlinkat("/nowhere", top, "policy.d/40-gone.json"), 0);
	expect_error("deep", NULL, "the administrator's ceiling", "");
}

static void expect_hit(bool hit, const char *given, const char *reference)
{
	unsigned before = compiled;
	struct answer answer = ask(given, reference);

	assert_int_equal(answer.result, 0);
	assert_int_equal(answer.hit, hit);
	assert_int_equal(compiled - before, !hit);
}

static const char image[] = "docker.io/library/nginx:1";

/* Into the file that is there: its folder does not change. */
static void rewrite(const char *path, const char *text)
{
	_cleanup_fd int fd = openat(top, path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* After a change the first launch compiles, the second does not. */
static void expect_new_entry(void)
{
	settle();
	expect_hit(false, NULL, image);
	expect_hit(true, NULL, image);
}

static void test_cache(void **state)
{
	(void)state;
	expect_new_entry();
	put("own/default.json", "set 11\nimages *"); /* a parent */
	expect_new_entry();
	expect(NULL, image, 0x13);
	put("own/other.json", "set 1"); /* one that was not chosen: it might be now */
	expect_new_entry();
	rewrite("own/other.json", "set 1\nimages docker.io/library/nginx:1");
	expect_new_entry();
	expect(NULL, image, 1);
	rewrite("own/other.json", "set 1");
	rewrite("own/default.json", "set 11\nimages ?"); /* as long as it was */
	expect_new_entry();
	expect(NULL, image, 0x13);
	put("user/default.json", "set 31"); /* hides a parent */
	expect_new_entry();
	expect(NULL, image, 0x33);
	put("policy.d/a.json", "set 3");
	expect_new_entry();
	expect(NULL, image, 3);
	put("policy.d/a.json", "set 2");
	expect_new_entry();
	expect(NULL, image, 2);
	assert_int_equal(unlinkat(top, "policy.d/a.json", 0), 0);
	expect_new_entry();
	expect(NULL, image, 0x33);
	strcpy(host.release, "6.1.1");
	expect_new_entry();
	host.landlock_abi = 7;
	expect_new_entry();
	expect_hit(false, "nginx", image);
	assert_false(ask_all(NULL, image, NULL, true).hit);
	assert_true(ask_all(NULL, image, NULL, true).hit);
	expect_hit(true, NULL, image);
}

static void test_cache_of_seccomp_files(void **state)
{
	_cleanup_arena struct arena arena = {};
	const char *file = place(&arena, "else/docker.json");
	struct answer answer;

	(void)state;
	settle();
	assert_int_equal(ask_all("nginx", NULL, file, false).result, -1);
	put("else/docker.json", "calls 5");
	answer = ask_all("nginx", NULL, file, false);
	assert_int_equal(answer.calls, 5);
	assert_true(ask_all("nginx", NULL, file, false).hit);
	put("else/docker.json", "calls 6");
	answer = ask_all("nginx", NULL, file, false);
	assert_false(answer.hit);
	assert_int_equal(answer.calls, 6);
	assert_int_equal(answer.set, 3);
}

/* A file is asked for its times, and read where these are others: who sets them back changes one
 * that nobody can set. */
static void test_cache_of_times(void **state)
{
	static const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	_cleanup_arena struct arena arena = {};
	const char *file = place(&arena, "else/docker.json");

	(void)state;
	put("else/docker.json", "calls 5");
	assert_int_equal(utimensat(top, "else/docker.json", old, 0), 0);
	settle();
	assert_false(ask_all("nginx", NULL, file, false).hit);
	assert_true(ask_all("nginx", NULL, file, false).hit);
	/* as long, and of the same time */
	rewrite("else/docker.json", "calls 7");
	assert_int_equal(utimensat(top, "else/docker.json", old, 0), 0);
	settle();
	assert_int_equal(ask_all("nginx", NULL, file, false).calls, 7);
	assert_true(ask_all("nginx", NULL, file, false).hit);
	/* touched, and another file of the same text */
	assert_int_equal(utimensat(top, "else/docker.json", NULL, 0), 0);
	assert_true(ask_all("nginx", NULL, file, false).hit);
	put("else/docker.json", "calls 7");
	assert_true(ask_all("nginx", NULL, file, false).hit);
	settle();
	assert_true(ask_all("nginx", NULL, file, false).hit);
}

/* The list of a folder answers for the profiles in it that are read, and for those that are not. */
static void test_cache_of_listed(void **state)
{
	static const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	(void)state;
	assert_int_equal(utimensat(top, "own/default.json", old, 0), 0);
	settle();
	expect_hit(false, NULL, "docker.io/library/nginx");
	expect_hit(true, NULL, "docker.io/library/nginx");
	expect(NULL, "docker.io/library/nginx", 3);
	rewrite("own/default.json", "set 4\nimages *");
	assert_int_equal(utimensat(top, "own/default.json", old, 0), 0);
	settle();
	expect(NULL, "docker.io/library/nginx", 6);
	expect_hit(true, NULL, "docker.io/library/nginx");
	/* another that comes before it */
	put("admin/default.json", "set 8");
	settle();
	expect(NULL, "docker.io/library/nginx", 0xa);
	expect_hit(true, NULL, "docker.io/library/nginx");
	assert_int_equal(unlinkat(top, "admin/default.json", 0), 0);
	settle();
	expect(NULL, "docker.io/library/nginx", 6);
}

/* Reads and writes the only entry. */
static void change_entry(void (*change)(struct text *bytes, int fd))
{
	_cleanup_arena struct arena arena = {};
	DIR *stream = opendir(place(&arena, "cache/plans"));
	_cleanup_text struct text bytes = {};
	struct dirent *entry = NULL;
	struct error err;
	int fd;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL && entry->d_name[0] == '.')
		;
	assert_non_null(entry);
	fd = openat(dirfd(stream), entry->d_name, O_RDWR | O_CLOEXEC);
	assert_int_equal(io_read_all(&bytes, fd, 1 << 20, &err), 0);
	change(&bytes, fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bytes.data, bytes.length, 0), bytes.length);
	close(fd);
	closedir(stream);
}

static void flip_last(struct text *bytes, int fd)
{
	(void)fd;
	bytes->data[bytes->length - 1] ^= 1;
}

static void flip_first(struct text *bytes, int fd)
{
	(void)fd;
	bytes->data[0] ^= 1;
}

static void cut(struct text *bytes, int fd)
{
	(void)fd;
	bytes->length /= 2;
}

static void empty(struct text *bytes, int fd)
{
	(void)fd;
	bytes->length = 0;
}

static void open_to_others(struct text *bytes, int fd)
{
	(void)bytes;
	assert_int_equal(fchmod(fd, 0666), 0);
}

static void test_damaged_entries(void **state)
{
	static void (*const changes[])(struct text *, int) = { flip_last, flip_first, cut, empty,
		                                               open_to_others };

	(void)state;
	expect_new_entry();
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		change_entry(changes[i]);
		expect_hit(false, NULL, image);
		expect_hit(true, NULL, image);
	}
}

static void test_no_cache_is_no_failure(void **state)
{
	(void)state;
	settle();
	put("cache", "a file where the folder should be");
	expect_hit(false, NULL, image);
	expect_hit(false, NULL, image);
}

/* A cache folder that is full, or read-only, in a mount namespace of its own. */
static void use_bad_cache(void *context)
{
	const char *options = context;
	unsigned long flags = strcmp(options, "ro") == 0 ? MS_RDONLY : 0;
	char filler[4096] = { 1 };
	int fd;

	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("tmpfs", paths.cache, "tmpfs", flags, flags ? "" : options) == 0);
	if (flags == 0) {
		fd = open(paths.cache, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
		while (write(fd, filler, sizeof filler) > 0)
			;
		CHECK(fd >= 0 && errno == ENOSPC);
	}
	for (int i = 0; i < 2; i++) {
		struct answer answer = ask(NULL, image);

		CHECK(answer.result == 0 && !answer.hit && answer.set == 3);
	}
}

static void test_full_and_read_only_cache(void **state)
{
	static char full[] = "size=16k", read_only[] = "ro";

	(void)state;
	settle();
	assert_int_equal(mkdirat(top, "cache", 0700), 0);
	assert_child(child_in_namespace(CLONE_NEWNS, use_bad_cache, full));
	assert_child(child_in_namespace(CLONE_NEWNS, use_bad_cache, read_only));
	expect_hit(false, NULL, image);
	expect_hit(true, NULL, image);
}

/* What changed in the last tick could change again without a trace. */
static void test_fresh_files_are_not_cached(void **state)
{
	(void)state;
	settle();
	put("own/other.json", "set 2");
	expect_hit(false, NULL, image);
	expect_hit(false, NULL, image);
	expect_new_entry();
}

static void test_entries_are_bounded(void **state)
{
	_cleanup_arena struct arena arena = {};
	DIR *stream;
	int count = 0;

	(void)state;
	settle();
	for (int i = 0; i < CACHE_ENTRIES_MAX + 20; i++) {
		char reference[64];

		snprintf(reference, sizeof reference, "docker.io/library/i%d:1", i);
		expect_hit(false, NULL, reference);
	}
	stream = opendir(place(&arena, "cache/plans"));
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(stream);
	assert_int_equal(count, CACHE_ENTRIES_MAX);
	expect_hit(true, NULL, "docker.io/library/i140:1");
	expect_hit(false, NULL, "docker.io/library/i0:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_image, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_width, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ceiling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache_of_seccomp_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache_of_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cache_of_listed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_entries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_cache_is_no_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_and_read_only_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fresh_files_are_not_cached, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entries_are_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
