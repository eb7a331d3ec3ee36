/* Tables, templates and words for people: columns, what is made visible, durations, sizes. */
#include "runtime/cli/format.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const struct column columns[] = { { "NAME", "Name" },
	                                 { "SIZE", "Size" },
	                                 { "STATE", "State" } };
static const struct column more[] = { { "LABELS", "Labels" }, { NULL, "Hidden" } };

static struct value *decode(struct arena *arena, const char *text)
{
	struct value *value;
	struct error err = {};

	if (value_decode(&value, arena, "rows", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return value;
}

/* What a listing writes to standard output, or its error. */
static const char *print_rows(struct arena *arena, struct listing listing,
                              const struct listing_rows *each)
{
	_cleanup_fd int file = memfd_create("output", MFD_CLOEXEC), kept = dup(STDOUT_FILENO);
	_cleanup_text struct text text = {};
	struct error err = {};
	int result;

	listing.columns = columns;
	listing.count = ARRAY_SIZE(columns);
	listing.more = more;
	listing.more_count = ARRAY_SIZE(more);
	dup2(file, STDOUT_FILENO);
	result = each->make == NULL ? listing_print(&listing, each->context, &err)
	                            : listing_print_each(&listing, each, &err);
	dup2(kept, STDOUT_FILENO);
	if (result < 0)
		return arena_strdup(arena, err.text);
	lseek(file, 0, SEEK_SET);
	assert_int_equal(io_read_all(&text, file, 1 << 20, &err), 0);
	return arena_text(arena, text_string(&text), text.length);
}

static const char *print(struct arena *arena, struct listing listing, const char *rows)
{
	const struct listing_rows made = { .context = decode(arena, rows) };

	return print_rows(arena, listing, &made);
}

static const char rows[] =
        "[{\"Name\": \"one\", \"Size\": \"1.2MB\", \"State\": \"Up\", \"Labels\": {\"a\": \"b\"}, "
        "\"Hidden\": 7}, {\"Name\": \"another\", \"Size\": \"0B\", \"State\": \"Exited (0)\", \"Labels\": {}, \"Hidden\": 8}]";

static void test_forms(void **state)
{
	static const struct {
		struct listing listing;
		const char *expected;
	} cases[] = {
		{ {},
		  "NAME      SIZE    STATE\none       1.2MB   Up\nanother   0B      Exited (0)\n" },
		{ { .no_header = true }, "one       1.2MB   Up\nanother   0B      Exited (0)\n" },
		{ { .format = "table" },
		  "NAME      SIZE    STATE\none       1.2MB   Up\nanother   0B      Exited (0)\n" },
		{ { .quiet_field = "Name" }, "one\nanother\n" },
		/* --format has the last word, as Docker's */
		{ { .quiet_field = "Name", .format = "{{.Size}}" }, "1.2MB\n0B\n" },
		{ { .format = "table {{.State}}\t{{.Labels}}" },
		  "STATE        LABELS\nUp           map[a:b]\nExited (0)   map[]\n" },
		{ { .format = "table {{.State}}", .no_header = true }, "Up\nExited (0)\n" },
		{ { .format = "{{.Hidden}}" }, "7\n8\n" },
		{ { .format = "json" },
		  "{\"Name\":\"one\",\"Size\":\"1.2MB\",\"State\":\"Up\",\"Labels\":{\"a\":\"b\"}}\n"
		  "{\"Name\":\"another\",\"Size\":\"0B\",\"State\":\"Exited (0)\",\"Labels\":{}}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena struct arena arena = {};
		const char *text = print(&arena, cases[i].listing, rows);

		assert_string_equal(text, cases[i].expected);
	}
}

static void test_errors(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_non_null(
	        strstr(print(&arena, (struct listing){ .format = "{{.Nmae}}" }, rows), "Nmae"));
	assert_non_null(strstr(print(&arena, (struct listing){ .format = "{{.Name" }, rows),
	                       "in --format"));
	/* also where there is nothing to list */
	assert_non_null(
	        strstr(print(&arena, (struct listing){ .format = "{{.Nmae}}" }, "[]"), "Nmae"));
	assert_string_equal(print(&arena, (struct listing){}, "[]"), "NAME   SIZE   STATE\n");
	assert_string_equal(print(&arena, (struct listing){ .no_header = true }, "[]"), "");
}

/* Names of strangers: nothing moves the cursor, opens a column or begins a line. */
static void test_hostile(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_string_equal(
	        print(&arena, (struct listing){ .no_header = true },
	              "[{\"Name\": \"a\\u001b[2Jb\\tc\\nd\", \"Size\": null, \"State\": [1]}]"),
	        "a\\x1b[2Jb\\x09c\\x0ad   null   [1]\n");
	/* a column is as wide as its letters are many */
	assert_string_equal(
	        print(&arena, (struct listing){},
	              "[{\"Name\": \"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac!\"}]"),
	        "NAME     SIZE   STATE\n\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac!          \n");
}

/* What go-units' HumanDuration says of the same numbers. */
static void test_durations(void **state)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR };
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ INT64_MIN, "Less than a second" },
		{ -5, "Less than a second" },
		{ 0, "Less than a second" },
		{ 1, "1 second" },
		{ 2, "2 seconds" },
		{ 59, "59 seconds" },
		{ MINUTE, "About a minute" },
		{ 2 * MINUTE - 1, "About a minute" },
		{ 2 * MINUTE, "2 minutes" },
		{ HOUR - 1, "59 minutes" },
		{ HOUR, "About an hour" },
		{ HOUR + 30 * MINUTE - 1, "About an hour" },
		/* halves are rounded up */
		{ HOUR + 30 * MINUTE, "2 hours" },
		{ 3 * HOUR + 29 * MINUTE, "3 hours" },
		{ 2 * DAY - 30 * MINUTE - 1, "47 hours" },
		{ 2 * DAY - 30 * MINUTE, "2 days" },
		{ 14 * DAY - HOUR, "13 days" },
		{ 14 * DAY, "2 weeks" },
		{ 60 * DAY - HOUR, "8 weeks" },
		{ 60 * DAY, "2 months" },
		{ 730 * (int64_t)DAY - HOUR, "24 months" },
		{ 730 * (int64_t)DAY, "2 years" },
		{ 1000 * (int64_t)DAY, "2 years" },
		{ INT64_MAX, "292471208677 years" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena struct arena arena = {};

		assert_string_equal(human_duration(&arena, cases[i].seconds), cases[i].text);
	}
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0B" },
		{ 1, "1B" },
		{ 999, "999B" },
		{ 1000, "1kB" },
		{ 1234, "1.23kB" },
		{ 7000, "7kB" },
		{ 9996, "10kB" },
		{ 12345, "12.3kB" },
		{ 123456, "123kB" },
		{ 999499, "999kB" },
		{ 999500, "1000kB" },
		{ 1000000, "1MB" },
		{ 1200000, "1.2MB" },
		{ 72800000, "72.8MB" },
		{ 5000000000, "5GB" },
		{ 1000000000000, "1TB" },
		{ 1500000000000000, "1.5PB" },
		{ UINT64_MAX, "18.4EB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena struct arena arena = {};

		assert_string_equal(human_size(&arena, cases[i].bytes), cases[i].text);
	}
}

