/*
 * The table of commands: that it is sound, that words find its rows, and that help, manual,
 * completion and the list of pages that are installed agree with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/cli/commands.h"
#include "runtime/cli/help.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];
		size_t count = 0;

		assert_non_null(command->run);
		assert_true(command->group < GROUP_COUNT);
		assert_true(command->least <= command->most);
		assert_true(isupper((unsigned char)command->summary[0]));
		assert_int_not_equal(command->summary[strlen(command->summary) - 1], '.');
		assert_int_equal(command->most == 0, command->operands[0] == '\0');
		for (const struct option *option = command->options;
		     option != NULL && option->name != NULL; option++, count++) {
			assert_true(option->offset < command->options_size);
			assert_int_equal(option_takes_value(option), option->value != NULL);
			assert_int_not_equal(option->help[0], '\0');
			for (const struct option *other = command->options; other != option;
			     other++) {
				assert_string_not_equal(other->name, option->name);
				assert_true(option->letter == 0 || other->letter != option->letter);
			}
		}
	}
}

static void check_absent(const char *table)
{
	struct absent row, again;

	for (const char *next = table; absent_next(&row, &next);) {
		assert_true(absent_find(&again, table, row.name, 0));
		assert_ptr_equal(again.name, row.name);
		if (row.letter != '-') {
			assert_true(absent_find(&again, table, NULL, row.letter));
			assert_ptr_equal(again.name, row.name);
		}
		assert_int_not_equal(row.reason[0], '\0');
		assert_int_not_equal(row.way_out[0], '\0');
	}
}

/* Neither the command nor the option is here. */
static void check_option(const struct command *command, const struct option *option)
{
	struct absent row;

	assert_false(absent_find(&row, command->absent, option->name, 0));
	assert_true(option->letter == 0 ||
	            !absent_find(&row, command->absent, NULL, option->letter));
}

/* What is said not to be here is not here, once each, with a reason and a way out. */
static void test_absent(void **state)
{
	const char *next = absent_commands;
	struct absent row;
	size_t used;

	(void)state;
	check_absent(absent_commands);
	check_absent(absent_members);
	for (size_t i = 0; i < command_count; i++)
		if (commands[i]->absent != NULL)
			check_absent(commands[i]->absent);
	assert_false(absent_find(&row, absent_commands, "run", 0));
	assert_false(absent_find(&row, NULL, "run", 0));
	while (absent_next(&row, &next)) {
		const char *words[] = { row.name, NULL };

		assert_null(command_find(words, &used));
		assert_false(command_is_family(row.name));
	}
	for (next = absent_members; absent_next(&row, &next);) {
		const char *space = strchr(row.name, ' ');
		char family[32];
		const char *words[] = { family, space + 1, NULL };

		snprintf(family, sizeof family, "%.*s", (int)(space - row.name), row.name);
		assert_null(command_find(words, &used));
		assert_true(command_is_family(family));
	}
	for (size_t i = 0; i < command_count; i++)
		for (const struct option *option = commands[i]->options;
		     option != NULL && option->name != NULL; option++)
			check_option(commands[i], option);
}

static void expect(const char *const *words, const char *name, size_t used)
{
	size_t taken = 0;
	const struct command *command = command_find(words, &taken);

	if (name == NULL) {
		assert_null(command);
		return;
	}
	assert_non_null(command);
	assert_string_equal(command->name, name);
	assert_int_equal(taken, used);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_find(void **state)
{
	(void)state;
	expect(WORDS("run", "image"), "run", 1);
	expect(WORDS("container", "run", "x"), "run", 2);
	expect(WORDS("container", "ls"), "ps", 2);
	expect(WORDS("container", "inspect"), "container inspect", 2);
	expect(WORDS("inspect"), "inspect", 1);
	expect(WORDS("image", "ls"), "images", 2);
	expect(WORDS("image", "rm", "x"), "rmi", 2);
	expect(WORDS("image", "inspect"), "image inspect", 2);
	expect(WORDS("system", "info"), "info", 2);
	expect(WORDS("image"), NULL, 0);
	expect(WORDS("container"), NULL, 0);
	expect(WORDS("container", "container", "run"), NULL, 0);
	expect(WORDS("container", "images"), NULL, 0);
	expect(WORDS("container", "pull"), NULL, 0);
	expect(WORDS("ru"), NULL, 0);
	expect(WORDS("run "), NULL, 0);
	expect(WORDS(""), NULL, 0);
	expect((const char *const[]){ NULL }, NULL, 0);
	assert_true(command_is_family("image"));
	assert_true(command_is_family("container"));
	assert_false(command_is_family("run"));
	assert_false(command_is_family(""));
	assert_string_equal(command_nearest("rnu"), "run");
	assert_string_equal(command_nearest("imags"), "images");
	assert_string_equal(command_nearest("image lss"), "image ls");
	assert_string_equal(command_nearest("volume sl"), "volume ls");
	assert_string_equal(command_nearest("policy chek"), "policy check");
	assert_string_equal(command_nearest("contianer"), "container");
	assert_string_equal(command_nearest("voluem"), "volume");
	assert_null(command_nearest("bogus"));
	assert_null(command_nearest("xy"));
	assert_null(command_nearest("something else"));
}

static void assert_holds(const struct text *text, const char *part, const char *command)
{
	if (strstr(text_string(text), part) == NULL)
		fail_msg("%s: '%s' is missing in:\n%s", command, part, text_string(text));
}

/* One blank for all that parts words: a help is broken into lines. */
static void flow(struct text *ret, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text != ' ' && *text != '\n')
			text_append_char(ret, *text);
		else if (ret->length > 0 && ret->data[ret->length - 1] != ' ')
			text_append_char(ret, ' ');
}

