/*
 * help: the tables as help for a terminal, as manual pages, and as a completion for bash.
 */
#include "runtime/cli/command.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

enum { OPTION_COLUMN = 34 };

static void option_usage(struct text *ret, const struct option *option)
{
	if (option->letter != 0)
		text_printf(ret, "-%c, ", option->letter);
	else
		text_append(ret, "    ");
	text_printf(ret, "--%s", option->name);
	if (option->kind != OPTION_FLAG)
		text_printf(ret, " %s", option->value == NULL ? "VALUE" : option->value);
}

void help_command(struct text *ret, const struct command *command)
{
	text_printf(ret, "Usage:  cordon %s%s%s%s\n\n%s\n", command->name,
	            command->options != NULL ? " [OPTIONS]" : "",
	            command->operands[0] != '\0' ? " " : "", command->operands, command->summary);
	if (command->details != NULL)
		text_printf(ret, "\n%s\n", command->details);
	if (command->options == NULL || command->options->name == NULL)
		return;
	text_append(ret, "\nOptions:\n");
	for (const struct option *option = command->options; option->name != NULL; option++) {
		_cleanup_text struct text usage = {};

		option_usage(&usage, option);
		text_printf(ret, "  %-*s%s%s\n", OPTION_COLUMN - 2, usage.data,
		            usage.length >= OPTION_COLUMN - 2 ? "  " : "", option->help);
	}
}

void help_all(struct text *ret)
{
	text_append(ret, "Usage:  cordon [--trace-time] COMMAND [OPTIONS]\n\n"
	                 "Hardened containers without root and without a daemon\n\nCommands:\n");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			text_printf(ret, "  %-18s%s\n", commands[i]->name, commands[i]->summary);
	text_append(
	        ret,
	        "\nGlobal options:\n  --trace-time      print a line a step of run, with its time\n"
	        "  --version         print the version\n\n"
	        "Run \"cordon COMMAND --help\" for more on a command.\n");
}

/* roff takes a leading dot or quote as a request, and '-' as a hyphen. */
static void roff(struct text *ret, const char *text)
{
	bool start = true;

	for (; *text != '\0'; text++) {
		if (start && (*text == '.' || *text == '\''))
			text_append(ret, "\\&");
		if (*text == '-')
			text_append(ret, "\\-");
		else if (*text == '\\')
			text_append(ret, "\\e");
		else
			text_append_char(ret, *text);
		start = *text == '\n';
	}
}

static void manual_options(struct text *ret, const struct command *command)
{
	if (command->options == NULL || command->options->name == NULL)
		return;
	text_append(ret, ".SH OPTIONS\n");
	for (const struct option *option = command->options; option->name != NULL; option++) {
		text_append(ret, ".TP\n\\fB");
		if (option->letter != 0)
			text_printf(ret, "\\-%c\\fR, \\fB", option->letter);
		text_append(ret, "\\-\\-");
		roff(ret, option->name);
		text_append(ret, "\\fR");
		if (option->kind != OPTION_FLAG)
			text_printf(ret, " \\fI%s\\fR",
			            option->value == NULL ? "VALUE" : option->value);
		text_append_char(ret, '\n');
		roff(ret, option->help);
		text_append_char(ret, '\n');
	}
}

void help_manual(struct text *ret, const struct command *command)
{
	_cleanup_text struct text title = {};

	for (const char *next = command->name; *next != '\0'; next++)
		text_append_char(&title, *next == ' ' ? '-' : *next);
	text_printf(ret, ".TH CORDON-%s 1\n.SH NAME\ncordon\\-%s \\- ", title.data, title.data);
	roff(ret, command->summary);
	text_printf(ret, "\n.SH SYNOPSIS\n\\fBcordon %s\\fR%s ", command->name,
	            command->options != NULL ? " [\\fIOPTIONS\\fR]" : "");
	roff(ret, command->operands);
	text_append_char(ret, '\n');
	if (command->details != NULL) {
		text_append(ret, ".SH DESCRIPTION\n");
		roff(ret, command->details);
		text_append_char(ret, '\n');
	}
	manual_options(ret, command);
	text_append(ret, ".SH SEE ALSO\n\\fBcordon\\fR(1)\n");
}

void help_completion(struct text *ret)
{
	text_append(
	        ret,
	        "# bash completion for cordon; made from its tables by: cordon completion bash\n"
	        "_cordon() {\n\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
	        "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden && strchr(commands[i]->name, ' ') == NULL)
			text_printf(ret, "%s ", commands[i]->name);
	text_append(ret, "\" -- \"$current\"))\n\t\treturn\n\tfi\n\tcase $command in\n");
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden || commands[i]->options == NULL ||
		    strchr(commands[i]->name, ' ') != NULL)
			continue;
		text_printf(ret, "\t%s) COMPREPLY=($(compgen -W \"", commands[i]->name);
		for (const struct option *option = commands[i]->options; option->name != NULL;
		     option++)
			text_printf(ret, "--%s ", option->name);
		text_append(ret, "\" -- \"$current\")) ;;\n");
	}
	text_append(ret, "\tesac\n}\ncomplete -o default -F _cordon cordon\n");
}
