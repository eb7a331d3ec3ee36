/*
 * cgroup: limits of memory, cpu and number of processes, by cgroup v2.
 *
 * An ordinary user may only make cgroups in a subtree that was delegated to him (systemd:
 * Delegate=yes), and processes may only be in its leaves: the first container of such a tree moves
 * what is in it into a leaf of its own.
 *
 *	DELEGATED/			the cgroup cordon was started in, or its parent
 *	    cordon-callers/		what was there before: we, and the shell
 *	    cordon-ID/			a container
 */
#ifndef CORDON_CONTAINER_CGROUP_H
#define CORDON_CONTAINER_CGROUP_H

#include "sandbox/plan.h"

/* Where the container's cgroup will be: NULL where no limit is asked for, or where one cannot be
 * had and is marked if_available (then `notes` says so). Otherwise an error with the way out. */
int cgroup_find(const char **ret, struct arena *arena, const struct plan_resources *resources,
                const char *id, struct text *notes, struct error *err)
        __attribute__((warn_unused_result));

/* The same for a tree mounted at `mount`, the caller being in `own` ("/user.slice/..."): tests. */
int cgroup_find_in(const char **ret, struct arena *arena, const struct plan_resources *resources,
                   const char *id, const char *mount, const char *own, struct error *err)
        __attribute__((warn_unused_result));

/* Makes it with the plan's limits. NULL: nothing to do. */
int cgroup_make(const char *folder, const struct plan *plan, struct error *err)
        __attribute__((warn_unused_result));

/* Kills what is left in it and removes it. */
void cgroup_remove(const char *folder);

/* Whether the kernel ended a process of it for want of memory. */
bool cgroup_ran_out_of_memory(const char *folder);

#endif
