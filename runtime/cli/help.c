#include "runtime/cli/help.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

enum { OPTION_COLUMN = 34, NAME_COLUMN = 18, WIDTH = 80 };

const struct global_option global_options[] = {
	{ "--trace-time", "print a line a step of run, with its time" },
	{ "--version", "print the version" },
	{ "--help", "print the help of cordon, or of the command it stands behind" },
};
const size_t global_option_count = ARRAY_SIZE(global_options);

const char *const group_titles[] = {
	[GROUP_CONTAINER] = "Container",
	[GROUP_IMAGE] = "Image",
	[GROUP_POLICY] = "Policy",
	[GROUP_SYSTEM] = "System",
};
_Static_assert(ARRAY_SIZE(group_titles) == GROUP_COUNT, "a title for every group");

/* Words of `text`, from `column` on, in lines of WIDTH that begin at `indent`; what ends a line of
 * the text is a blank, and an empty line stays one. */
static void wrap(struct text *ret, const char *text, size_t column, size_t indent)
{
	bool first = true;

	while (*text != '\0') {
		size_t blank = strspn(text, " \n");
		bool paragraph = blank >= 2 && text[0] == '\n' && text[1] == '\n';
		const char *word = text + blank;
		size_t length = strcspn(word, " \n");

		if (paragraph || (!first && column + 1 + length > WIDTH)) {
			text_printf(ret, "%s\n%*s", paragraph ? "\n" : "", (int)indent, "");
			column = indent;
		} else if (!first) {
			text_append_char(ret, ' ');
			column++;
		}
		text_append_bytes(ret, word, length);
		column += length;
		text = word + length;
		first = false;
	}
	text_append_char(ret, '\n');
}

static void option_usage(struct text *ret, const struct option *option)
{
	if (option->letter != 0)
		text_printf(ret, "-%c, ", option->letter);
	else
		text_append(ret, "    ");
	text_printf(ret, "--%s", option->name);
	if (option_takes_value(option))
		text_printf(ret, " %s", option->value);
}

static void print_aliases(struct text *ret, const struct command *command)
{
	text_append(ret, "\nAliases:\n");
	for (const char *const *alias = command->aliases; *alias != NULL; alias++)
		text_printf(ret, "  cordon %s\n", *alias);
}

static void print_options(struct text *ret, const struct command *command)
{
	text_append(ret, "\nOptions:\n");
	for (const struct option *option = command->options; option->name != NULL; option++) {
		_cleanup_text struct text usage = {};

		option_usage(&usage, option);
		text_printf(ret, "  %-*s", OPTION_COLUMN - 2, usage.data);
		if (usage.length > OPTION_COLUMN - 4)
			text_printf(ret, "\n%*s", OPTION_COLUMN, "");
		wrap(ret, option->help, OPTION_COLUMN, OPTION_COLUMN);
	}
}

void help_command(struct text *ret, const struct command *command)
{
	text_printf(ret, "Usage:  cordon %s%s%s%s\n\n%s\n", command->name,
	            command->options != NULL ? " [OPTIONS]" : "",
	            command->operands[0] != '\0' ? " " : "", command->operands, command->summary);
	if (command->details != NULL) {
		text_append_char(ret, '\n');
		wrap(ret, command->details, 0, 0);
	}
	if (command->aliases != NULL)
		print_aliases(ret, command);
	if (command->options != NULL)
		print_options(ret, command);
}

void help_all(struct text *ret)
{
	text_append(ret, "Usage:  cordon [--trace-time] COMMAND [OPTIONS]\n\n"
	                 "Hardened containers without root and without a daemon\n");
	for (int group = 0; group < GROUP_COUNT; group++) {
		text_printf(ret, "\n%s Commands:\n", group_titles[group]);
		for (size_t i = 0; i < command_count; i++)
			if (!commands[i]->hidden && (int)commands[i]->group == group)
				text_printf(ret, "  %-*s%s\n", NAME_COLUMN, commands[i]->name,
				            commands[i]->summary);
	}
	text_append(ret, "\nGlobal Options:\n");
	for (size_t i = 0; i < global_option_count; i++)
		text_printf(ret, "  %-*s%s\n", NAME_COLUMN, global_options[i].name,
		            global_options[i].help);
	text_append(ret, "\nRun \"cordon COMMAND --help\" for more on a command.\n");
}

static bool has_own(const char *family, const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (text_equal(command_member(commands[i]->name, family), name))
			return true;
	return false;
}

/* What a command is called behind `family`; NULL: it is of none or of another. A container's
 * commands need no row for it, but where a row of the family has taken the name. */
static const char *member_of(const struct command *command, const char *family)
{
	const char *member = command_member(command->name, family);

	if (member == NULL && strcmp(family, "container") == 0 && command->group == GROUP_CONTAINER)
		return has_own(family, command->name) ? NULL : command->name;
	for (const char *const *alias = command->aliases;
	     member == NULL && alias != NULL && *alias != NULL; alias++)
		member = command_member(*alias, family);
	return member;
}

void help_family(struct text *ret, const char *family)
{
	text_printf(ret, "Usage:  cordon %s COMMAND\n\nCommands:\n", family);
	for (size_t i = 0; i < command_count; i++) {
		const char *member = member_of(commands[i], family);

		if (member != NULL && !commands[i]->hidden)
			text_printf(ret, "  %-*s%s\n", NAME_COLUMN, member, commands[i]->summary);
	}
	text_printf(ret, "\nRun \"cordon %s COMMAND --help\" for more on a command.\n", family);
}
