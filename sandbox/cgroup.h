/*
 * cgroup: putting a process into the folder the plan names.
 */
#ifndef CORDON_SANDBOX_CGROUP_H
#define CORDON_SANDBOX_CGROUP_H

#include "sandbox/base/error.h"

#include <sys/types.h>

/* Moves `pid` (0: the caller) into the cgroup at `folder`, an absolute host path; NULL: nothing to
 * do. Never skipped in silence: a process outside its cgroup has none of its limits. */
int cgroup_join(const char *folder, pid_t pid, struct error *err)
        __attribute__((warn_unused_result));

#endif
