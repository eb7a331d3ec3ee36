/*
 * changed: the files of a container as a tree, and what it changed of its image: export, diff,
 * commit. Whether it runs or not: what is read is a mount of its own, with the same layers.
 */
#ifndef CORDON_CONTAINER_CHANGED_H
#define CORDON_CONTAINER_CHANGED_H

#include "runtime/container/container.h"
#include "runtime/image/tree.h"

/* The root as an archive (tar). sockets: how many were left out. */
int container_export(uint32_t *sockets, const struct image_request *request, const char *name,
                     int output, struct error *err) __attribute__((warn_unused_result));

/* "A /PATH", "C /PATH" or "D /PATH", each with a NUL at its end, by path. What was only made to
 * mount on is not told. */
int container_changes(struct text *ret, const struct image_request *request, const char *name,
                      struct error *err) __attribute__((warn_unused_result));

struct container_commit {
	const char *container, *name; /* name of the image; NULL: none */
	const char *author, *message; /* NULL: none */
	struct plan_strings changes;  /* "CMD [...]", ... */
	bool pause; /* where it runs, it stands still meanwhile; one that is killed on the way
	               leaves it so */
};
/* id: of the new image, whose config is that of the container as it was run. */
int container_commit(const char **id, const struct image_request *request,
                     const struct container_commit *commit, struct error *err)
        __attribute__((warn_unused_result));

#endif
