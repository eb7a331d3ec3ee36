/*
 * completion: the tables as a script for bash. What an operand is called in the table says what
 * may stand there: the names of containers and images are asked of cordon itself, files are left
 * to bash.
 */
#include "runtime/cli/help.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct {
	const char *operand, *names;
} kinds[] = {
	{ "CONTAINER", "$(cordon ps -a --format '{{.Names}}' 2>/dev/null)" },
	{ "NAME", "$(cordon ps -a --format '{{.Names}}' 2>/dev/null)" },
	{ "IMAGE", "$(cordon images --format '{{.Name}}' 2>/dev/null)" },
	{ "VOLUME", "$(cordon volume ls -q 2>/dev/null)" },
	{ "bash", "bash" },
};

static bool is_single(const char *name)
{
	return strchr(name, ' ') == NULL;
}

static void print_command(struct text *ret, const struct command *command)
{
	const char *const words[] = { "container", command->name, NULL };
	/* one that may be left out is completed, too */
	const char *operand = command->operands + (command->operands[0] == '[');
	size_t used;

	text_printf(ret, "\t'%s'", command->name);
	for (const char *const *alias = command->aliases; alias != NULL && *alias != NULL; alias++)
		text_printf(ret, " | '%s'", *alias);
	if (command->group == GROUP_CONTAINER && is_single(command->name) &&
	    command_find(words, &used) == command)
		text_printf(ret, " | 'container %s'", command->name);
	text_append(ret, ")\n\t\toptions='--help");
	for (const struct option *option = command->options; option != NULL && option->name != NULL;
	     option++)
		text_printf(ret, " --%s", option->name);
	text_append(ret, "'\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_starts(operand, kinds[i].operand)) {
			text_printf(ret, "\t\t[[ $current == -* ]] || names=%s\n", kinds[i].names);
			break;
		}
	text_append(ret, "\t\t;;\n");
}

/* Once each: an alias may spell what the family spells anyway. */
static void print_member(struct text *ret, size_t start, const char *member)
{
	_cleanup_text struct text word = {};

	if (member == NULL)
		return;
	text_printf(&word, " %s ", member);
	/* what stands there already begins with the blank of the quote or of the last word */
	if (strstr(ret->data + start, text_string(&word)) == NULL)
		text_append(ret, text_string(&word) + 1);
}

static void print_family(struct text *ret, const char *family)
{
	size_t start;

	text_printf(ret, "\t%s)\n\t\tnames='", family);
	start = ret->length;
	text_append_char(ret, ' ');
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		print_member(ret, start, command_member(commands[i]->name, family));
		if (strcmp(family, "container") == 0 && commands[i]->group == GROUP_CONTAINER &&
		    is_single(commands[i]->name))
			print_member(ret, start, commands[i]->name);
		for (const char *const *alias = commands[i]->aliases;
		     alias != NULL && *alias != NULL; alias++)
			print_member(ret, start, command_member(*alias, family));
	}
	text_append(ret, "'\n\t\t;;\n");
}

void completion_bash(struct text *ret)
{
	static const char *const families[] = { "container", "image",  "manifest",
		                                "policy",    "system", "volume" };

	text_append(
	        ret,
	        "# bash completion for cordon, made from its tables by: cordon completion bash\n"
	        "_cordon() {\n"
	        "\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-}\n"
	        "\tlocal options='--help' names=''\n"
	        "\t[ \"$COMP_CWORD\" != 1 ] || command=''\n"
	        "\tcase $command in\n"
	        "\tcontainer | image | manifest | policy | system | volume)\n"
	        "\t\t[ \"$COMP_CWORD\" = 2 ] || command+=\" ${COMP_WORDS[2]}\"\n"
	        "\t\t;;\n"
	        "\tesac\n"
	        "\tcase $command in\n"
	        "\t'')\n");
	text_append(ret, "\t\toptions='");
	for (size_t i = 0; i < global_option_count; i++)
		text_printf(ret, "%s ", global_options[i].name);
	text_append(ret, "'\n\t\tnames='help ");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		text_printf(ret, "%s ", families[i]);
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden && is_single(commands[i]->name))
			text_printf(ret, "%s ", commands[i]->name);
	text_append(ret, "'\n\t\t;;\n");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		print_family(ret, families[i]);
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			print_command(ret, commands[i]);
	text_append(ret, "\tesac\n"
	                 "\t[[ $current != -* ]] || names=$options\n"
	                 "\tmapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\")\n"
	                 "}\n"
	                 "complete -o default -F _cordon cordon\n");
}
