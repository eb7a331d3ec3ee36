/*
 * copy: one tree to another, each read or written by a helper of its own, in a user namespace with
 * the tree's own ids and behind its walls; between them an archive flows through a pipe. A tree may
 * be a container's, or the machine's; instead of one there may be an archive of the caller's.
 */
#ifndef CORDON_IMAGE_COPY_H
#define CORDON_IMAGE_COPY_H

#include "runtime/image/tree.h"

struct image_end {
	int stream; /* an archive; -1: a tree, which is: */
	const struct plan_id_maps *maps;
	int folder;                                    /* its root; -1 with open */
	int (*open)(void *context, struct error *err); /* in the helper's own namespaces */
	void *context;
	struct layer_order order;
};

struct image_copied {
	uint64_t bytes;
	uint32_t skipped; /* sockets and devices */
};

/* An error is that of the end where it began. */
int image_copy(struct image_copied *ret, const struct image_request *request,
               const struct image_end *from, const struct image_end *to, struct error *err)
        __attribute__((warn_unused_result));

#endif
