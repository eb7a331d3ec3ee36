/*
 * copy: cordon cp: files of a container to the machine, of the machine to a container, or between
 * two containers.
 *
 * The bytes are moved by two helpers (image/copy.h). This side finds where they are: the mounts of
 * a container that runs, copied (sandbox/reach.h); the root of one that does not, mounted in the
 * helper's own namespace with the volumes the container would have; and on the machine a folder,
 * opened as the caller, beneath which the helper stays.
 */
#ifndef CORDON_CONTAINER_COPY_H
#define CORDON_CONTAINER_COPY_H

#include "runtime/container/container.h"
#include "runtime/image/copy.h"

struct copy_side {
	const char *container; /* NULL: the machine */
	const char *path;      /* "-" of the machine: an archive, standard input or output */
};

struct container_copy {
	struct copy_side from, to;
	bool owners; /* kept, as the container's ids say; else all belongs to root, or the caller */
	bool follow; /* a symlink at the path that is copied */
};

int container_copy(struct image_copied *ret, const struct image_request *request,
                   const struct container_copy *copy, struct error *err)
        __attribute__((warn_unused_result));

#endif
