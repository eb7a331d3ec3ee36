/*
 * graft: entries of an archive are put into a tree that lives: it has things of its own, and others
 * may be at work in it, with every reason to turn a folder into a symlink meanwhile (CVE-2018-15664
 * and its kin; attack B14).
 *
 * A parent is opened beneath the tree's own descriptor without following anything. What is no
 * folder is made whole under a name of cordon's own beside its place, and renamed to it: nobody
 * sees half of it, and what stood there is there until then. A folder is never replaced by what is
 * none, nor the other way round, and nothing that something is mounted on is touched: in the mount
 * namespace it is mounted in it would fall off, without a word (vfs_unlink, detach_mounts).
 */
#ifndef CORDON_IMAGE_LAYER_GRAFT_H
#define CORDON_IMAGE_LAYER_GRAFT_H

#include "runtime/image/layer/name.h"
#include "runtime/image/layer/tar.h"

#include <stdbool.h>

struct graft {
	int folder; /* O_PATH: the tree. Names are beneath it */
	/* Archives may have "bin/x" without "bin", which is a symlink in the tree: then it is read
	 * as the container would, in its root, where `path` is the tree. root -1: refused. */
	int root;
	const char *path;
	bool owners; /* the archive's; else root of this namespace */
	bool host;   /* no set-user-ID bits, no attributes but user.* */
	int times;   /* times.h */
	int parent;  /* the last one that was asked for, and its name */
	char parent_path[LIMIT_PATH + 1];
	uint32_t skipped; /* device nodes */
};

/* The caller fills what is above `times` first. */
int graft_open(struct graft *graft, struct error *err) __attribute__((warn_unused_result));
void graft_done(struct graft *graft);

/* One entry with its data. target: of a hard link, as a name in the tree. */
int graft_add(struct graft *graft, const struct name *name, const struct tar_entry *entry,
              const struct name *target, struct tar *tar, struct error *err)
        __attribute__((warn_unused_result));

/* The folders' times. */
int graft_finish(struct graft *graft, struct error *err) __attribute__((warn_unused_result));

#endif
