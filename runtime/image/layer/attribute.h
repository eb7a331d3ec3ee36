/*
 * attribute: the extended attributes of an entry. Taken: user.* (but for user.overlay.*, with which
 * a layer could redirect overlayfs), and security.capability, which the kernel ties to the root of
 * this user namespace as it is set (capabilities(7), "Namespaced file capabilities"). All others
 * speak of a machine that is not this one and are left out.
 */
#ifndef CORDON_IMAGE_LAYER_ATTRIBUTE_H
#define CORDON_IMAGE_LAYER_ATTRIBUTE_H

#include "runtime/image/layer/tar.h"

/* A folder that hides all that layers below have in it: overlayfs' mark in a user namespace
 * ("userxattr"), of the value "y". */
#define ATTRIBUTE_OPAQUE "user.overlay.opaque"
bool attribute_is_opaque(int fd);

/* Whether a layer, or an archive of a tree, has a place for it. */
bool attribute_is_taken(const char *name, const void *value, size_t length);

/* After the owner was set: a change of owner takes file capabilities away. */
int attribute_apply(int fd, struct tar *tar, bool squash, struct error *err)
        __attribute__((warn_unused_result));

#endif
