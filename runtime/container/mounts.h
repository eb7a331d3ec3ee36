/* mounts: all that is mounted in a container's root, in order. */
#ifndef CORDON_CONTAINER_MOUNTS_H
#define CORDON_CONTAINER_MOUNTS_H

#include "runtime/container/launch.h"

/* Fills plan->mounts, and takes the profile's own mounts (confinement.mounts) into them. The
 * network mode, maps and root of the plan must be there. */
int mounts_plan(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
        __attribute__((warn_unused_result));

/* For a root that has become read-only since: what programs cannot do without stays writable. */
void mounts_keep_writable(struct plan *plan, struct arena *arena);

/* The name of a volume of cordon's own, by its source: data/volumes/NAME/_data; NULL for a bind. */
const char *mounts_volume(struct arena *arena, const char *data, const char *source);

/* What the engine mounts of itself: /dev/shm, /sys, and files of /etc. `folder`: the container's.
 */
bool mounts_is_own(const char *folder, const struct plan_mount *mount);

#endif
