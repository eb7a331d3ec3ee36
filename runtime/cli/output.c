#include "runtime/cli/output.h"

#include "runtime/cli/caret.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>

static void append_lines_visible(struct text *ret, const struct text *text)
{
	const char *next = text_string(text), *end = next + text->length;

	while (next < end) {
		size_t length = 0;

		while (next + length < end && next[length] != '\n' && next[length] != '\t')
			length++;
		text_append_visible(ret, next, length);
		if (next + length < end)
			text_append_char(ret, next[length++]);
		next += length;
	}
}

int output_print(const struct text *text, struct error *err)
{
	_cleanup_text struct text shown = {};

	if (text->length == 0)
		return 0;
	if (isatty(STDOUT_FILENO)) {
		append_lines_visible(&shown, text);
		text = &shown;
	}
	return io_write_all(STDOUT_FILENO, text->data, text->length) < 0
	               ? error_set(err, errno, "cannot write to standard output")
	               : 0;
}

int output_line(struct error *err, const char *format, ...)
{
	_cleanup_text struct text text = {};
	_cleanup_free char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) < 0)
		abort();
	va_end(arguments);
	text_append(&text, line);
	text_append_char(&text, '\n');
	return output_print(&text, err);
}

int output_value(const struct value *value, struct error *err)
{
	_cleanup_text struct text text = {};

	value_encode(&text, value, VALUE_INDENTED);
	text_append_char(&text, '\n');
	return output_print(&text, err);
}

void output_error(const struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, "cordon: ");
	text_append_visible(&text, err->text, strlen(err->text));
	text_append_char(&text, '\n');
	if (err->source[0] != '\0')
		caret_append(&text, err->source, err->column);
	if (err->hint[0] != '\0') {
		text_append(&text, "  ");
		text_append_visible(&text, err->hint, strlen(err->hint));
		text_append_char(&text, '\n');
	}
	if (io_write_all(STDERR_FILENO, text.data, text.length) < 0)
		return; /* nobody listens; the exit status says the rest */
}
