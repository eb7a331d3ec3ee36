/*
 * completion_fish: the tables as a script for fish, a line an option. Of a value that is a file or
 * a folder fish offers files.
 */
#include "runtime/cli/completion.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

/* In single quotes, in which fish knows \' and \\. */
static void print_quoted(struct text *ret, const char *text)
{
	text_append_char(ret, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			text_append_char(ret, '\\');
		text_append_char(ret, *text);
	}
	text_append_char(ret, '\'');
}

static void print_choice(struct text *ret, const char *condition, const char *word,
                         const char *meaning)
{
	text_printf(ret, "complete -c cordon -n '%s' -f -a '%s' -d ", condition, word);
	print_quoted(ret, meaning);
	text_append_char(ret, '\n');
}

/* Where a word is one of those that begin a line, or of a family's. */
struct choices {
	struct text *ret;
	const char *condition;
};

static void print_word(void *context, const char *word, const struct command *command)
{
	const struct choices *choices = context;

	print_choice(choices->ret, choices->condition, word, command->summary);
}

static void print_spelling(void *context, const char *word, const struct command *command)
{
	(void)command;
	text_printf(context, " \"%s\"", word);
}

static bool names_file(const char *value)
{
	static const char *const files[] = { "FILE", "DIR", "PATH", "FOLDER" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (strstr(value, files[i]) != NULL)
			return true;
	return false;
}

static void print_option(struct text *ret, const char *condition, const struct option *option)
{
	text_printf(ret, "complete -c cordon -n '%s'", condition);
	if (option->letter != 0)
		text_printf(ret, " -s %c", option->letter);
	text_printf(ret, " -l %s", option->name);
	if (option_takes_value(option))
		text_append(ret, names_file(option->value) ? " -r -F" : " -x");
	text_append(ret, " -d ");
	print_quoted(ret, option->help);
	text_append_char(ret, '\n');
}

static void print_command(struct text *ret, const struct command *command)
{
	const struct completion_kind *kind = completion_kind_of(command);
	_cleanup_text struct text condition = {};

	text_append(&condition, "__cordon_is");
	completion_spellings(command, print_spelling, &condition);
	if (kind != NULL) {
		text_printf(ret, "complete -c cordon -n '%s' -f -a ", text_string(&condition));
		if (kind->ask == NULL) {
			print_quoted(ret, kind->words);
		} else {
			_cleanup_text struct text ask = {};

			text_printf(&ask, "(%s)", kind->ask);
			print_quoted(ret, text_string(&ask));
		}
		text_append_char(ret, '\n');
	}
	text_printf(ret, "complete -c cordon -n '%s' -l help -d 'print this help'\n",
	            text_string(&condition));
	for (const struct option *option = command->options; option != NULL && option->name != NULL;
	     option++)
		print_option(ret, text_string(&condition), option);
}

void completion_fish(struct text *ret)
{
	struct choices choices = { ret, "__cordon_is \"\"" };
	_cleanup_text struct text family = {};

	text_append(
	        ret,
	        "# fish completion for cordon, made from its tables by: cordon completion fish\n"
	        "function __cordon_is\n"
	        "\tset -l before (commandline -opc)\n"
	        "\tset -l spelt \"$before[2]\"\n"
	        "\tif contains -- \"$spelt\" container image manifest policy system volume; and set -q "
	        "before[3]\n"
	        "\t\tset spelt \"$before[2] $before[3]\"\n"
	        "\tend\n"
	        "\tcontains -- \"$spelt\" $argv\n"
	        "end\n");
	for (size_t i = 0; i < global_option_count; i++)
		print_choice(ret, choices.condition, global_options[i].name,
		             global_options[i].help);
	print_choice(ret, choices.condition, "help", "print what a command does");
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++)
		print_choice(ret, choices.condition, completion_families[i],
		             "commands of this kind");
	completion_single(print_word, &choices);
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++) {
		text_clear(&family);
		text_printf(&family, "__cordon_is \"%s\"", completion_families[i]);
		choices.condition = text_string(&family);
		completion_members(completion_families[i], print_word, &choices);
	}
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			print_command(ret, commands[i]);
}