/* Docker counts memory in powers of 1024, with four digits. */
static void test_memory(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_string_equal(human_memory(&arena, 0), "0B");
	assert_string_equal(human_memory(&arena, 1023), "1023B");
	assert_string_equal(human_memory(&arena, 1536), "1.5KiB");
	assert_string_equal(human_memory(&arena, 123456789), "117.7MiB");
	assert_string_equal(human_memory(&arena, UINT64_MAX), "16EiB");
}

static void test_times(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	setenv("TZ", "CET-1", 1);
	tzset();
	assert_string_equal(human_time(&arena, 1767319445), "2026-01-02 03:04:05 +0100 CET");
	assert_string_equal(human_time(&arena, 0), "1970-01-01 01:00:00 +0100 CET");
	/* a year that no calendar holds */
	assert_string_equal(human_time(&arena, INT64_MAX), "");
}

static void test_one_value(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const struct value *value = decode(&arena, "{\"a\": {\"b\": [1, \"x\"]}}");
	struct error err = {};

	(void)state;
	assert_int_equal(format_value(&text, "json", value, &err), 0);
	assert_string_equal(text_string(&text), "{\"a\":{\"b\":[1,\"x\"]}}");
	text_clear(&text);
	assert_int_equal(format_value(&text, "{{index .a.b 1}}!", value, &err), 0);
	assert_string_equal(text_string(&text), "x!");
	assert_int_equal(format_value(&text, "{{", value, &err), -1);
}

/* Rows that are made when they are printed, in memory that is used again. */
static const struct value *make(struct arena *arena, const struct listing *listing,
                                const void *context, size_t place)
{
	const char *const *names = context;
	struct value *row = value_new_object(arena);

	value_set(arena, row, "Name", value_new_string(arena, names[place]));
	value_set(arena, row, "Size", value_new_integer(arena, (int64_t)place));
	if (listing->format != NULL)
		value_set(arena, row, "Hidden", value_new_string(arena, names[place]));
	memset(arena_alloc(arena, 20000), 'x', 20000);
	return row;
}

static void test_each(void **state)
{
	static const char *const names[] = { "one", "\x1b[31mtwo", "three" };
	static const struct {
		const char *format, *quiet_field, *expected;
	} cases[] = {
		{ NULL, NULL,
		  "NAME          SIZE   STATE\none           0      \n\\x1b[31mtwo   1      \nthree         2      \n" },
		{ NULL, "Name", "one\n\\x1b[31mtwo\nthree\n" },
		{ "{{.Hidden}} {{.Size}}", NULL, "one 0\n\x1b[31mtwo 1\nthree 2\n" },
		{ "json", NULL,
		  "{\"Name\":\"one\",\"Size\":0}\n{\"Name\":\"\\u001b[31mtwo\",\"Size\":1}\n"
		  "{\"Name\":\"three\",\"Size\":2}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct listing_rows each = { ARRAY_SIZE(names), make, names };
		_cleanup_arena struct arena arena = {};
		struct listing listing = { .format = cases[i].format,
			                   .quiet_field = cases[i].quiet_field };

		assert_string_equal(print_rows(&arena, listing, &each), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),     cmocka_unit_test(test_errors),
		cmocka_unit_test(test_hostile),   cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),     cmocka_unit_test(test_times),
		cmocka_unit_test(test_one_value), cmocka_unit_test(test_each),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
