/* Points in time in words: what is written is read again, and nothing else is. */
#include "runtime/container/stamp.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum { DAY = 86400, SECOND = 1000000000 };

/* Every day until the number is too large, against the C library's calendar. */
static void test_every_day(void **state)
{
	(void)state;
	for (int64_t day = 0; day < INT64_MAX / SECOND / DAY; day++) {
		time_t seconds = (time_t)(day * DAY + day % DAY);
		char stamp[STAMP_SIZE], theirs[64];
		struct tm parts;
		int64_t back = -1;

		stamp_format(stamp, (int64_t)seconds * SECOND + day % SECOND);
		gmtime_r(&seconds, &parts);
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S", &parts);
		snprintf(theirs + 19, sizeof theirs - 19, ".%09dZ", (int)(day % SECOND));
		assert_string_equal(stamp, theirs);
		if (parts.tm_year + 1900 > 2261)
			break;
		assert_true(stamp_parse(&back, stamp));
		assert_int_equal(back, (int64_t)seconds * SECOND + day % SECOND);
	}
}

static void test_fractions(void **state)
{
	static const struct {
		const char *stamp;
		int64_t nanoseconds;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:01.Z", SECOND },
		{ "1970-01-01T00:00:01.5Z", SECOND + SECOND / 2 },
		{ "1970-01-01T00:00:00.000000001Z", 1 },
		{ "1970-01-01T00:00:00.0000000019999999999999999999999Z", 1 },
		{ "1970-01-01T23:59:60Z", (int64_t)DAY * SECOND }, /* a leap second */
		{ "2000-02-29T00:00:00Z", INT64_C(951782400) * SECOND },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t back = -1;

		assert_true(stamp_parse(&back, rows[i].stamp));
		assert_int_equal(back, rows[i].nanoseconds);
	}
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"Z",
		"2026",
		"2026-01-02",
		"2026-01-02T03:04:05",
		"2026-01-02T03:04:05+01:00",
		"2026-01-02 03:04:05Z",
		"2026-01-02T03:04:05Zx",
		"2026-01-02T03:04:05.1",
		"2026-01-02T03:04:05,1Z",
		" 2026-01-02T03:04:05Z",
		"+026-01-02T03:04:05Z",
		"-026-01-02T03:04:05Z",
		"2026--1-02T03:04:05Z",
		"2026-+1-02T03:04:05Z",
		"2026- 1-02T03:04:05Z",
		"2026-1-2T3:4:5Z",
		"2026-00-02T03:04:05Z",
		"2026-13-02T03:04:05Z",
		"2026-01-00T03:04:05Z",
		"2026-01-32T03:04:05Z",
		"2026-01-02T24:04:05Z",
		"2026-01-02T03:60:05Z",
		"2026-01-02T03:04:61Z",
		"1969-12-31T23:59:59Z",
		/* more nanoseconds than there are numbers */
		"2262-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		int64_t back = 77;

		if (stamp_parse(&back, wrong[i]) || back != 77)
			fail_msg("taken: %s", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
