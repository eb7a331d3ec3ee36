/*
 * tree: a tree of files that belong to the ids of a container, read where that can be done: by the
 * helper, in a user namespace with the same ids, behind its walls.
 */
#ifndef CORDON_IMAGE_TREE_H
#define CORDON_IMAGE_TREE_H

#include "runtime/image/helper.h"
#include "runtime/image/image.h"

struct image_tree {
	const struct plan_id_maps *maps;
	/* Called in the helper's own namespaces; each gives a descriptor of a folder that nobody
	 * can write to through it. */
	int (*open)(void *context, struct error *err);
	int (*open_lower)(void *context, struct error *err); /* image_changes; else NULL */
	void *context;
	const struct plan_strings *without; /* absolute paths, left out with all beneath */
};

struct image_request {
	struct arena *arena;
	const struct paths *paths;
	const struct host *host;
	const struct image_watch *watch; /* NULL */
};

/* The tree as an archive (tar). sockets: how many were left out. */
int image_export(uint32_t *sockets, const struct image_request *request,
                 const struct image_tree *tree, int output, struct error *err)
        __attribute__((warn_unused_result));

/* The tree, overlayfs' upper folder, as a layer (tar, gzip) with an OCI layer's whiteouts. */
int image_pack_layer(struct layer_answer *ret, const struct image_request *request,
                     const struct image_tree *tree, int output, struct error *err)
        __attribute__((warn_unused_result));

/* What differs between the tree, overlayfs' upper folder, and the lower one: "A /PATH", "C /PATH"
 * or "D /PATH", each with a NUL at its end. */
int image_changes(struct text *ret, const struct image_request *request,
                  const struct image_tree *tree, struct error *err)
        __attribute__((warn_unused_result));

#endif
