/*
 * init: --init, a small reaper as pid 1.
 */
#ifndef CORDON_SANDBOX_INIT_H
#define CORDON_SANDBOX_INIT_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

/* Forks. Returns 0 in the child, which goes on to become the command. The parent stays as pid 1,
 * never returns: closes everything else, makes its capabilities those of the container (no execve
 * does it for it), sets no_new_privs whatever the container does, loads a filter of its own (where
 * the container has one), closes `report`, the pipe of sync.h (what goes wrong until then is said
 * there), forwards signals to the child, reaps whatever is orphaned, and exits with the child's
 * status (128 + n for a signal). `uid` is the user inside. */
int init_fork(int report, const struct confinement *confinement, uint32_t uid, struct error *err)
        __attribute__((warn_unused_result));

#endif
