/*
 * enter: the child's side of a launch: one table of steps, in the one right order. See enter.c.
 */
#ifndef CORDON_SANDBOX_ENTER_H
#define CORDON_SANDBOX_ENTER_H

#include "sandbox/command.h"
#include "sandbox/device.h"
#include "sandbox/mask.h"
#include "sandbox/spawn.h"
#include "sandbox/sync.h"
#include "sandbox/walls.h"

/* What the steps share. */
struct entry {
	const struct plan *plan;
	const struct host *host;
	struct sandbox_streams streams;
	int gate; /* -1 when joining */
	int report;
	int root;             /* O_PATH or directory descriptor of the container's root */
	int files;            /* the mount that holds the files to be given, -1 without any */
	int *early;           /* for each mount of the plan: what was made before the maps, or -1 */
	int devices[DEVICES]; /* copies of the host's, until they are in /dev */
	struct masker masker;
	int slave; /* the container's terminal, -1 without one */
	struct credential credential;
	struct command command;
	char notes[512];
};

struct step {
	const char *name; /* as errors and --trace-time say it */
	int (*run)(struct entry *entry, struct error *err);
};

/* For the test of the order. */
extern const struct step enter_steps[];
extern const size_t enter_step_count;
extern const struct step join_steps[];
extern const size_t join_step_count;

/* Takes the steps. Does not return: the last one executes the command, and a failure is reported.
 */
_Noreturn void enter_run(struct entry *entry, const struct step *steps, size_t count);

#endif
