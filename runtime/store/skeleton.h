/*
 * skeleton: a read-only layer beneath every image, with the places the engine mounts on (/proc,
 * /sys, /dev, /etc/hosts and so on), so that an image that lacks one needs nothing made in the
 * container's own upper folder at each start. Whatever an image has at those names hides it.
 */
#ifndef CORDON_STORE_SKELETON_H
#define CORDON_STORE_SKELETON_H

#include "runtime/store/paths.h"

/* Its absolute path, in `arena`; made where it is missing. NULL with *err. */
const char *skeleton_path(struct arena *arena, const struct paths *paths, struct error *err)
        __attribute__((warn_unused_result));

#endif
