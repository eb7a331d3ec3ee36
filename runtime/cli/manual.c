/*
 * manual: the tables as manual pages, in the man macros that every troff and mandoc knows.
 */
#include "runtime/cli/help.h"

#include "cordon-config.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* roff takes a dot or a quote at the start of a line as a request, and '-' as a hyphen. */
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

static void roff_line(struct text *ret, const char *text)
{
	roff(ret, text);
	text_append_char(ret, '\n');
}

/* "image-inspect" */
static void dashed(struct text *ret, const char *name)
{
	for (; *name != '\0'; name++)
		text_append_char(ret, *name == ' ' ? '-' : *name);
}

void manual_file_name(struct text *ret, const struct command *command)
{
	text_append(ret, "cordon-");
	dashed(ret, command->name);
	text_append(ret, ".1");
}

static void begin_page(struct text *ret, const char *name, const char *summary)
{
	text_append(ret, ".TH ");
	for (const char *letter = name; *letter != '\0'; letter++)
		text_append_char(ret, *letter >= 'a' && *letter <= 'z' ? *letter - 32 : *letter);
	text_printf(ret, " 1 \"\" \"cordon %s\" \"cordon manual\"\n.SH NAME\n", CORDON_VERSION);
	roff(ret, name);
	text_append(ret, " \\- ");
	roff_line(ret, summary);
}

static void print_options(struct text *ret, const struct command *command)
{
	text_append(ret, ".SH OPTIONS\n");
	for (const struct option *option = command->options; option->name != NULL; option++) {
		text_append(ret, ".TP\n\\fB");
		if (option->letter != 0)
			text_printf(ret, "\\-%c\\fR, \\fB", option->letter);
		text_append(ret, "\\-\\-");
		roff(ret, option->name);
		text_append(ret, "\\fR");
		if (option_takes_value(option)) {
			text_append(ret, " \\fI");
			roff(ret, option->value);
			text_append(ret, "\\fR");
		}
		text_append_char(ret, '\n');
		roff_line(ret, option->help);
	}
}

static void print_aliases(struct text *ret, const struct command *command)
{
	text_append(ret, ".SH ALIASES\n");
	for (const char *const *alias = command->aliases; *alias != NULL; alias++) {
		text_append(ret, ".br\n\\fBcordon ");
		roff(ret, *alias);
		text_append(ret, "\\fR\n");
	}
}

void manual_command(struct text *ret, const struct command *command)
{
	_cleanup_text struct text title = {};

	text_append(&title, "cordon-");
	dashed(&title, command->name);
	begin_page(ret, title.data, command->summary);
	text_append(ret, ".SH SYNOPSIS\n\\fBcordon ");
	roff(ret, command->name);
	text_printf(ret, "\\fR%s ", command->options != NULL ? " [\\fIOPTIONS\\fR]" : "");
	roff_line(ret, command->operands);
	if (command->details != NULL) {
		text_append(ret, ".SH DESCRIPTION\n");
		roff_line(ret, command->details);
	}
	if (command->aliases != NULL)
		print_aliases(ret, command);
	if (command->options != NULL)
		print_options(ret, command);
	text_append(ret, ".SH SEE ALSO\n\\fBcordon\\fR(1)\n");
}

static void print_commands(struct text *ret)
{
	text_append(ret, ".SH COMMANDS\n");
	for (int group = 0; group < GROUP_COUNT; group++) {
		text_printf(ret, ".SS %s\n", group_titles[group]);
		for (size_t i = 0; i < command_count; i++) {
			if (commands[i]->hidden || (int)commands[i]->group != group)
				continue;
			text_append(ret, ".TP\n\\fB");
			roff(ret, commands[i]->name);
			text_append(ret, "\\fR\n");
			text_append(ret, commands[i]->summary);
			text_append(ret, ". See \\fBcordon\\-");
			dashed(ret, commands[i]->name);
			text_append(ret, "\\fR(1).\n");
		}
	}
}

struct entry {
	const char *name, *text;
};

static void print_entries(struct text *ret, const char *title, const struct entry *entries,
                          size_t count)
{
	text_printf(ret, ".SH %s\n", title);
	for (size_t i = 0; i < count; i++) {
		text_append(ret, ".TP\n\\fB");
		roff(ret, entries[i].name);
		text_append(ret, "\\fR\n");
		roff_line(ret, entries[i].text);
	}
}

void manual_all(struct text *ret)
{
	static const struct entry statuses[] = {
		{ "0", "success" },
		{ "1", "a command other than run, create, start, exec and attach failed" },
		{ "125", "cordon itself failed, or was called in a wrong way" },
		{ "126", "the container's command could not be started" },
		{ "127", "the container's command was not found" },
		{ "128+N", "the container's command was ended by signal N" },
	};
	static const struct entry variables[] = {
		{ "XDG_DATA_HOME", "images, containers and volumes are below (~/.local/share)" },
		{ "XDG_RUNTIME_DIR", "the sockets of running containers are below" },
		{ "XDG_CACHE_HOME", "compiled profiles are below (~/.cache)" },
		{ "XDG_CONFIG_HOME", "the user's own profiles are below (~/.config)" },
		{ "CORDON_LIBEXEC",
		  "the folder of the helpers, instead of the installed one; root's or the caller's, "
		  "and nobody else may write it" },
		{ "CORDON_PROFILES",
		  "the folder of the shipped profiles, instead of the installed one; the same holds" },
		{ "CORDON_SIMULATE_MISSING",
		  "for tests: pretend that the machine lacks landlock, subuid, newuidmap, apparmor "
		  "or seccomp (separated by commas)" },
	};
	static const struct entry files[] = {
		{ "/etc/cordon/profiles", "the administrator's profiles" },
		{ "/etc/cordon/policy.d", "the administrator's ceiling, which no profile exceeds" },
		{ "/etc/subuid, /etc/subgid", "the ids that containers may use" },
	};

	begin_page(ret, "cordon", "hardened containers without root and without a daemon");
	text_append(ret, ".SH SYNOPSIS\n\\fBcordon\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR "
	                 "[\\fIARGUMENT\\fR...]\n.SH DESCRIPTION\n");
	roff_line(
	        ret,
	        "cordon runs containers as children of the shell it is called from, as an ordinary user, each\n"
	        "behind a policy written for its image. It speaks Docker's command line.");
	print_commands(ret);
	text_append(ret, ".SH OPTIONS\n");
	for (size_t i = 0; i < global_option_count; i++) {
		text_append(ret, ".TP\n\\fB");
		roff(ret, global_options[i].name);
		text_append(ret, "\\fR\n");
		roff_line(ret, global_options[i].help);
	}
	print_entries(ret, "EXIT STATUS", statuses, ARRAY_SIZE(statuses));
	print_entries(ret, "ENVIRONMENT", variables, ARRAY_SIZE(variables));
	print_entries(ret, "FILES", files, ARRAY_SIZE(files));
}
