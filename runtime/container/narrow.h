/*
 * narrow: the plan of a container that was made before, under the administrator's ceiling of now.
 *
 * `plan` in the container's folder is what it was made with, and is never written again: a ceiling
 * that is lifted gives back what it took. What a start made of it is beside it, `narrowed`, where
 * that is less; from there exec, inspect and cp go on, so that they know the container that runs.
 */
#ifndef CORDON_CONTAINER_NARROW_H
#define CORDON_CONTAINER_NARROW_H

#include "runtime/container/container.h"

struct narrow_request {
	const struct paths *paths;
	const struct host *host;
	const struct container *container;
};

/* For a start, by who holds the folder's lock: what was made, narrowed; the folder says so from
 * then on. Each thing that was taken is a line in `notes`. -1, too, where the ceiling wants what a
 * container cannot become any more: another id map, a profile of its image. */
int narrow_start(struct plan *ret, struct arena *arena, const struct narrow_request *request,
                 int folder, struct text *notes, struct error *err)
        __attribute__((warn_unused_result));

/* For exec: *plan, which is the running container's, with the walls of a process narrowed. Its
 * mounts, ids and cgroup are the container's. */
int narrow_exec(struct plan *plan, struct arena *arena, const struct narrow_request *request,
                struct error *err) __attribute__((warn_unused_result));

#endif
