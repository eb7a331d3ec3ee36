/* The options of run as typed: what they become, and what is refused in which words. */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* A request made of these options and `IMAGE true`. */
struct made {
	struct arena arena;
	struct run_request request;
	struct pull_view view;
	struct error err;
};

static void made_done(struct made *made)
{
	arena_done(&made->arena);
}

#define _cleanup_made __attribute__((cleanup(made_done)))

static int make(struct made *made, const struct run_options *options)
{
	static const char *const words[] = { "image", "true", "-x", NULL };
	struct call call = { .arena = &made->arena, .words = words, .count = 3, .trace = -1 };

	return run_request_make(&made->request, &made->view, &call, options, &made->err);
}

static void refused(const struct run_options *options, const char *text, const char *hint)
{
	_cleanup_made struct made made = {};

	if (make(&made, options) != -1)
		fail_msg("taken, which should be: %s", text);
	assert_string_equal(made.err.text, text);
	assert_string_equal(made.err.hint, hint);
}

static struct plan_strings list(const char **items)
{
	struct plan_strings ret = { items, 0 };

	while (items[ret.count] != NULL)
		ret.count++;
	return ret;
}

#define LIST(...) list((const char *[]){ __VA_ARGS__, NULL })

static void test_nothing_said(void **state)
{
	_cleanup_made struct made made = {};
	const struct run_options options = {};
	const struct policy_flags none = {};

	(void)state;
	assert_int_equal(make(&made, &options), 0);
	assert_string_equal(made.request.image, "image");
	assert_int_equal(made.request.command.count, 2);
	assert_string_equal(made.request.command.items[1], "-x");
	assert_null(made.request.command.items[2]);
	assert_int_equal(made.request.pull, PULL_MISSING);
	assert_false(made.request.entrypoint_given);
	assert_int_equal(made.request.flags.resources.cpu_quota, none.resources.cpu_quota);
	assert_false(made.request.flags.idmap_given);
}

static void test_image_or_root(void **state)
{
	_cleanup_made struct made made = {}, entry = {}, none = {};
	const struct run_options root = { .rootfs = "/r" };
	const struct run_options entrypoint = { .entrypoint = "/bin/sh" },
	                         empty = { .entrypoint = "" };

	(void)state;
	assert_int_equal(make(&made, &root), 0);
	assert_null(made.request.image);
	assert_int_equal(made.request.command.count, 3);
	assert_int_equal(make(&entry, &entrypoint), 0);
	assert_int_equal(entry.request.entrypoint.count, 1);
	assert_int_equal(make(&none, &empty), 0);
	assert_true(none.request.entrypoint_given);
	assert_int_equal(none.request.entrypoint.count, 0);
}

static void test_ulimits(void **state)
{
	static const struct {
		const char *spec;
		uint32_t resource;
		uint64_t soft, hard;
	} rows[] = {
		{ "nofile=1024", RLIMIT_NOFILE, 1024, 1024 },
		{ "nofile=1024:4096", RLIMIT_NOFILE, 1024, 4096 },
		{ "core=0", RLIMIT_CORE, 0, 0 },
		{ "stack=8192:unlimited", RLIMIT_STACK, 8192, UINT64_MAX },
		{ "as=-1", RLIMIT_AS, UINT64_MAX, UINT64_MAX },
		{ "rtprio=unlimited:-1", RLIMIT_RTPRIO, UINT64_MAX, UINT64_MAX },
		{ "memlock=9223372036854775807", RLIMIT_MEMLOCK, INT64_MAX, INT64_MAX },
	};
	static const char *const wrong[] = {
		"",
		"=",
		"nofile",
		"nofile=",
		"nofile=:",
		"nofile=1:",
		"nofile=:1",
		"nofile=2:1",
		"NOFILE=1",
		"nofile=-2",
		"nofile=+1",
		"nofile=1 ",
		"nofile=1:2:3",
		"nofile=0x10",
		"nofile=1k",
		"pids=1",
		"nofile=9223372036854775808",
		"nofile=unlimited:5",
		"nofile=99999999999999999999",
		/* a number that is cut is another one */
		"nofile=00000000000000000000000000000000000000000000000000000000000000000000000000000000000000001024",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_limit limit = {};
		struct error err = {};

		assert_int_equal(ulimit_parse(&limit, rows[i].spec, &err), 0);
		assert_int_equal(limit.resource, rows[i].resource);
		assert_true(limit.soft == rows[i].soft && limit.hard == rows[i].hard);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct plan_limit limit = { .soft = 7, .hard = 8 };
		struct error err = {};

		if (ulimit_parse(&limit, wrong[i], &err) != -1)
			fail_msg("taken: %s", wrong[i]);
		assert_true(text_starts(err.text, "invalid --ulimit '"));
		assert_non_null(strstr(err.hint, "NAME=SOFT[:HARD]"));
		assert_true(limit.soft == 7 && limit.hard == 8);
	}
}

