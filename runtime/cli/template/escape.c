/*
 * escape: html, js and urlquery: all arguments printed as by print, then made harmless for where
 * they go, as Go's text/template does it.
 */
#include "runtime/cli/template/character.h"
#include "runtime/cli/template/function.h"
#include "runtime/cli/template/tree.h"

#include "sandbox/base/cleanup.h"

#include <ctype.h>
#include <string.h>

struct replacement {
	char letter;
	const char *with;
};

static const struct replacement html_rows[] = {
	{ '"', "&#34;" }, { '\'', "&#39;" }, { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, {},
};
static const struct replacement js_rows[] = {
	{ '\\', "\\\\" },   { '\'', "\\'" },    { '"', "\\\"" },    { '<', "\\u003C" },
	{ '>', "\\u003E" }, { '&', "\\u0026" }, { '=', "\\u003D" }, {},
};

static const char *replacement_of(const struct replacement *rows, char letter)
{
	for (; rows->with != NULL; rows++)
		if (rows->letter == letter)
			return rows->with;
	return NULL;
}

/* What is not printable is an escape to JavaScript; all else that has no row stays. */
static void append_escaped(struct text *ret, const char *next, const struct replacement *rows)
{
	while (*next != '\0') {
		const char *with = replacement_of(rows, *next);
		uint32_t code;
		size_t length = character_read(&code, next);

		if (with != NULL)
			text_append(ret, with);
		else if (rows == js_rows && !character_is_printable(code))
			text_printf(ret, "\\u%04X", (unsigned)code);
		else
			text_append_bytes(ret, next, length);
		next += length;
	}
}

static void print_all(struct text *ret, const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		print_value(ret, arguments->items[i]);
}

static int escape(struct run *run, const struct value **ret, const struct arguments *arguments,
                  const struct replacement *rows)
{
	_cleanup_text struct text plain = {}, text = {};

	print_all(&plain, arguments);
	append_escaped(&text, text_string(&plain), rows);
	return run_string(run, ret, &text);
}

static int html(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	return escape(run, ret, arguments, html_rows);
}

static int js(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	return escape(run, ret, arguments, js_rows);
}

static int urlquery(struct run *run, const struct value **ret, const struct arguments *arguments)
{
	_cleanup_text struct text plain = {}, text = {};

	print_all(&plain, arguments);
	for (const char *next = text_string(&plain); *next != '\0'; next++) {
		if (isalnum((unsigned char)*next) || strchr("-_.~", *next) != NULL)
			text_append_char(&text, *next);
		else if (*next == ' ')
			text_append_char(&text, '+');
		else
			text_printf(&text, "%%%02X", (unsigned char)*next);
	}
	return run_string(run, ret, &text);
}

const struct function escape_functions[] = {
	{ "html", 1, SIZE_MAX, html, false },
	{ "js", 1, SIZE_MAX, js, false },
	{ "urlquery", 1, SIZE_MAX, urlquery, false },
	{},
};
