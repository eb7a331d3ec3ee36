/* credential: who "USER[:GROUP]" is, against hostile /etc/passwd and /etc/group (CVE-2016-3697,
 * CVE-2024-40635, CVE-2024-9676, CVE-2022-36109). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/walls.h"
#include "tests/sandbox/child.h"

#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
                             "1000:x:0:0:a name of digits that would be root:/root:/bin/sh\n"
                             "www:x:33:33::/var/www:/bin/sh\n"
                             "www:x:0:0:second of the name::\n"
                             "minus:x:-1:0::/:\n"
                             "wraps:x:4294967296:0::/:\n"
                             "nobody32:x:4294967295:0::/:\n"
                             "empty:x::0::/:\n"
                             "blank:x: 0:0::/:\n"
                             "hex:x:0x0:0::/:\n"
                             "badgid:x:7:-5::/:\n"
                             "short:x:0\n"
                             "+::0:0:::\n"
                             ":x:0:0:::\n"
                             "many:x:8:8:a:b:c:d:e:f:g\n"
                             "max:x:4294967294:4294967294::/m:\n"
                             "odd:x:40:41::relative/home:/bin/sh\n"
                             "app:x:1000:1001::/home/app:/bin/sh\n"
                             "last:x:77:78::/last:/bin/sh"; /* no newline */

static const char group[] = "root:x:0:\n"
                            "adm:x:4:syslog,www\n"
                            "1000:x:0:\n"
                            "www:x:33:\n"
                            "extra:x:50:www,www2\n"
                            "extra2:x:51:notwww,www,\n"
                            "bad:x:-1:www\n"
                            "huge:x:4294967296:www\n"
                            "web:x:34:app\n";

static char folder[] = "/tmp/cordon-credential-XXXXXX";
static int root = -1;

static void put_file(const char *name, const void *bytes, size_t length)
{
	int fd;

	unlinkat(root, name, 0);
	fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, bytes, length), 0);
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : mkdirat(root, "etc", 0755);
}