/* Docker's NanoCpus are exact to a hundred-thousandth; a binary fraction must not take one away. */
static void test_resources(void **state)
{
	static const struct {
		const char *cpus;
		uint64_t quota;
	} rows[] = { { "1", 100000 },   { "0.5", 50000 },     { "0.29", 29000 },
		     { "0.57", 57000 }, { "1.1", 110000 },    { "2.675", 267500 },
		     { "0.01", 1000 },  { "4096", 409600000 } };
	static const char *const wrong[] = { "",    "0",   "0.009", "-1",   "x",  "1x",
		                             "nan", "inf", "1,5",   "4097", "1e9" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct run_options options = { .cpus = rows[i].cpus };
		_cleanup_made struct made made = {};

		assert_int_equal(make(&made, &options), 0);
		assert_int_equal(made.request.flags.resources.cpu_quota, rows[i].quota);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const struct run_options options = { .cpus = wrong[i] };
		_cleanup_made struct made made = {};

		if (make(&made, &options) != -1)
			fail_msg("taken: --cpus %s", wrong[i]);
		assert_string_equal(made.err.text,
		                    arena_printf(&made.arena,
		                                 "invalid --cpus '%s': a number from 0.01 up",
		                                 wrong[i]));
	}
	refused(&(struct run_options){ .memory = "5m" },
	        "invalid --memory '5m': a size of at least 6m, as 512m", "");
	refused(&(struct run_options){ .memory = "-1" },
	        "invalid --memory '-1': a size of at least 6m, as 512m", "");
	refused(&(struct run_options){ .pids_limit = "4194305" }, "invalid --pids-limit '4194305'",
	        "");
	refused(&(struct run_options){ .pids_limit = "-2" }, "invalid --pids-limit '-2'", "");
	refused(&(struct run_options){ .shm_size = "0" }, "invalid --shm-size '0': a size, as 128m",
	        "");
	refused(&(struct run_options){ .stop_timeout = "-2" },
	        "--stop-timeout takes a number of seconds, or -1 for ever", "");
}

static void test_amounts(void **state)
{
	const struct run_options options = {
		.memory = "512m", .pids_limit = "-1", .shm_size = "1g", .stop_timeout = "-1"
	};
	_cleanup_made struct made made = {};

	(void)state;
	assert_int_equal(make(&made, &options), 0);
	assert_int_equal(made.request.flags.resources.memory, 512 << 20);
	assert_int_equal(made.request.flags.resources.pids, 0);
	assert_int_equal(made.request.shm_size, 1 << 30);
	assert_true(made.request.stop_timeout_given);
	assert_int_equal(made.request.stop_timeout, -1);
}

