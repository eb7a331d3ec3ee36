/*
 * cgroup: limits of memory, cpu and number of processes, by cgroup v2.
 *
 * An ordinary user may only make cgroups in a subtree that was delegated to him, and processes may
 * only be in its leaves. Which subtree that is, first that fits:
 *
 *   1. the cgroup cordon was started in, where systemd delegated it: systemd-run --user --scope
 *      -p Delegate=yes, a service with Delegate=yes;
 *   2. a scope of the container's own, which systemd --user is asked for (scope.h): what everybody
 *      has who has logged in. The monitor is in it, and it ends with the monitor;
 *   3. the cgroup cordon was started in, where it may be written to: a machine without systemd.
 *
 *	DELEGATED/			or app.slice/cordon-ID.scope/
 *	    cordon-callers/		what was there before: we, and the shell; or the monitor
 *	    cordon-ID/			a container
 */
#ifndef CORDON_CONTAINER_CGROUP_H
#define CORDON_CONTAINER_CGROUP_H

#include "runtime/container/container.h"

struct cgroup_request {
	const struct plan_resources *resources;
	const char *id;      /* the container's */
	const char *runtime; /* $XDG_RUNTIME_DIR, where systemd --user listens */
	enum run_cgroups when;
};

/* Where the container's cgroup will be: NULL where neither it nor a limit is asked for, or where
 * one cannot be had and is marked if_available (then `notes` says so). Otherwise an error with the
 * way out. */
int cgroup_find(const char **ret, struct arena *arena, const struct cgroup_request *request,
                struct text *notes, struct error *err) __attribute__((warn_unused_result));

/* The same for a tree mounted at `mount`, the caller being in `own` ("/user.slice/..."): tests. */
int cgroup_find_in(const char **ret, struct arena *arena, const struct cgroup_request *request,
                   const char *mount, const char *own, struct error *err)
        __attribute__((warn_unused_result));

/* Makes it with the plan's limits; where it is in a scope of its own, this process moves into that
 * first. NULL: nothing to do. */
int cgroup_make(const char *folder, const struct plan *plan, const char *runtime, struct error *err)
        __attribute__((warn_unused_result));

/* Goes to where a process can be moved into the cgroup `folder` from: next to it, where this
 * process comes from another session. */
int cgroup_approach(const char *folder, const char *runtime, struct error *err)
        __attribute__((warn_unused_result));

/* Writes to a file of the cgroup ("cgroup.freeze"). -1 with errno. */
int cgroup_write(const char *folder, const char *file, const char *content)
        __attribute__((warn_unused_result));

/* What the kernel says: the first line of a file of the cgroup ("pids.max"); "" where there is
 * none. */
const char *cgroup_read(struct arena *arena, const char *folder, const char *file);

/* Kills what is left in it and removes it. */
void cgroup_remove(const char *folder);

/* Whether the kernel ended a process of it for want of memory. */
bool cgroup_ran_out_of_memory(const char *folder);

#endif
