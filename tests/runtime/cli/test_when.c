/* Points in time as they are typed: every form, its limits, and what is none. */
#include "runtime/cli/when.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW    INT64_C(1767323045000000000) /* 2026-01-02T03:04:05Z */
#define SECOND INT64_C(1000000000)

static const struct {
	const char *text;
	int64_t ago; /* from NOW */
} rows[] = {
	{ "90s", 90 * SECOND },
	{ "1h30m", 5400 * SECOND },
	{ "1.5h", 5400 * SECOND },
	{ ".5m", 30 * SECOND },
	{ "2h45m30.5s", (2 * 3600 + 45 * 60 + 30) * SECOND + SECOND / 2 },
	{ "300ms", 300 * (SECOND / 1000) },
	{ "1m1us", 60 * SECOND + 1000 },
	{ "5\xc2\xb5s", 5000 },
	{ "5\xce\xbcs", 5000 },
	{ "7ns", 7 },
	{ "2d", 2 * 86400 * SECOND },
	{ "-10m", -600 * SECOND },
	{ "+10m", 600 * SECOND },
	{ "0s", 0 },
	{ "1767323045", 0 },
	{ "1767323044.5", SECOND / 2 },
	{ "1767323044.999999999", 1 },
	{ "2026-01-02T03:04:05Z", 0 },
	{ "2026-01-02T03:04:04.25Z", 3 * (SECOND / 4) },
	{ "2026-01-02T05:04:05+02:00", 0 },
	{ "2026-01-01T21:34:05-05:30", 0 },
	{ "2026-01-02T03:04Z", 5 * SECOND },
	{ "2026-01-02T03Z", 245 * SECOND },
	{ "2026-01-02Z", (3 * 3600 + 245) * SECOND },
	/* no zone: the one of whoever types, five hours behind in this test */
	{ "2026-01-01T22:04:05", 0 },
	{ "2026-01-02", (3 * 3600 + 245 - 5 * 3600) * SECOND },
};

static const char *const none[] = {
	"",
	"x",
	"m",
	"1hh",
	"h1",
	"1h 30m",
	"1h30",
	"-",
	"1.2.3s",
	"1x",
	"10 m",
	".",
	".s",
	"2026-13-01",
	"2026-01-02T",
	"2026-01-02X",
	"2026-01-02T03:04:05+2",
	"yesterday",
	"2026-01-02T03:04:05+02:00x",
	"2026-01-02T03:04:05+25:00",
	"99999999999999999999",
	"9999999999999h",
	"1e3s",
	"0x10s",
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {};
		int64_t when = -1;

		if (when_parse(&when, rows[i].text, NOW, &err) < 0)
			fail_msg("%s: %s", rows[i].text, err.text);
		if (when != NOW - rows[i].ago)
			fail_msg("%s: %lld", rows[i].text, (long long)(NOW - when));
	}
}

static void test_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct error err = {};
		int64_t when;

		if (when_parse(&when, none[i], NOW, &err) == 0)
			fail_msg("'%s': %lld", none[i], (long long)when);
		assert_non_null(strstr(err.text, "is not a time"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		                            cmocka_unit_test(test_none) };

	setenv("TZ", "EST5", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
