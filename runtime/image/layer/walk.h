/*
 * walk: a tree read in one order (names by their bytes), by descriptors: nothing is followed, and
 * nothing is named twice where the answer could differ.
 */
#ifndef CORDON_IMAGE_LAYER_WALK_H
#define CORDON_IMAGE_LAYER_WALK_H

#include "runtime/image/layer/limits.h"
#include "sandbox/base/error.h"

#include <stddef.h>
#include <sys/stat.h>

struct walk_entry {
	const char *path; /* from the root of the tree, no slash at either end */
	const char *name; /* its last component */
	int parent;       /* the folder it is in */
	int fd;           /* of a folder: itself; otherwise -1 */
	size_t passed;    /* of a folder, when it is left: entries in it that were passed over */
	struct stat status;
};

/* What `visit` may say of a folder: all that is in it is passed over, and it is not left. */
enum { WALK_OVER = 1 };

struct walk {
	int root;
	const char *without; /* paths that are passed over with all beneath: each ends with a NUL,
	                        the list with an empty one. NULL: none */
	const char *beneath; /* what the root is called: paths begin with it. NULL: nothing */
	/* Each entry, a folder before what is in it. */
	int (*visit)(void *context, const struct walk_entry *entry, struct error *err);
	/* A folder after what is in it; NULL. */
	int (*leave)(void *context, const struct walk_entry *entry, struct error *err);
	void *context;
};

/* Errors name the entry. */
int walk_tree(const struct walk *walk, struct error *err) __attribute__((warn_unused_result));

#endif
