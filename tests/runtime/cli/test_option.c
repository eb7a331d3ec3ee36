/* Command lines in all their spellings, against a table of one option a kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/cli/command.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

struct options {
	bool flag, quiet, off;
	const char *text;
	struct plan_strings list;
	int64_t number;
};

static const struct option table[] = {
	{ 'f', "flag", OPTION_FLAG, offsetof(struct options, flag), NULL, "a flag" },
	{ 'q', "quiet", OPTION_FLAG, offsetof(struct options, quiet), NULL, "another" },
	{ 0, "proxy", OPTION_ON, offsetof(struct options, off), NULL, "on by itself" },
	{ 't', "text", OPTION_TEXT, offsetof(struct options, text), "TEXT", "a text" },
	{ 'l', "list", OPTION_LIST, offsetof(struct options, list), "ITEM", "a list" },
	{ 'n', "number", OPTION_NUMBER, offsetof(struct options, number), "NUMBER", "a number" },
	OPTIONS_END,
};

static const struct command plain = {
	.name = "plain", .operands = "WORD...", .options = table, .least = 0, .most = 3
};
static const struct command passing = { .name = "passing",
	                                .operands = "WORD [COMMAND...]",
	                                .options = table,
	                                .least = 1,
	                                .most = SIZE_MAX,
	                                .own_words = true };

enum { WORDS = 8 };

struct row {
	const char *words[WORDS];
	/* "flags|text|list|number|operands" as shown below */
	const char *result;
};

static const char *show(struct arena *arena, const struct options *options,
                        const char *const *operands)
{
	_cleanup_text struct text text = {};

	text_printf(&text, "%s%s%s|%s|", options->flag ? "f" : "", options->quiet ? "q" : "",
	            options->off ? "o" : "", options->text == NULL ? "-" : options->text);
	for (size_t i = 0; i < options->list.count; i++)
		text_printf(&text, "%s%s", i > 0 ? "," : "", options->list.items[i]);
	text_printf(&text, "|%lld|", (long long)options->number);
	for (; *operands != NULL; operands++)
		text_printf(&text, "%s%s", *operands, operands[1] != NULL ? "," : "");
	return arena_strdup(arena, text.data);
}

static void check(const struct command *command, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_arena struct arena arena = {};
		struct options options = {};
		const char *const *rest;
		struct error err = {};
		int result = option_parse(&options, command, &arena, rows[i].words, &rest, &err);

		if (result < 0)
			fail_msg("row %zu: %s", i, err.text);
		assert_string_equal(result == 1 ? "help" : show(&arena, &options, rest),
		                    rows[i].result);
	}
}

static void test_spellings(void **state)
{
	static const struct row rows[] = {
		{ { NULL }, "|-||0|" },
		{ { "a", "b" }, "|-||0|a,b" },
		{ { "-f" }, "f|-||0|" },
		{ { "--flag" }, "f|-||0|" },
		{ { "--flag=true" }, "f|-||0|" },
		{ { "--flag=false" }, "|-||0|" },
		{ { "-f", "--flag=0" }, "|-||0|" },
		{ { "-fq" }, "fq|-||0|" },
		{ { "-qf=false" }, "q|-||0|" },
		{ { "--proxy" }, "|-||0|" },
		{ { "--proxy=false" }, "o|-||0|" },
		{ { "--proxy=false", "--proxy=true" }, "|-||0|" },
		{ { "-t", "x" }, "|x||0|" },
		{ { "-tx" }, "|x||0|" },
		{ { "-t=x" }, "|x||0|" },
		{ { "--text", "x" }, "|x||0|" },
		{ { "--text=x" }, "|x||0|" },
		{ { "--text=" }, "|||0|" },
		{ { "--text=a=b" }, "|a=b||0|" },
		{ { "-t", "-f" }, "|-f||0|" },
		{ { "-t", "--help" }, "|--help||0|" },
		{ { "-ft", "x" }, "f|x||0|" },
		{ { "-ftx", "-t", "y" }, "f|y||0|" },
		{ { "-l", "a", "--list=b", "-lc" }, "|-|a,b,c|0|" },
		{ { "-n", "-5" }, "|-||-5|" },
		{ { "--number=12" }, "|-||12|" },
		{ { "a", "-f", "b" }, "f|-||0|a,b" },
		{ { "--", "-f", "--", "-" }, "|-||0|-f,--,-" },
		{ { "-" }, "|-||0|-" },
		{ { "--help", "--nonsense" }, "help" },
		{ { "a", "-h" }, "help" },
	};

	(void)state;
	check(&plain, rows, ARRAY_SIZE(rows));
}

static void test_own_words(void **state)
{
	static const struct row rows[] = {
		{ { "-f", "a", "-q", "--text", "x" }, "f|-||0|a,-q,--text,x" },
		{ { "-t", "x", "a", "--", "-f" }, "|x||0|a,--,-f" },
		{ { "--", "a", "-f" }, "|-||0|a,-f" },
		{ { "a", "--help" }, "|-||0|a,--help" },
		{ { "-t", "x", "--help" }, "help" },
	};

	(void)state;
	check(&passing, rows, ARRAY_SIZE(rows));
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *text, *hint;
	} rows[] = {
		{ { "--flga" }, "unknown flag: --flga", "did you mean --flag?" },
		{ { "--nothing-like-it" },
		  "unknown flag: --nothing-like-it",
		  "see cordon plain --help" },
		{ { "-x" }, "unknown shorthand flag in -x", "see cordon plain --help" },
		{ { "-fx" }, "unknown shorthand flag in -fx", "see cordon plain --help" },
		{ { "--text" }, "flag needs an argument: --text", "see cordon plain --help" },
		{ { "-t" }, "flag needs an argument: -t", "see cordon plain --help" },
		{ { "--flag=maybe" }, "--flag takes true or false", "see cordon plain --help" },
		{ { "--number", "x" }, "--number takes a whole number", "see cordon plain --help" },
		{ { "--number", "99999999999999999999" },
		  "--number takes a whole number",
		  "see cordon plain --help" },
		{ { "--=x" }, "unknown flag: --", "see cordon plain --help" },
		{ { "a", "b", "c", "d" },
		  "\"cordon plain\" takes these arguments: WORD...",
		  "see cordon plain --help" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct options options = {};
		const char *const *rest;
		struct error err = {};

		assert_int_equal(option_parse(&options, &plain, &arena, rows[i].words, &rest, &err),
		                 -1);
		assert_string_equal(err.text, rows[i].text);
		assert_string_equal(err.hint, rows[i].hint);
		assert_int_equal(err.exit_status, EXIT_ENGINE);
	}
}

/* No operand is none, not an empty one. */
static void test_no_operands(void **state)
{
	const char *const words[] = { "--flag", NULL };
	_cleanup_arena struct arena arena = {};
	struct options options = {};
	const char *const *rest = words;
	struct error err = {};

	(void)state;
	assert_int_equal(option_parse(&options, &plain, &arena, words, &rest, &err), 0);
	assert_null(rest[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_own_words),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_no_operands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
