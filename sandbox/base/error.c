#include "sandbox/base/error.h"

#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int number, const char *format, ...)
{
	va_list arguments;
	size_t used;

	*err = (struct error){ .number = number, .exit_status = EXIT_ENGINE };
	va_start(arguments, format);
	vsnprintf(err->text, sizeof err->text, format, arguments);
	va_end(arguments);
	if (number != 0) {
		used = strlen(err->text);
		snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(number));
	}
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char rest[sizeof err->text];
	va_list arguments;
	size_t used;

	memcpy(rest, err->text, sizeof rest);
	va_start(arguments, format);
	vsnprintf(err->text, sizeof err->text, format, arguments);
	va_end(arguments);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", rest);
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(err->hint, sizeof err->hint, format, arguments);
	va_end(arguments);
	return -1;
}

/* Within a character of UTF-8: no place to cut. */
static int is_inside(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

int error_point(struct error *err, const char *line, size_t length, unsigned column)
{
	enum { BEFORE = 30 };
	static const char cut[] = "\xe2\x80\xa6"; /* an ellipsis */
	const size_t mark = sizeof cut - 1, room = sizeof err->source - 1 - 2 * mark;
	size_t first = length > room && column > BEFORE ? column - BEFORE : 0, last;

	if (column == 0 || column > length + 1)
		return -1;
	while (first > 0 && is_inside(line[first]))
		first--;
	last = length - first > room ? first + room : length;
	while (last < length && last > first && is_inside(line[last]))
		last--;
	snprintf(err->source, sizeof err->source, "%s%.*s%s", first > 0 ? cut : "",
	         (int)(last - first), line + first, last < length ? cut : "");
	err->column = column - (unsigned)first + (first > 0 ? (unsigned)mark : 0);
	return -1;
}

int error_exit(struct error *err, int exit_status)
{
	err->exit_status = exit_status;
	return -1;
}
