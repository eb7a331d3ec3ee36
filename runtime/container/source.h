/*
 * source: what a container's root is made of: an image, which is pulled first where the request
 * wants it, or a folder (--rootfs).
 */
#ifndef CORDON_CONTAINER_SOURCE_H
#define CORDON_CONTAINER_SOURCE_H

#include "runtime/container/launch.h"

/* Sets launch->image (to *image, which is filled) or launch->rootfs. */
int source_find(struct launch *launch, struct image *image, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));

/* Once the container can be seen: that its image is still there (presence.h). */
int source_confirm(const struct launch *launch, struct error *err)
        __attribute__((warn_unused_result));

#endif
