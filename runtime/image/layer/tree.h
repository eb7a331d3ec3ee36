/*
 * tree: a folder that entries of a layer are put into, by descriptors (attacks C1, C2).
 *
 * All it holds is one descriptor. A parent is opened by openat2(RESOLVE_BENEATH | NO_SYMLINKS |
 * NO_MAGICLINKS), so that no symlink of the layer's own is ever followed; the last component is
 * made new (O_EXCL, O_NOFOLLOW) after what stood there was removed, and owner, mode, attributes and
 * times are set through the descriptor that made it. Nothing is named twice where the answer could
 * differ: nobody else can reach the tree while it grows.
 */
#ifndef CORDON_IMAGE_LAYER_TREE_H
#define CORDON_IMAGE_LAYER_TREE_H

#include "runtime/image/layer/name.h"
#include "runtime/image/layer/tar.h"

#include <stdbool.h>

struct tree {
	int root;
	bool squash;  /* one id is mapped: owners stay as they are made */
	uint32_t ids; /* how many are, for messages */
	int times;    /* nameless file: the folders' times, set at the end */
	int parent;   /* the last parent that was asked for, and its name */
	char parent_path[LIMIT_PATH + 1];
};

int tree_open(struct tree *ret, int root, bool squash, uint32_t ids, struct error *err)
        __attribute__((warn_unused_result));
void tree_done(struct tree *tree);

/* A descriptor of the entry's parent, which is made where it is missing (0755, root). Borrowed:
 * valid until the next call. */
int tree_parent(struct tree *tree, const char *parent, struct error *err)
        __attribute__((warn_unused_result));

/* Each puts one entry; data, attributes and times follow through *fd where there is one. */
int tree_folder(int *fd, struct tree *tree, const struct name *name, struct error *err)
        __attribute__((warn_unused_result));
int tree_file(int *fd, struct tree *tree, const struct name *name, struct error *err)
        __attribute__((warn_unused_result));
int tree_symlink(struct tree *tree, const struct name *name, const char *target, struct error *err)
        __attribute__((warn_unused_result));
int tree_fifo(struct tree *tree, const struct name *name, mode_t mode, struct error *err)
        __attribute__((warn_unused_result));
int tree_hardlink(struct tree *tree, const struct name *name, const struct name *target,
                  struct error *err) __attribute__((warn_unused_result));
int tree_whiteout(struct tree *tree, const struct name *name, struct error *err)
        __attribute__((warn_unused_result));
int tree_opaque(struct tree *tree, const char *folder, struct error *err)
        __attribute__((warn_unused_result));

/* Owner, mode and times of an entry. fd: the open file or folder. A folder's times are noted and
 * set by tree_finish, because what is put into it later changes them. */
int tree_finish_entry(struct tree *tree, int fd, const struct name *name,
                      const struct tar_entry *entry, struct error *err)
        __attribute__((warn_unused_result));
/* The same for what cannot be opened: symlinks, fifos (the mode is theirs from the start). */
int tree_finish_special(struct tree *tree, const struct name *name, const struct tar_entry *entry,
                        struct error *err) __attribute__((warn_unused_result));

int tree_finish(struct tree *tree, struct error *err) __attribute__((warn_unused_result));

#endif