/* Of 80 columns, where one word does not need more. */
static void assert_fits(const struct text *text, const char *command)
{
	for (const char *line = text->data; *line != '\0'; line += strcspn(line, "\n") + 1) {
		size_t length = strcspn(line, "\n"), start = strspn(line, " ");

		if (length > 80 && memchr(line + start, ' ', length - start) != NULL &&
		    !text_starts(line, "Usage:"))
			fail_msg("%s: wider than a terminal: %.*s", command, (int)length, line);
	}
}

/* "--cap-add" as roff spells it: "\-\-cap\-add" */
static void roff_option(struct text *ret, const char *name)
{
	text_append(ret, "\\-\\-");
	for (; *name != '\0'; name++)
		text_append(ret, *name == '-' ? "\\-" : (const char[]){ *name, '\0' });
}

/* The scripts of all shells have what the table has; fish spells options without the dashes. */
static void test_completions(void **state)
{
	_cleanup_text struct text bash = {}, zsh = {}, fish = {};

	(void)state;
	completion_bash(&bash);
	completion_zsh(&zsh);
	completion_fish(&fish);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];

		if (command->hidden) {
			assert_null(strstr(bash.data, command->name));
			assert_null(strstr(zsh.data, command->name));
			assert_null(strstr(fish.data, command->name));
			continue;
		}
		assert_holds(&bash, command->name, command->name);
		assert_holds(&zsh, command->name, command->name);
		assert_holds(&fish, command->name, command->name);
		for (const struct option *option = command->options;
		     option != NULL && option->name != NULL; option++) {
			_cleanup_text struct text dashed = {}, described = {}, plain = {};

			text_printf(&dashed, "--%s", option->name);
			text_printf(&described, "'--%s:", option->name);
			text_printf(&plain, " -l %s ", option->name);
			assert_holds(&bash, dashed.data, command->name);
			assert_holds(&zsh, described.data, command->name);
			assert_holds(&fish, plain.data, command->name);
		}
	}
}

static void test_agreement(void **state)
{
	_cleanup_text struct text all = {}, manual = {};

	(void)state;
	help_all(&all);
	manual_all(&manual);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];
		_cleanup_text struct text broken = {}, help = {}, page = {}, details = {};

		help_command(&broken, command);
		assert_fits(&broken, command->name);
		flow(&help, text_string(&broken));
		flow(&details, command->details == NULL ? "" : command->details);
		assert_holds(&help, text_string(&details), command->name);
		manual_command(&page, command);
		assert_holds(&help, command->summary, command->name);
		if (command->hidden) {
			assert_null(strstr(all.data, command->name));
			assert_null(strstr(manual.data, command->name));
			continue;
		}
		assert_holds(&all, command->summary, command->name);
		assert_holds(&manual, command->summary, command->name);
		for (const struct option *option = command->options;
		     option != NULL && option->name != NULL; option++) {
			_cleanup_text struct text spelt = {}, roff = {};

			text_printf(&spelt, "--%s", option->name);
			roff_option(&roff, option->name);
			assert_holds(&help, spelt.data, command->name);
			assert_holds(&help, option->help, command->name);
			assert_holds(&page, roff.data, command->name);
		}
	}
}

/* docs/meson.build must name every page, or meson would not install it. */
static void test_installed_pages(void **state)
{
	_cleanup_fd int fd = open(CORDON_SOURCE "/docs/meson.build", O_RDONLY | O_CLOEXEC);
	_cleanup_text struct text list = {};
	struct error err = {};
	size_t pages = 0, named = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_read_all(&list, fd, 65536, &err), 0);
	for (size_t i = 0; i < command_count; i++) {
		_cleanup_text struct text name = {}, quoted = {};

		if (commands[i]->hidden)
			continue;
		manual_file_name(&name, commands[i]);
		text_printf(&quoted, "'%s'", name.data);
		assert_holds(&list, quoted.data, commands[i]->name);
		pages++;
	}
	for (const char *next = list.data; (next = strstr(next, "'cordon-")) != NULL; next++)
		named++;
	assert_int_equal(named, pages);
}

/* A line of a page that begins with a dot must be a macro we know. */
static void test_roff(void **state)
{
	static const char *const macros[] = { ".TH", ".SH", ".SS", ".TP", ".br" };

	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		_cleanup_text struct text page = {};

		manual_command(&page, commands[i]);
		for (const char *line = page.data; line != NULL && *line != '\0';
		     line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1) {
			bool known = line[0] != '.' && line[0] != '\'';

			for (size_t m = 0; m < ARRAY_SIZE(macros); m++)
				known |= text_starts(line, macros[m]);
			if (!known)
				fail_msg("%s: %.40s", commands[i]->name, line);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),      cmocka_unit_test(test_absent),
		cmocka_unit_test(test_find),      cmocka_unit_test(test_completions),
		cmocka_unit_test(test_agreement), cmocka_unit_test(test_installed_pages),
		cmocka_unit_test(test_roff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
