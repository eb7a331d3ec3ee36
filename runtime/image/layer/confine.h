/*
 * confine: the walls of the helper itself, raised before it reads a byte of an image: a network
 * namespace with nothing in it, its folder as its root, resource limits, a handful of capabilities
 * over the user's own ids, no_new_privs, Landlock beneath its one folder, and a system call filter
 * that cordon's compiler made from profiles/cordon-layer.json when this program was built.
 */
#ifndef CORDON_IMAGE_LAYER_CONFINE_H
#define CORDON_IMAGE_LAYER_CONFINE_H

#include "runtime/image/layer/protocol.h"

int confine(const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
