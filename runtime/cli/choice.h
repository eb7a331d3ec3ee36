/*
 * choice: containers by --all, --latest, --filter or --cidfile in place of their names: the rows of
 * options, and what they choose.
 */
#ifndef CORDON_CLI_CHOICE_H
#define CORDON_CLI_CHOICE_H

#include "runtime/cli/command.h"
#include "runtime/container/container.h"

struct choice {
	bool all, latest;
	bool ignore; /* a name or file of a container that is not there is none to act on */
	struct plan_strings cidfile, filter;
};

/* Of a struct of options with a `struct choice` called `choice`. */
#define CHOICE_ROW(structure, letter, name, kind, member, value, help)                             \
	{                                                                                          \
		letter, name, kind, offsetof(structure, choice.member), value, help                \
	}
#define CHOICE_ALL(structure, help) CHOICE_ROW(structure, 'a', "all", OPTION_FLAG, all, NULL, help)
#define CHOICE_CIDFILE(structure)                                                                  \
	CHOICE_ROW(structure, 0, "cidfile", OPTION_LIST, cidfile, "FILE",                          \
	           "the one whose id is in a file that run --cidfile wrote")
#define CHOICE_FILTER(structure, letter)                                                           \
	CHOICE_ROW(structure, letter, "filter", OPTION_LIST, filter, "KEY=VALUE",                  \
	           "those that match, as with ps --filter")
#define CHOICE_IGNORE(structure)                                                                   \
	CHOICE_ROW(structure, 'i', "ignore", OPTION_FLAG, ignore, NULL,                            \
	           "one that is not there is no error")
#define CHOICE_LATEST(structure)                                                                   \
	CHOICE_ROW(structure, 'l', "latest", OPTION_FLAG, latest, NULL,                            \
	           "the one that was made last")

/* What a command can do something with: --all and --filter leave the others alone. */
enum choice_among {
	CHOICE_AMONG_ALL,
	CHOICE_AMONG_RUNNING,
	CHOICE_AMONG_GOING, /* not paused */
	CHOICE_AMONG_PAUSED,
	CHOICE_AMONG_STILL, /* neither running nor damaged */
};

/* The operands become the names of what was chosen; maybe none. An error where nothing was said,
 * or more than one thing. */
int choice_take(struct call *call, const struct choice *choice, enum choice_among among,
                struct error *err) __attribute__((warn_unused_result));

#endif
