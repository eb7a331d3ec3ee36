/*
 * seal: keeps the program's own file out of reach of root inside (CVE-2019-5736).
 *
 * Landlock refuses to open what lies outside a container's root even through /proc/PID/exe. A
 * kernel without it, or a profile that does without, leaves the file's own permissions, and those
 * are no wall where the file belongs to the caller, who is root inside. The program then goes on
 * from a sealed copy in memory, which nobody can write.
 */
#ifndef CORDON_CONTAINER_SEAL_H
#define CORDON_CONTAINER_SEAL_H

#include "runtime/store/paths.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

/* Returns 0 where the program may go on; where it may not it is executed anew, from the start:
 * before anything is made that would be made twice. */
int seal_program(const struct paths *paths, const struct host *host,
                 const struct plan_landlock *landlock, struct error *err)
        __attribute__((warn_unused_result));

#endif
