#include "runtime/container/stamp.h"

#include <string.h>

/* Of the years that 64 bits of nanoseconds reach the last whole one. */
enum {
	YEAR_MAX = 2261,
	DAY = 86400,
	DAYS_TO_1970 = 719468,
	DAYS_OF_400_YEARS = 146097,
	SECOND = 1000000000
};

/* The calendar counts from 1 March of year 0, so that a leap day is the last of its year
 * (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static void to_date(int64_t days, int *year, int *month, int *day)
{
	int64_t since = days + DAYS_TO_1970, era = since / DAYS_OF_400_YEARS;
	int64_t of_era = since - era * DAYS_OF_400_YEARS;
	int64_t year_of_era =
	        (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_OF_400_YEARS - 1)) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static int64_t from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t march_year = year - (month <= 2), era = march_year / 400;
	int64_t of_era = march_year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_OF_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_1970;
}

static char *put(char *next, int64_t number, int digits)
{
	for (int i = digits; i-- > 0; number /= 10)
		next[i] = (char)('0' + number % 10);
	return next + digits;
}

void stamp_format(char ret[STAMP_SIZE], int64_t nanoseconds)
{
	static const char separators[] = "--T::.";
	int64_t seconds = nanoseconds / SECOND, in_day = seconds % DAY;
	int year, month, day;
	char *next = ret;

	to_date(seconds / DAY, &year, &month, &day);

	const int64_t numbers[] = {
		year, month, day, in_day / 3600, in_day / 60 % 60, in_day % 60, nanoseconds % SECOND
	};

	for (int i = 0; i < 7; i++) {
		next = put(next, numbers[i], i == 0 ? 4 : i == 6 ? 9 : 2);
		if (i < 6)
			*next++ = separators[i];
	}
	memcpy(next, "Z", sizeof "Z");
}

/* Digits where the form has a 9, its own letters elsewhere. */
static bool has_form(const char *text, const char *form)
{
	for (; *form != '\0'; text++, form++)
		if (*form == '9' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}

static int number_at(const char *text, int digits)
{
	int number = 0;

	for (int i = 0; i < digits; i++)
		number = 10 * number + text[i] - '0';
	return number;
}

bool stamp_parse(int64_t *ret, const char *stamp)
{
	static const char form[] = "9999-99-99T99:99:99";
	int64_t fraction = 0, unit = SECOND;
	int year, month, day, hour, minute, second;

	if (!has_form(stamp, form))
		return false;
	year = number_at(stamp, 4);
	month = number_at(stamp + 5, 2);
	day = number_at(stamp + 8, 2);
	hour = number_at(stamp + 11, 2);
	minute = number_at(stamp + 14, 2);
	second = number_at(stamp + 17, 2);
	if (year < 1970 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59 || second > 60)
		return false;
	stamp += sizeof form - 1;
	if (*stamp == '.')
		for (stamp++; *stamp >= '0' && *stamp <= '9'; stamp++)
			if (unit > 1) {
				unit /= 10;
				fraction += (*stamp - '0') * unit;
			}
	if (strcmp(stamp, "Z") != 0)
		return false;
	*ret = ((from_date(year, month, day) * 24 + hour) * 60 + minute) * 60 * SECOND +
	       (int64_t)second * SECOND + fraction;
	return true;
}
