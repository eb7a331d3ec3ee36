/*
 * completion: what the scripts for the shells share: which words may stand where, by the tables.
 */
#ifndef CORDON_CLI_COMPLETION_H
#define CORDON_CLI_COMPLETION_H

#include "runtime/cli/help.h"

/* The words that begin a command of two. */
enum { COMPLETION_FAMILIES = 6 };
extern const char *const completion_families[COMPLETION_FAMILIES];

typedef void (*completion_visit)(void *context, const char *word, const struct command *command);

/* All that a command may be called: its name, its aliases, "container NAME". */
void completion_spellings(const struct command *command, completion_visit visit, void *context);
/* What may stand behind a family, once each. */
void completion_members(const char *family, completion_visit visit, void *context);
/* Commands of one word. */
void completion_single(completion_visit visit, void *context);

/* What an operand is: the words of a shell that print what there is of it, and none where it is
 * words of its own. NULL: files, or nothing that is known. */
struct completion_kind {
	const char *operand, *ask, *words;
};
const struct completion_kind *completion_kind_of(const struct command *command);

#endif
