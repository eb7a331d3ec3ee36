/*
 * --format's templates: template/cases.json holds what Go itself prints (template/oracle.go), and
 * must be printed here; the rows below are for what Go has no say in: which objects are maps, the
 * errors, the limits.
 */
#include "runtime/cli/template/template.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* All rows are looked at before the test fails. */
static unsigned failures;

__attribute__((format(printf, 1, 2))) static void wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	failures++;
}

static struct value *read_json(struct arena *arena, const char *path)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_text struct text text = {};
	struct value *ret;
	struct error err;

	assert_true(fd >= 0);
	assert_int_equal(io_read_all(&text, fd, 1 << 20, &err), 0);
	assert_int_equal(value_decode(&ret, arena, path, text.data, text.length, &err), 0);
	return ret;
}

static struct value *data_of(struct arena *arena)
{
	struct value *cases =
	        read_json(arena, CORDON_SOURCE "/tests/runtime/cli/template/cases.json");

	return cases->items[0];
}

static void test_go(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *cases =
	        read_json(&arena, CORDON_SOURCE "/tests/runtime/cli/template/cases.json");
	const struct value *rows = value_get(cases, "rows");

	(void)state;
	assert_true(rows->count > 150);
	for (size_t i = 0; i < rows->count; i++) {
		const char *source = value_string(rows->items[i]->items[0], NULL);
		const char *expected = value_string(rows->items[i]->items[1], NULL);
		_cleanup_text struct text text = {};
		struct error err = {};
		int result = template_print(&text, source, value_get(cases, "data"), &err);

		if (expected == NULL && result == 0)
			wrong("%s: '%s', Go refuses it", source, text_string(&text));
		else if (expected != NULL && result < 0)
			wrong("%s: %s, Go prints '%s'", source, err.text, expected);
		else if (expected != NULL && strcmp(text_string(&text), expected) != 0)
			wrong("%s: '%s', Go prints '%s'", source, text_string(&text), expected);
	}
	assert_int_equal(failures, 0);
}

static const struct {
	const char *source, *expected;
} printed[] = {
	/* structs and maps of Docker's inspect */
	{ "{{index .NetworkSettings.Ports \"443/tcp\"}}", "[{:: 8443} {1.2.3.4 9}]" },
	{ "{{index .NetworkSettings.Ports \"1/tcp\"}}", "[]" },
	{ "{{.Mounts}}", "[{/data true /srv} {/x false /etc/x}]" },
	{ "{{.Config.Labels.nope}}", "<no value>" },
	{ "{{with index .Config.Labels \"nope\"}}x{{else}}none{{end}}", "none" },
	/* Go's name and JSON's */
	{ "{{.ID}}", "0123456789abcdef0123" },
	{ "{{range .NetworkSettings.Ports}}{{(index . 0).HostIP}} {{end}}", ":: 0.0.0.0 " },
	/* a shell's quotes leave these alone */
	{ "a\\tb\\n{{.Name}}\\x", "a\tb\n/web\\x" },
	{ "{{printf \"%5.3s|\" \"abcdef\"}}", "  abc|" },
};

static void test_printed(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *data = data_of(&arena);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(printed); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};

		if (template_print(&text, printed[i].source, data, &err) < 0)
			wrong("%s: %s", printed[i].source, err.text);
		if (strcmp(text_string(&text), printed[i].expected) != 0)
			wrong("%s: '%s', not '%s'", printed[i].source, text_string(&text),
			      printed[i].expected);
	}
	assert_int_equal(failures, 0);
}

/* Every error names the place and the word. */
static const struct {
	const char *source, *error;
} refused[] = {
	{ "{{.Nmae}}", "column 3: there is no field .Nmae" },
	{ "ü{{.State.Statsu}}", "column 4: there is no field .Statsu" },
	{ "a\n {{.Nope}}", "line 2, column 4: there is no field .Nope" },
	{ "{{.Name.X}}", "column 3: there is no field .X in a string" },
	{ "{{foo .Name}}", "column 3: there is no function 'foo'" },
	{ "{{.Name | foo}}", "column 11: there is no function 'foo'" },
	{ "{{Name}}", "column 3: there is no function 'Name'" },
	{ "{{template \"x\"}}", "column 3: template is not supported" },
	{ "{{define \"x\"}}{{end}}", "column 3: define is not supported" },
	{ "{{block \"x\" .}}{{end}}", "column 3: block is not supported" },
	{ "{{call .Name}}", "column 3: call is not supported" },
	{ "{{1i}}", "column 3: that is no number" },
	{ "{{$x}}", "column 3: there is no variable $x" },
	{ "{{end}}", "column 3: there is no if, range or with for this end" },
	{ "{{if .Name}}{{else}}", "column 3: if has no {{end}}" },
	{ "{{range .Args}}", "column 3: range has no {{end}}" },
	{ "{{if .Name}}{{else}}{{else}}{{end}}", "column 3: if has two {{else}}" },
	{ "{{if}}{{end}}", "column 3: if has no value" },
	{ "{{}}", "column 3: the action is empty" },
	{ "{{.Name", "column 8: the action has no end" },
	{ "{{\"a}}", "column 3: the quote is not closed" },
	{ "{{\"a\\0\"}}", "column 5: there is no such escape" },
	{ "{{\"a\\x00\"}}", "column 5: a string cannot hold a NUL" },
	{ "{{/* x", "column 1: the comment has no end" },
	{ "{{join .Args}}", "column 3: join takes 2 arguments, and has 1" },
	{ "{{not}}", "column 3: not takes 1 argument, and has 0" },
	{ "{{eq 1}}", "column 3: eq takes at least 2 arguments, and has 1" },
	{ "{{slice}}", "column 3: slice takes 1 to 3 arguments, and has 0" },
	{ "{{printf \"%d\" len .Args}}", "column 15: len has no arguments here" },
	{ "{{break}}", "column 3: break stands in no range" },
	{ "{{.Name | .Id}}", "column 11: what is no function takes no arguments" },
	{ "{{\"a\"\"b\"}}", "column 6: a blank is missing" },
	{ "{{.Name ; .Id}}", "column 9: ';' does not belong there" },
	{ "{{eq .State.Pid \"1\"}}", "column 3: an integer and a string cannot be compared" },
	{ "{{index .Args 2}}", "column 3: index 2 is out of range: there are 2" },
	{ "{{join .Mounts \",\"}}", "column 3: join takes a list of strings, not of an object" },
	{ "{{printf \"%d\" .Name}}", "column 3: printf: %d is not for a string" },
	{ "{{printf \"%d\"}}", "column 3: printf: there is no argument for %d" },
	{ "{{printf \"x\" 1 2}}", "column 3: printf: 2 arguments too many" },
	{ "{{printf \"%T\" 1}}", "column 3: printf: %T is not supported" },
	{ "{{printf \"%*d\" 1 2}}", "column 3: printf: %* is not supported" },
	{ "{{printf \"%[1]d\" 1}}", "column 3: printf: %[ is not supported" },
	{ "{{printf \"%+v\" .Args}}", "column 3: printf: %+v is not supported" },
	{ "{{printf \"%99999d\" 1}}", "column 3: printf: a width or precision of more than 10000" },
	{ "{{printf \"50%\"}}", "column 3: printf: the format ends within a verb" },
	{ "{{range .State.Pid}}{{end}}", "column 10: range cannot go over an integer" },
	{ "{{pad \"x\" -1 0}}", "column 3: pad takes a number from 0" },
};