static void test_security(void **state)
{
	const struct run_options options = {
		.security = LIST("apparmor:mine", "label=disable", "no-new-privileges:false",
		                 "image-profile=require", "seccomp=/f")
	};
	const struct run_options last = { .security = LIST("seccomp=/f", "seccomp=unconfined",
		                                           "no-new-privileges=false",
		                                           "no-new-privileges") };
	_cleanup_made struct made made = {}, later = {};

	(void)state;
	assert_int_equal(make(&made, &options), 0);
	assert_string_equal(made.request.flags.apparmor, "mine");
	assert_true(made.request.flags.allow_new_privileges);
	assert_string_equal(made.request.image_profile, "require");
	assert_string_equal(made.request.seccomp_file, "/f");
	assert_false(made.request.flags.seccomp_unconfined);
	assert_string_equal(made.view.profile.attaching, "require");
	assert_int_equal(make(&later, &last), 0);
	assert_null(later.request.seccomp_file);
	assert_true(later.request.flags.seccomp_unconfined);
	assert_false(later.request.flags.allow_new_privileges);
	refused(&(struct run_options){ .security = LIST("secomp=/f") },
	        "unknown --security-opt 'secomp=/f'",
	        "known are seccomp=FILE|unconfined, no-new-privileges[=false], "
	        "apparmor=NAME|unconfined and image-profile=ignore|accept|require");
	refused(&(struct run_options){ .security = LIST("no-new-privileges=maybe") },
	        "unknown --security-opt 'no-new-privileges=maybe'",
	        "known are seccomp=FILE|unconfined, no-new-privileges[=false], "
	        "apparmor=NAME|unconfined and image-profile=ignore|accept|require");
	refused(&(struct run_options){ .privileged = true },
	        "--privileged is not offered: it would take every wall down at once",
	        "say what is needed: --cap-add NAME, --security-opt seccomp=FILE, or a profile with "
	        "--profile FILE");
}

static void test_capabilities_in_one_word(void **state)
{
	const struct run_options options = { .cap_add = LIST("KILL,CHOWN", "SETUID"),
		                             .cap_drop = LIST("ALL") };
	_cleanup_made struct made made = {};

	(void)state;
	assert_int_equal(make(&made, &options), 0);
	assert_int_equal(made.request.flags.cap_add.count, 3);
	assert_string_equal(made.request.flags.cap_add.items[0], "KILL");
	assert_string_equal(made.request.flags.cap_add.items[1], "CHOWN");
	assert_string_equal(made.request.flags.cap_add.items[2], "SETUID");
	assert_int_equal(made.request.flags.cap_drop.count, 1);
}

static void test_words(void **state)
{
	static const struct {
		const char *word;
		enum idmap_mode mode;
	} modes[] = { { "range", IDMAP_RANGE },     { "single", IDMAP_SINGLE },
		      { "keep-id", IDMAP_KEEP_ID }, { "nomap", IDMAP_NOMAP },
		      { "auto", IDMAP_RANGE },      { "", IDMAP_RANGE } };
	static const char *const pulls[] = { "missing", "always", "newer", "never" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		const struct run_options options = { .userns = modes[i].word };
		_cleanup_made struct made made = {};

		assert_int_equal(make(&made, &options), 0);
		assert_true(made.request.flags.idmap_given);
		assert_int_equal(made.request.flags.idmap, modes[i].mode);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pulls); i++) {
		const struct run_options options = { .pull = pulls[i] };
		_cleanup_made struct made made = {};

		assert_int_equal(make(&made, &options), 0);
		assert_int_equal(made.request.pull, i);
	}
	refused(&(struct run_options){ .userns = "host" }, "unknown --userns 'host'",
	        "a rootless container always has a user namespace; use --userns keep-id to keep your own "
	        "id inside");
	refused(&(struct run_options){ .userns = "Range" }, "unknown --userns 'Range'",
	        "use range, single, keep-id or nomap");
	refused(&(struct run_options){ .pull = "sometimes" }, "--pull sometimes is not known",
	        "it takes missing, always, newer or never");
}

/* What is so anyway may be said; everything else of these options is refused. */
static void test_settled_words(void **state)
{
	const struct run_options fine = { .cgroupns = "private",
		                          .ipc = "private",
		                          .log_driver = "json-file",
		                          .pid = "private",
		                          .uts = "private",
		                          .restart = "no" };
	static const char *const wrong[] = { "host", "", "privat", "private|", "container:x" };
	_cleanup_made struct made made = {};

	(void)state;
	assert_int_equal(make(&made, &fine), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_arena struct arena arena = {};

		refused(&(struct run_options){ .uts = wrong[i] },
		        arena_printf(
		                &arena,
		                "--uts %s is not offered: each container has a host name of its own",
		                wrong[i]),
		        "give it one: --hostname NAME");
	}
	refused(&(struct run_options){ .pid = "host" },
	        "--pid host is not offered: each container has a process tree of its own",
	        "see its processes from outside: cordon top CONTAINER; enter it: cordon exec");
	refused(&(struct run_options){ .restart = "always" },
	        "--restart always is not offered: nothing of cordon stays to start it again",
	        "let systemd: systemd-run --user --unit NAME -p Restart=on-failure cordon run --rm --name "
	        "NAME IMAGE");
}

