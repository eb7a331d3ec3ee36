/* Files with several names: the first one is kept, however many files there are. */
#include "runtime/image/layer/links.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *meet(struct links *links, dev_t device, ino_t inode, const char *path)
{
	const struct stat status = { .st_dev = device, .st_ino = inode };

	return links_meet(links, &status, path);
}

static void test_first_name(void **state)
{
	struct links *links = links_new();
	char path[] = "a/first";

	(void)state;
	assert_null(meet(links, 1, 2, path));
	path[0] = 'x'; /* a copy was kept */
	assert_string_equal(meet(links, 1, 2, "second"), "a/first");
	assert_string_equal(meet(links, 1, 2, "third"), "a/first");
	/* the same number on another file system is another file */
	assert_null(meet(links, 2, 2, "other"));
	assert_null(meet(links, 2, 1, "another"));
	assert_string_equal(meet(links, 2, 2, "x"), "other");
	assert_null(meet(links, 0, 0, ""));
	assert_string_equal(meet(links, 0, 0, "x"), "");
	links_free(links);
}

/* Numbers as file systems give them: in a row, in steps, and all with the same low bits. */
static void test_many(void **state)
{
	static const ino_t steps[] = { 1, 64, 4096, (ino_t)1 << 20, (ino_t)1 << 44, 0x9e3779b9 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct links *links = links_new();
		char path[32];

		for (ino_t n = 1; n <= 20000; n++) {
			snprintf(path, sizeof path, "%lu", (unsigned long)n);
			assert_null(meet(links, 7, n * steps[i], path));
		}
		for (ino_t n = 1; n <= 20000; n++) {
			snprintf(path, sizeof path, "%lu", (unsigned long)n);
			assert_string_equal(meet(links, 7, n * steps[i], "later"), path);
		}
		links_free(links);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_first_name),
		                            cmocka_unit_test(test_many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
