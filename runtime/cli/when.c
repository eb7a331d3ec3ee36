#include "runtime/cli/when.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

/* Digits, and behind a point more of them: whole units, and their fraction in billionths (what is
 * finer is dropped). Moves *next behind it; false where no digit stands there or it is too large.
 */
static bool take_number(int64_t *whole, int64_t *billionths, const char **next)
{
	const char *start = *next;
	int64_t place = SECOND / 10;
	bool any = false;

	*whole = *billionths = 0;
	for (; **next >= '0' && **next <= '9'; (*next)++, any = true) {
		if (*whole > INT64_MAX / SECOND)
			return false;
		*whole = *whole * 10 + (**next - '0');
	}
	if (**next == '.')
		for ((*next)++; **next >= '0' && **next <= '9'; (*next)++, any = true) {
			*billionths += (**next - '0') * place;
			place /= 10;
		}
	if (!any)
		*next = start;
	return any && *whole <= INT64_MAX / SECOND;
}

static const struct unit {
	const char *name;
	int64_t nanoseconds;
} units[] = {
	/* the longer names first */
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* U+00B5, the micro sign */
	{ "\xce\xbcs", 1000 }, /* U+03BC, the Greek letter */
	{ "ms", 1000000 },
	{ "s", SECOND },
	{ "m", 60 * SECOND },
	{ "h", 3600 * SECOND },
	{ "d", 86400 * SECOND },
};

static const struct unit *take_unit(const char **next)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (text_starts(*next, units[i].name)) {
			*next += strlen(units[i].name);
			return &units[i];
		}
	return NULL;
}

bool when_duration(int64_t *ret, const char *text)
{
	bool negative = text[0] == '-';
	int64_t total = 0, whole, billionths, part;

	text += negative || text[0] == '+';
	if (text[0] == '\0')
		return false;
	while (*text != '\0') {
		const struct unit *unit = NULL;

		if (take_number(&whole, &billionths, &text))
			unit = take_unit(&text);
		if (unit == NULL || __builtin_mul_overflow(whole, unit->nanoseconds, &part) ||
		    __builtin_add_overflow(total, part, &total) ||
		    __builtin_add_overflow(total,
		                           (int64_t)((double)billionths / 1e9 *
		                                     (double)unit->nanoseconds),
		                           &total))
			return false;
	}
	*ret = negative ? -total : total;
	return true;
}

static bool read_seconds(int64_t *ret, const char *text)
{
	int64_t whole, billionths;

	if (!take_number(&whole, &billionths, &text) || *text != '\0' ||
	    whole >= INT64_MAX / SECOND)
		return false;
	*ret = whole * SECOND + billionths;
	return true;
}

/* Nothing, Z, or how far the clock there is ahead of UTC: +02:00. */
static bool read_zone(bool *local, int64_t *ahead, const char *text)
{
	char sign;
	unsigned hours, minutes;
	int used = 0;

	*local = text[0] == '\0';
	*ahead = 0;
	if (*local || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return true;
	if (sscanf(text, "%c%2u:%2u%n", &sign, &hours, &minutes, &used) != 3 || used != 6 ||
	    text[6] != '\0' || (sign != '+' && sign != '-') || hours > 23 || minutes > 59)
		return false;
	*ahead = (sign == '-' ? -60 : 60) * (int64_t)(hours * 60 + minutes);
	return true;
}

static bool read_date(int64_t *ret, const char *text)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H",
		                               "%Y-%m-%d" };
	int64_t ahead, whole, billionths = 0;
	struct tm parts = {};
	const char *rest = NULL;
	bool local;
	time_t time;

	for (size_t i = 0; rest == NULL && i < ARRAY_SIZE(formats); i++) {
		parts = (struct tm){ .tm_isdst = -1 };
		rest = strptime(text, formats[i], &parts);
		if (rest != NULL && i == 0 && rest[0] == '.' &&
		    !take_number(&whole, &billionths, &rest))
			return false;
	}
	if (rest == NULL || !read_zone(&local, &ahead, rest))
		return false;
	time = local ? mktime(&parts) : timegm(&parts) - ahead;
	if (time < 0 || time >= INT64_MAX / SECOND)
		return false;
	*ret = time * SECOND + billionths;
	return true;
}

int when_parse(int64_t *ret, const char *text, int64_t now, struct error *err)
{
	int64_t duration;

	if (read_seconds(ret, text) || read_date(ret, text))
		return 0;
	if (when_duration(&duration, text) && !__builtin_sub_overflow(now, duration, ret))
		return 0;
	error_set(err, 0, "'%.60s' is not a time", text);
	return error_hint(err, "write how long ago, as 10m or 1h30m, seconds since the epoch, or "
	                       "2026-01-02T03:04:05Z");
}
