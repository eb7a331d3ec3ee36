/*
 * send: an image of the store to a registry: the blobs it does not have, side by side, and then the
 * manifest, which names them.
 */
#ifndef CORDON_IMAGE_SEND_H
#define CORDON_IMAGE_SEND_H

#include "runtime/image/image.h"
#include "runtime/image/manifest.h"
#include "runtime/registry/registry.h"

struct send_order {
	struct arena *arena;
	const struct paths *paths;
	const struct descriptor *manifest;
	const char *name; /* tag or digest that it gets there */
	const char *from; /* repository of the same registry that may have the blobs; NULL */
	const struct image_watch *watch;
};
int send_image(struct registry *registry, const struct send_order *order, struct error *err)
        __attribute__((warn_unused_result));

#endif
