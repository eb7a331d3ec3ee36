/*
 * completion_zsh: the tables as a script for zsh: to be sourced, or as `_cordon` in a folder of
 * fpath. Words of the tables come with what they mean.
 */
#include "runtime/cli/completion.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

/* 'WORD:MEANING' as _describe takes it. */
static void print_described(struct text *ret, const char *word, const char *meaning)
{
	text_printf(ret, "\t\t\t'%s:", word);
	for (; *meaning != '\0'; meaning++)
		text_append(ret, *meaning == '\'' ? "'\\''" : (const char[]){ *meaning, '\0' });
	text_append(ret, "'\n");
}

static void print_summary(void *context, const char *word, const struct command *command)
{
	print_described(context, word, command->summary);
}

static void print_pattern(void *context, const char *word, const struct command *command)
{
	struct text *ret = context;

	text_printf(ret, "%s'%s'", word == command->name ? "\t" : " | ", word);
}

static void print_command(struct text *ret, const struct command *command)
{
	const struct completion_kind *kind = completion_kind_of(command);
	_cleanup_text struct text dashed = {};

	completion_spellings(command, print_pattern, ret);
	text_append(ret, ")\n\t\toptions=(\n");
	print_described(ret, "--help", "print this help");
	for (const struct option *option = command->options; option != NULL && option->name != NULL;
	     option++) {
		text_clear(&dashed);
		text_printf(&dashed, "--%s", option->name);
		print_described(ret, text_string(&dashed), option->help);
	}
	text_append(ret, "\t\t)\n");
	if (kind != NULL && kind->ask != NULL)
		text_printf(ret, "\t\t[[ $current == -* ]] || names=(${(f)\"$(%s)\"})\n",
		            kind->ask);
	else if (kind != NULL)
		text_printf(ret, "\t\tnames=(%s)\n", kind->words);
	text_append(ret, "\t\t;;\n");
}

static void print_first(struct text *ret)
{
	text_append(ret, "\t'')\n\t\toptions=(\n");
	for (size_t i = 0; i < global_option_count; i++)
		print_described(ret, global_options[i].name, global_options[i].help);
	text_append(ret, "\t\t)\n\t\twords_of=(\n");
	print_described(ret, "help", "print what a command does");
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++)
		print_described(ret, completion_families[i], "commands of this kind");
	completion_single(print_summary, ret);
	text_append(ret, "\t\t)\n\t\t;;\n");
}

void completion_zsh(struct text *ret)
{
	text_append(ret,
	            "#compdef cordon\n"
	            "# zsh completion for cordon, made from its tables by: cordon completion zsh\n"
	            "_cordon() {\n"
	            "\tlocal current=${words[CURRENT]} command=${words[2]-}\n"
	            "\tlocal -a options words_of names\n"
	            "\t(( CURRENT != 2 )) || command=''\n"
	            "\tcase $command in\n"
	            "\tcontainer | image | manifest | policy | system | volume)\n"
	            "\t\t(( CURRENT == 3 )) || command+=\" ${words[3]}\"\n"
	            "\t\t;;\n"
	            "\tesac\n"
	            "\tcase $command in\n");
	print_first(ret);
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++) {
		text_printf(ret, "\t%s)\n\t\twords_of=(\n", completion_families[i]);
		completion_members(completion_families[i], print_summary, ret);
		text_append(ret, "\t\t)\n\t\t;;\n");
	}
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			print_command(ret, commands[i]);
	text_append(ret, "\tesac\n"
	                 "\tif [[ $current == -* ]]; then\n"
	                 "\t\t_describe -o option options\n"
	                 "\telif (( $#words_of )); then\n"
	                 "\t\t_describe command words_of\n"
	                 "\telif (( $#names )); then\n"
	                 "\t\tcompadd -a names || _files\n"
	                 "\telse\n"
	                 "\t\t_files\n"
	                 "\tfi\n"
	                 "}\n"
	                 "if [ \"$funcstack[1]\" = _cordon ]; then\n"
	                 "\t_cordon \"$@\"\n"
	                 "else\n"
	                 "\tcompdef _cordon cordon\n"
	                 "fi\n");
}
