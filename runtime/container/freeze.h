/*
 * freeze: a container whose processes stand still, by the freezer of cgroup v2 (Linux 5.2).
 *
 * The kernel keeps that state, and nothing of it is written down: whoever shows a container asks
 * its cgroup. One that has none cannot be paused; `run --cgroups enabled`, or any limit, gives it
 * one. What is frozen dies of SIGKILL all the same; other signals wait for the thaw.
 */
#ifndef CORDON_CONTAINER_FREEZE_H
#define CORDON_CONTAINER_FREEZE_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* Whether the processes of the cgroup at `folder` (an absolute path; NULL and "": none) were told
 * to stand still. */
bool freeze_is(const char *folder);

/* Makes them stand still, and waits at most `patience_ms` until all do: a process may be in the
 * middle of a call that waits for a disk. Where that is not enough they are let go, and it is an
 * error. */
int freeze_set(const char *folder, int patience_ms, struct error *err)
        __attribute__((warn_unused_result));

/* Lets them go on. */
int freeze_clear(const char *folder, struct error *err) __attribute__((warn_unused_result));

#endif