static void test_pidfile(void **state)
{
	const struct run_options absolute = { .pidfile = "/p" }, relative = { .pidfile = "p" };
	_cleanup_made struct made made = {}, other = {};
	char here[PATH_MAX];

	(void)state;
	assert_int_equal(make(&made, &absolute), 0);
	assert_string_equal(made.request.pidfile, "/p");
	assert_int_equal(make(&other, &relative), 0);
	assert_non_null(getcwd(here, sizeof here));
	assert_string_equal(other.request.pidfile, arena_printf(&other.arena, "%s/p", here));
	refused(&(struct run_options){ .pidfile = "" }, "invalid --pidfile ''", "");
}

static void test_names(void **state)
{
	(void)state;
	refused(&(struct run_options){ .label = LIST("a=b", "=b") },
	        "invalid --label '=b': it has no name", "");
	refused(&(struct run_options){ .annotation = LIST("") },
	        "invalid --annotation '': it has no name", "");
}

/* ---- files of lines ---- */

static const char *read_lines(struct arena *arena, const char *text, size_t length)
{
	_cleanup_fd int file = memfd_create("lines", MFD_CLOEXEC);
	const char *path = arena_printf(arena, "/proc/self/fd/%d", file);
	_cleanup_text struct text joined = {};
	struct plan_strings lines = {};
	struct error err = {};

	assert_int_equal(write(file, text, length), length);
	if (lines_read(&lines, arena, path, "env file", &err) < 0)
		return arena_printf(arena, "error%s",
		                    err.text + strlen("env file ") + strlen(path));
	for (size_t i = 0; i < lines.count; i++)
		text_printf(&joined, "%s%s", i > 0 ? "|" : "", lines.items[i]);
	return arena_strdup(arena, text_string(&joined));
}

static void test_lines(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "" },
		{ "\n\n  \n# A=B\n\t# x\n", "" },
		{ "A=B", "A=B" },
		{ "A=B\nC\nD=\n", "A=B|C|D=" },
		{ "  A=B  \n", "A=B  " },
		{ "A=\"B\" # x\n", "A=\"B\" # x" },
		{ "A=B=C\n", "A=B=C" },
		{ "A=1\r\nB=2\r\n", "A=1|B=2" },
		/* only the end of a line is one */
		{ "A=1\r2\n", "A=1\r2" },
		{ "\r\nA=1\n", "A=1" },
		/* as editors of another system begin a file */
		{ "\xef\xbb\xbf"
		  "A=1\nB=2\n",
		  "A=1|B=2" },
		{ "\xef\xbb\xbf# A=1\nB=2\n", "B=2" },
		{ "A = B\n", "error:1: the name 'A ' contains blanks" },
		{ "X=1\nexport A=B\n", "error:2: the name 'export A' contains blanks" },
		{ "=B\n", "error:1: no name before '=B'" },
	};
	_cleanup_arena struct arena arena = {};
	struct plan_strings lines = {};
	struct error err = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(read_lines(&arena, rows[i].text, strlen(rows[i].text)),
		                    rows[i].expected);
	assert_non_null(strstr(read_lines(&arena, "A=B\0C=D\n", 8), "NUL"));
	assert_int_equal(lines_read(&lines, &arena, "/no/such/file", "env file", &err), -1);
	assert_string_equal(err.text,
	                    "cannot open the env file /no/such/file: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_said),
		cmocka_unit_test(test_image_or_root),
		cmocka_unit_test(test_ulimits),
		cmocka_unit_test(test_resources),
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_security),
		cmocka_unit_test(test_capabilities_in_one_word),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_settled_words),
		cmocka_unit_test(test_pidfile),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
