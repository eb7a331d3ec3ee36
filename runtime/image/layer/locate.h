/*
 * locate: where a path leads in a root that belongs to somebody else, who may be changing it.
 *
 * The kernel reads the path as if the root were "/" (openat2, RESOLVE_IN_ROOT |
 * RESOLVE_NO_MAGICLINKS): whatever is swapped meanwhile, the answer is a descriptor of something
 * inside. What is done later is done at that descriptor, never at the path.
 */
#ifndef CORDON_IMAGE_LAYER_LOCATE_H
#define CORDON_IMAGE_LAYER_LOCATE_H

#include "runtime/image/layer/limits.h"
#include "sandbox/base/error.h"

#include <stdbool.h>

/* What is at the path itself: an O_PATH descriptor. follow: at the end of a symlink there. */
int locate(int root, const char *path, bool follow, struct error *err)
        __attribute__((warn_unused_result));

/* Where something is put. */
struct location {
	int folder;                     /* O_PATH */
	char name[LIMIT_COMPONENT + 1]; /* in it; "": the folder itself is what the path says */
	bool exists;
};

/* Symlinks are followed to what they mean to name, also where that is not there yet. follow false:
 * the path is one name, and a symlink of that name is what is there. */
int locate_place(struct location *ret, int root, const char *path, bool follow, struct error *err)
        __attribute__((warn_unused_result));

#endif
