/*
 * command: finds the program a container is to run, enters its working directory, and executes it.
 */
#ifndef CORDON_SANDBOX_COMMAND_H
#define CORDON_SANDBOX_COMMAND_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

#include <limits.h>
#include <stdbool.h>

struct command {
	char path[PATH_MAX];      /* inside the container */
	const char **environment; /* with HOME where it was missing */
};

/* Enters process->directory inside `root`, made where it is missing and `make` says so; then makes
 * sure that the working directory lies in the container (CVE-2024-21626). */
int command_enter_directory(int root, const char *directory, bool make, struct error *err)
        __attribute__((warn_unused_result));

/* Looks arguments.items[0] up in the container's PATH. The file is opened inside the root without
 * magic links, so that an entrypoint that is a symlink to /proc/self/exe is refused
 * (CVE-2019-5736). Exit status 127 where there is no such file, 126 where it cannot be executed. */
int command_resolve(struct command *ret, int root, const struct plan_process *process,
                    struct error *err) __attribute__((warn_unused_result));

/* execve(2). Only returns on failure. */
int command_execute(const struct command *command, const struct plan_process *process,
                    struct error *err) __attribute__((warn_unused_result));

#endif
