/*
 * help: the tables as help for a terminal, as manual pages (roff, man macros) and as a completion
 * for bash. All append.
 */
#ifndef CORDON_CLI_HELP_H
#define CORDON_CLI_HELP_H

#include "runtime/cli/command.h"
#include "sandbox/base/text.h"

/* The options that stand before the command. */
struct global_option {
	const char *name, *help;
};
extern const struct global_option global_options[];
extern const size_t global_option_count;

extern const char *const group_titles[GROUP_COUNT];

void help_all(struct text *ret);
void help_family(struct text *ret, const char *family);
void help_command(struct text *ret, const struct command *command);

/* cordon(1), and cordon-NAME(1). */
void manual_all(struct text *ret);
void manual_command(struct text *ret, const struct command *command);
/* "cordon-image-inspect.1" */
void manual_file_name(struct text *ret, const struct command *command);

void completion_bash(struct text *ret);
void completion_zsh(struct text *ret);
void completion_fish(struct text *ret);

#endif