static int tear_down(void **state)
{
	struct error err;

	(void)state;
	close(root);
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static int fresh_files(void **state)
{
	(void)state;
	put_file("etc/passwd", passwd, sizeof passwd - 1);
	put_file("etc/group", group, sizeof group - 1);
	return 0;
}

/* text NULL: it resolves to uid, gid, home; otherwise it is refused with these words. */
static const struct {
	const char *user;
	uint32_t uid, gid;
	const char *home, *text;
} table[] = {
	{ "", 0, 0, "/root", NULL },
	{ "0", 0, 0, "/root", NULL },
	{ "root", 0, 0, "/root", NULL },
	{ "daemon", 1, 1, "/usr/sbin", NULL },
	{ "1", 1, 1, "/usr/sbin", NULL },
	{ "01", 1, 1, "/usr/sbin", NULL },
	{ "1000", 1000, 1001, "/home/app", NULL },
	{ "1000:1000", 1000, 1000, "/home/app", NULL },
	{ "app", 1000, 1001, "/home/app", NULL },
	{ "app:www", 1000, 33, "/home/app", NULL },
	{ "app:", 1000, 1001, "/home/app", NULL },
	{ "1000:", 1000, 1001, "/home/app", NULL },
	{ "0:1000", 0, 1000, "/root", NULL },
	{ "root:adm", 0, 4, "/root", NULL },
	{ "www", 33, 33, "/var/www", NULL },
	{ "33:0", 33, 0, "/var/www", NULL },
	{ "4711", 4711, 0, "/", NULL },
	{ "4711:4712", 4711, 4712, "/", NULL },
	{ "4711:web", 4711, 34, "/", NULL },
	{ "65536:65536", 65536, 65536, "/", NULL },
	{ "2147483647", 2147483647, 0, "/", NULL },
	{ "2147483648", 2147483648, 0, "/", NULL },
	{ "4294967294", 4294967294, 4294967294, "/m", NULL },
	{ "max", 4294967294, 4294967294, "/m", NULL },
	{ "odd", 40, 41, "/", NULL },
	{ "last", 77, 78, "/last", NULL },
	{ "7", 7, 0, "/", NULL }, /* the entry's gid is no number: no entry */
	{ "8", 8, 0, "/", NULL }, /* eight fields: no entry */
	{ "4294967295", 0, 0, NULL, "is not below 4294967295" },
	{ "4294967296", 0, 0, NULL, "is not below 4294967295" },
	{ "18446744073709551616", 0, 0, NULL, "is not below 4294967295" },
	{ "18446744073709551615", 0, 0, NULL, "is not below 4294967295" },
	{ "0:4294967295", 0, 0, NULL, "is not below 4294967295" },
	{ "0:4294967296", 0, 0, NULL, "is not below 4294967295" },
	{ "-1", 0, 0, NULL, "unable to find user -1: no matching entries in passwd file" },
	{ "+0", 0, 0, NULL, "unable to find user" },
	{ "0x0", 0, 0, NULL, "unable to find user 0x0" },
	{ " 0", 0, 0, NULL, "unable to find user" },
	{ "0 ", 0, 0, NULL, "unable to find user" },
	{ "root ", 0, 0, NULL, "unable to find user" },
	{ " root", 0, 0, NULL, "unable to find user" },
	{ "ROOT", 0, 0, NULL, "unable to find user" },
	{ "roo", 0, 0, NULL, "unable to find user" },
	{ "root\n", 0, 0, NULL, "unable to find user root?:" },
	{ "0.0", 0, 0, NULL, "unable to find user" },
	{ "0e0", 0, 0, NULL, "unable to find user" },
	{ "\xd9\xa0", 0, 0, NULL, "unable to find user" }, /* Arabic-Indic zero */
	{ "x", 0, 0, NULL, "unable to find user x:" },
	{ "+", 0, 0, NULL, "unable to find user" },
	{ "minus", 0, 0, NULL, "unable to find user" },
	{ "wraps", 0, 0, NULL, "unable to find user" },
	{ "nobody32", 0, 0, NULL, "unable to find user" },
	{ "empty", 0, 0, NULL, "unable to find user" },
	{ "blank", 0, 0, NULL, "unable to find user" },
	{ "hex", 0, 0, NULL, "unable to find user" },
	{ "badgid", 0, 0, NULL, "unable to find user" },
	{ "short", 0, 0, NULL, "unable to find user" },
	{ "many", 0, 0, NULL, "unable to find user" },
	{ ":", 0, 0, NULL, "names a group and no user" },
	{ ":0", 0, 0, NULL, "names a group and no user" },
	{ ":1000", 0, 0, NULL, "names a group and no user" },
	{ "root:nogroup", 0, 0, NULL,
	  "unable to find group nogroup: no matching entries in group" },
	{ "root:bad", 0, 0, NULL, "unable to find group bad" },
	{ "root:huge", 0, 0, NULL, "unable to find group" },
	{ "root:-1", 0, 0, NULL, "unable to find group" },
	{ "root:0:0", 0, 0, NULL, "unable to find group 0:0" },
	{ "app: 0", 0, 0, NULL, "unable to find group" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct credential credential = { .uid = 12345 };
		struct error err = {};
		int result = credential_resolve(&credential, root, table[i].user, NULL, &err);

		if (table[i].text != NULL) {
			if (result != -1 || strstr(err.text, table[i].text) == NULL)
				fail_msg("'%s': %d, %s", table[i].user, result, err.text);
			assert_int_equal(credential.uid, 12345);
			continue;
		}
		if (result != 0 || credential.uid != table[i].uid || credential.gid != table[i].gid)
			fail_msg("'%s': %d, %u:%u, %s", table[i].user, result, credential.uid,
			         credential.gid, err.text);
		assert_string_equal(credential.home, table[i].home);
		assert_true(credential.group_count >= 1);
		assert_int_equal(credential.groups[0], table[i].gid);
	}
}

static void test_groups(void **state)
{
	static const char *named[] = { "50", "web", "50", NULL }, *unknown[] = { "nope", NULL };
	struct plan_strings extra = { named, 3 }, bad = { unknown, 1 };
	struct credential credential;
	struct error err;

	(void)state;
	assert_int_equal(credential_resolve(&credential, root, "www", NULL, &err), 0);
	assert_int_equal(credential.group_count, 4);
	assert_int_equal(credential.groups[1], 4);
	assert_int_equal(credential.groups[2], 50);
	assert_int_equal(credential.groups[3], 51);

	/* A named group takes the memberships away; --group-add adds, each once. */
	assert_int_equal(credential_resolve(&credential, root, "www:www", &extra, &err), 0);
	assert_int_equal(credential.group_count, 3);
	assert_int_equal(credential.groups[1], 50);
	assert_int_equal(credential.groups[2], 34);

	assert_int_equal(credential_resolve(&credential, root, "www", &bad, &err), -1);
	assert_non_null(strstr(err.text, "unable to find group nope"));
}

static void test_many_groups(void **state)
{
	_cleanup_text struct text many = {};
	struct credential credential;
	struct error err;

	(void)state;
	for (int i = 0; i < 100; i++)
		text_printf(&many, "g%d:x:%d:www\n", i, 100 + i);
	put_file("etc/group", many.data, many.length);
	assert_int_equal(credential_resolve(&credential, root, "www", NULL, &err), -1);
	assert_non_null(strstr(err.text, "more than 64 groups"));
}

static void test_long_lines_and_nuls(void **state)
{
	_cleanup_text struct text file = {};
	_cleanup_free char *line = malloc(1 << 20);
	struct credential credential;
	struct error err;

	(void)state;
	/* A line of a mebibyte whose pieces look like entries is skipped as a whole. */
	assert_non_null(line);
	memset(line, ':', 1 << 20);
	for (size_t i = 0; i + 16 < 1 << 20; i += 64)
		memcpy(line + i, "evil:x:0:0::/:", 14);
	text_append_bytes(&file, line, 1 << 20);
	text_append(&file, "\n");
	text_append_bytes(&file, "nul:x:0:0:\0:/:\n", 15);
	text_append_bytes(&file, "nul\0:x:0:0::/:\n", 15);
	text_append(&file, "good:x:5:6::/good:\n");
	put_file("etc/passwd", file.data, file.length);
	assert_int_equal(credential_resolve(&credential, root, "evil", NULL, &err), -1);
	assert_int_equal(credential_resolve(&credential, root, "nul", NULL, &err), -1);
	assert_int_equal(credential_resolve(&credential, root, "good", NULL, &err), 0);
	assert_int_equal(credential.uid, 5);
	assert_string_equal(credential.home, "/good");
}

/* Every entry lands on every place relative to the buffer's ends. */
static void test_buffer_edges(void **state)
{
	struct credential credential;
	struct error err;

	(void)state;
	for (size_t pad = 4000; pad < 4200; pad++) {
		_cleanup_text struct text file = {};

		for (size_t i = 0; i < pad; i++)
			text_append_char(&file, '#');
		text_append(&file, "\nmark:x:5:6::/mark:\n");
		put_file("etc/passwd", file.data, file.length);
		assert_int_equal(credential_resolve(&credential, root, "mark", NULL, &err), 0);
		assert_int_equal(credential.gid, 6);
	}
}

static void refuse_within_time(const char *user, const char *text)
{
	uint64_t start = io_now();
	struct credential credential;
	struct rusage usage;
	struct error err;

	assert_int_equal(credential_resolve(&credential, root, user, NULL, &err), -1);
	if (strstr(err.text, text) == NULL)
		fail_msg("%s", err.text);
	assert_true(io_now() - start < UINT64_C(2000000000));
	getrusage(RUSAGE_SELF, &usage);
	assert_true(usage.ru_maxrss < 512 * 1024); /* sanitizers need room of their own */
}

static void test_hostile_files(void **state)
{
	struct credential credential;
	struct error err;
	int fd;

	(void)state;
	unlinkat(root, "etc/passwd", 0);
	assert_int_equal(mkfifoat(root, "etc/passwd", 0644), 0);
	refuse_within_time("app", "/etc/passwd: not a regular file");

	unlinkat(root, "etc/passwd", 0);
	assert_int_equal(mkdirat(root, "etc/passwd", 0755), 0);
	refuse_within_time("app", "/etc/passwd: not a regular file");
	unlinkat(root, "etc/passwd", AT_REMOVEDIR);

	fd = openat(root, "etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(fd, (off_t)4 << 30), 0);
	close(fd);
	refuse_within_time("app", "4294967296 bytes");

	/* Symlinks are read inside the root: the machine's own files are not there. */
	unlinkat(root, "etc/passwd", 0);
	assert_int_equal(symlinkat("/dev/zero", root, "etc/passwd"), 0);
	refuse_within_time("app", "unable to find user app");
	unlinkat(root, "etc/passwd", 0);
	/* each ".." is tried again where somebody mounts meanwhile, anywhere: one is enough */
	assert_int_equal(symlinkat("../etc/passwd", root, "etc/passwd"), 0);
	refuse_within_time("app", "Too many levels of symbolic links");
	unlinkat(root, "etc/passwd", 0);
	assert_int_equal(symlinkat("/proc/self/mem", root, "etc/passwd"), 0);
	refuse_within_time("app", "unable to find user app");

	/* Without a file numbers still mean themselves, and root is root. */
	assert_int_equal(credential_resolve(&credential, root, "1000", NULL, &err), 0);
	assert_int_equal(credential.gid, 0);
	assert_int_equal(credential_resolve(&credential, root, "", NULL, &err), 0);
	assert_int_equal(credential.uid, 0);
	assert_string_equal(credential.home, "/");
}

static void test_device(void **state)
{
	struct credential credential;
	struct error err;
	int real;

	(void)state;
	/* In a real root /dev/zero does exist. */
	real = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	unlinkat(root, "etc/passwd", 0);
	assert_int_equal(symlinkat("/dev/zero", root, "etc/passwd"), 0);
	assert_true(real >= 0);
	assert_int_equal(credential_resolve(&credential, real, "no such user", NULL, &err), -1);
	close(real);
}

static void become_www(void *context)
{
	struct credential credential = {
		.uid = 33, .gid = 34, .groups = { 34, 50 }, .group_count = 2
	};
	gid_t groups[8];
	struct error err;
	uid_t r, e, s;

	(void)context;
	CHECK(credential_become(&credential, false, &err) == 0);
	CHECK(getresuid(&r, &e, &s) == 0 && r == 33 && e == 33 && s == 33);
	CHECK(getresgid(&r, &e, &s) == 0 && r == 34 && e == 34 && s == 34);
	CHECK(getgroups(8, groups) == 2 && groups[0] == 34 && groups[1] == 50);
	CHECK(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 1); /* until capability_set */
}

static void become_unmapped(void *context)
{
	struct credential credential = { .uid = 70000, .gid = 0 };
	struct error err;

	(void)context;
	CHECK(credential_become(&credential, true, &err) == -1);
	CHECK(strstr(err.text, "cannot become user 70000") != NULL);
	CHECK(strstr(err.hint, "/etc/subuid") != NULL);
}

static void test_become(void **state)
{
	(void)state;
	assert_child(child_in_namespace(0, become_unmapped, NULL));
	if (!child_has_range())
		skip();
	assert_child(child_in_namespace(0, become_www, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_table, fresh_files),
		cmocka_unit_test_setup(test_groups, fresh_files),
		cmocka_unit_test_setup(test_many_groups, fresh_files),
		cmocka_unit_test_setup(test_long_lines_and_nuls, fresh_files),
		cmocka_unit_test_setup(test_buffer_edges, fresh_files),
		cmocka_unit_test_setup(test_hostile_files, fresh_files),
		cmocka_unit_test_setup(test_device, fresh_files),
		cmocka_unit_test(test_become),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
