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

int error_exit(struct error *err, int exit_status)
{
	err->exit_status = exit_status;
	return -1;
}
