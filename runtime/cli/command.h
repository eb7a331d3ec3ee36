/*
 * command: the rows that the command line, its help, its manual and its completion are all made
 * from.
 */
#ifndef CORDON_CLI_COMMAND_H
#define CORDON_CLI_COMMAND_H

#include "runtime/cli/absent.h"
#include "runtime/store/paths.h"
#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG, /* bool: --x, --x=false */
	OPTION_ON,   /* bool, on unless --x=false is given; true in the struct means that it was */
	OPTION_EITHER, /* enum either: --x and --x=false say different things, and so does neither
	                */
	OPTION_TEXT,   /* const char *: the last one wins */
	OPTION_LIST,   /* struct plan_strings: every one counts */
	OPTION_NUMBER, /* int64_t */
};

enum either { EITHER_UNSAID, EITHER_YES, EITHER_NO };

/* One option of a command. `offset` is the place in the command's own struct of options. */
struct option {
	char letter;      /* 0: none */
	const char *name; /* without the dashes */
	enum option_kind kind;
	size_t offset;
	const char *value; /* what the value is called in the help: "NAME" */
	const char *help;
};

#define OPTIONS_END                                                                                \
	{                                                                                          \
		0, NULL, OPTION_FLAG, 0, NULL, NULL                                                \
	}

static inline bool option_takes_value(const struct option *option)
{
	return option->kind != OPTION_FLAG && option->kind != OPTION_ON &&
	       option->kind != OPTION_EITHER;
}

/* What a command is called with. `context` is complete only where the row says what it needs. */
struct call {
	struct arena *arena;
	struct paths paths;
	struct host host;
	int trace;                /* --trace-time: descriptor, -1 */
	const char *const *words; /* operands, NULL-terminated */
	size_t count;
	void *options; /* the command's struct, filled */
};

enum command_need {
	NEED_NOTHING = 0,
	NEED_PATHS = 1,
	NEED_HOST = 2,
	NEED_ORDINARY_USER = 4, /* not root of the initial user namespace */
	NEED_STATE = NEED_PATHS | NEED_ORDINARY_USER,
	NEED_ALL = 7,
};

/* The headings of `cordon --help`, in its order. */
enum command_group {
	GROUP_CONTAINER,
	GROUP_IMAGE,
	GROUP_POLICY,
	GROUP_SYSTEM,
	GROUP_COUNT,
};

struct command {
	const char *name; /* "run", "image inspect" */
	enum command_group group;
	const char *const *aliases;   /* NULL-terminated; NULL: none. A container's command may also
	                                 be called as `container NAME`. */
	const char *operands;         /* "IMAGE [COMMAND [ARGUMENT...]]" */
	const char *summary;          /* one line */
	const struct option *options; /* ends with OPTIONS_END; NULL for none */
	size_t options_size;          /* of the options struct, which starts zeroed */
	const char *absent;           /* options that others have (absent.h); NULL for none */
	unsigned needs;
	size_t least, most; /* operands; most SIZE_MAX: any number */
	bool own_words;     /* options end at the first operand: the rest is the container's */
	int failure;        /* exit status where run() fails and the error has none of its own; 0:
	                       EXIT_ENGINE, of commands whose status is that of the container's
	                       process. Docker's is 1 elsewhere. A wrong use is EXIT_ENGINE always.
	                     */
	/* Exit status, or -1 with *err. */
	int (*run)(struct call *call, struct error *err);
	const char *details; /* paragraphs for the manual and --help; may be NULL */
	bool hidden;
};

#define ALIASES(...) ((const char *const[]){ __VA_ARGS__, NULL })

extern const struct command *const commands[];
extern const size_t command_count;

/* Finds the row for the words; *used tells how many of them name it. NULL: no such command. */
const struct command *command_find(const char *const *words, size_t *used);
const char *command_nearest(const char *word);
/* Whether commands are called `word NAME`, as `image inspect`. */
bool command_is_family(const char *word);
/* The part of a name or alias behind `family`; NULL where it is of none or another. */
const char *command_member(const char *name, const char *family);

/* Reads options off the words into `options`; *rest are the operands. 1: --help was among them, and
 * nothing was checked any more. */
int option_parse(void *options, const struct command *command, struct arena *arena,
                 const char *const *words, const char *const **rest, struct error *err)
        __attribute__((warn_unused_result));

#endif
