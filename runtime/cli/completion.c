/*
 * completion: the tables as scripts for shells. What an operand is called in the table says what
 * may stand there: the names of containers and images are asked of cordon itself, files are left to
 * the shell. Here is what they share, and bash's.
 */
#include "runtime/cli/completion.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

const char *const completion_families[COMPLETION_FAMILIES] = { "container", "image",  "manifest",
	                                                       "policy",    "system", "volume" };

static const struct completion_kind kinds[] = {
	{ "CONTAINER", "cordon ps -a --format '{{.Names}}' 2>/dev/null", NULL },
	{ "NAME", "cordon ps -a --format '{{.Names}}' 2>/dev/null", NULL },
	{ "IMAGE", "cordon images --format '{{.Name}}' 2>/dev/null", NULL },
	{ "VOLUME", "cordon volume ls -q 2>/dev/null", NULL },
	{ "bash", NULL, "bash zsh fish" },
};

const struct completion_kind *completion_kind_of(const struct command *command)
{
	/* one that may be left out is completed, too */
	const char *operand = command->operands + (command->operands[0] == '[');

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_starts(operand, kinds[i].operand))
			return &kinds[i];
	return NULL;
}

static bool is_single(const char *name)
{
	return strchr(name, ' ') == NULL;
}

void completion_spellings(const struct command *command, completion_visit visit, void *context)
{
	const char *const words[] = { "container", command->name, NULL };
	_cleanup_text struct text spelt = {};
	size_t used;

	visit(context, command->name, command);
	for (const char *const *alias = command->aliases; alias != NULL && *alias != NULL; alias++)
		visit(context, *alias, command);
	if (command->group != GROUP_CONTAINER || !is_single(command->name) ||
	    command_find(words, &used) != command)
		return;
	text_printf(&spelt, "container %s", command->name);
	visit(context, text_string(&spelt), command);
}

/* Members that were told already, each between blanks. */
struct members {
	const char *family;
	completion_visit visit;
	void *context;
	struct text told;
};

/* Once each: an alias may spell what the family spells anyway. */
static void tell_member(void *context, const char *spelling, const struct command *command)
{
	struct members *members = context;
	const char *member = command_member(spelling, members->family);
	_cleanup_text struct text word = {};

	if (member == NULL)
		return;
	text_printf(&word, " %s ", member);
	if (strstr(text_string(&members->told), text_string(&word)) != NULL)
		return;
	text_append(&members->told, text_string(&word));
	members->visit(members->context, member, command);
}

void completion_members(const char *family, completion_visit visit, void *context)
{
	struct members members = { family, visit, context, {} };

	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			completion_spellings(commands[i], tell_member, &members);
	text_done(&members.told);
}

void completion_single(completion_visit visit, void *context)
{
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden && is_single(commands[i]->name))
			visit(context, commands[i]->name, commands[i]);
}

/* ---- bash ---- */

static void print_word(void *context, const char *word, const struct command *command)
{
	(void)command;
	text_printf(context, "%s ", word);
}

static void print_pattern(void *context, const char *word, const struct command *command)
{
	struct text *ret = context;

	text_printf(ret, "%s'%s'", word == command->name ? "\t" : " | ", word);
}

static void print_command(struct text *ret, const struct command *command)
{
	const struct completion_kind *kind = completion_kind_of(command);

	completion_spellings(command, print_pattern, ret);
	text_append(ret, ")\n\t\toptions='--help");
	for (const struct option *option = command->options; option != NULL && option->name != NULL;
	     option++)
		text_printf(ret, " --%s", option->name);
	text_append(ret, "'\n");
	if (kind != NULL && kind->ask != NULL)
		text_printf(ret, "\t\t[[ $current == -* ]] || names=$(%s)\n", kind->ask);
	else if (kind != NULL)
		text_printf(ret, "\t\tnames='%s'\n", kind->words);
	text_append(ret, "\t\t;;\n");
}

void completion_bash(struct text *ret)
{
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
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++)
		text_printf(ret, "%s ", completion_families[i]);
	completion_single(print_word, ret);
	text_append(ret, "'\n\t\t;;\n");
	for (size_t i = 0; i < COMPLETION_FAMILIES; i++) {
		text_printf(ret, "\t%s)\n\t\tnames='", completion_families[i]);
		completion_members(completion_families[i], print_word, ret);
		text_append(ret, "'\n\t\t;;\n");
	}
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->hidden)
			print_command(ret, commands[i]);
	text_append(ret, "\tesac\n"
	                 "\t[[ $current != -* ]] || names=$options\n"
	                 "\tmapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\")\n"
	                 "}\n"
	                 "complete -o default -F _cordon cordon\n");
}