static void test_refused(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *data = data_of(&arena);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};

		if (template_print(&text, refused[i].source, data, &err) == 0)
			wrong("%s: '%s'", refused[i].source, text_string(&text));
		if (!text_starts(err.text, "in --format, ") ||
		    strncmp(err.text + 13, refused[i].error, strlen(refused[i].error)) != 0)
			wrong("%s: '%s', not '%s'", refused[i].source, err.text, refused[i].error);
	}
	assert_int_equal(failures, 0);
}

/* A template cannot take the machine: nested loops, long results, deep nesting. */
static void test_limits(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *data = data_of(&arena);
	_cleanup_text struct text loops = {}, deep = {}, out = {};
	struct error err = {};

	(void)state;
	for (int i = 0; i < 60; i++)
		text_append(&loops, "{{range $.Mounts}}");
	text_append(&loops, "x");
	for (int i = 0; i < 60; i++)
		text_append(&loops, "{{end}}");
	assert_int_equal(template_print(&out, loops.data, data, &err), -1);
	assert_non_null(strstr(err.text, "makes too much"));
	for (int i = 0; i < 5000; i++)
		text_append(&deep, "{{if 1}}");
	assert_int_equal(template_print(&out, deep.data, data, &err), -1);
	assert_non_null(strstr(err.text, "nested too deep"));
	text_clear(&deep);
	text_append(&deep, "{{");
	for (int i = 0; i < 5000; i++)
		text_append_char(&deep, '(');
	assert_int_equal(template_print(&out, deep.data, data, &err), -1);
	assert_non_null(strstr(err.text, "nested too deep"));
}

/* What the template takes of a row is known before there is a row. */
static void test_fields(void **state)
{
	static const struct {
		const char *source;
		bool good;
	} rows[] = {
		{ "{{.ID}} {{.Names | upper}}", true },
		{ "{{.Nope}}", false },
		{ "{{if .ID}}{{$.Nope}}{{end}}", false },
		{ "{{with .ID}}{{.Whatever}}{{end}}", true },
		{ "{{with .ID}}{{else}}{{.Nope}}{{end}}", false },
		{ "{{range .Names}}{{$.Nope}}{{end}}", false },
		{ "{{upper (lower .Nope)}}", false },
	};
	const char *names[] = { "ID", "Names", NULL };
	const struct plan_strings known = { names, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct template *template;
		struct error err = {};

		assert_int_equal(template_parse(&template, &arena, rows[i].source, &err), 0);
		if ((template_check_fields(template, &known, &err) == 0) != rows[i].good)
			wrong("%s: %s", rows[i].source, err.text);
	}
	assert_int_equal(failures, 0);
}

static void test_titles(void **state)
{
	static const char source[] =
	        "{{.ID}}\t{{upper .Names}}\t{{json .ID}}\t{{truncate .Names 1}}\t{{.Label \"a.b\"}}";
	_cleanup_arena struct arena arena = {};
	struct value *titles = value_new_object(&arena);
	const struct template *template;
	_cleanup_text struct text text = {};
	struct error err = {};

	(void)state;
	value_set(&arena, titles, "ID", value_new_string(&arena, "Container id"));
	value_set(&arena, titles, "Names", value_new_string(&arena, "Names"));
	assert_int_equal(template_parse(&template, &arena, source, &err), 0);
	assert_int_equal(template_run_titles(&text, template, titles, &err), 0);
	assert_string_equal(text_string(&text), "Container id\tNames\tContainer id\tNames\ta.b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_go),      cmocka_unit_test(test_printed),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_fields),  cmocka_unit_test(test_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
