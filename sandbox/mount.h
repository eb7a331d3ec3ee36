/*
 * mount: every mount is made detached and attached by descriptor.
 *
 * A mount begins as a file descriptor (fsopen/fsmount, or open_tree with OPEN_TREE_CLONE), gets its
 * attributes while nobody can reach it, and is put on an O_PATH descriptor that was resolved inside
 * the container's root (openat2 with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS). No path is used
 * twice, so a name that is swapped in between (CVE-2021-30465 and its kin) can only make the mount
 * fail.
 */
#ifndef CORDON_SANDBOX_MOUNT_H
#define CORDON_SANDBOX_MOUNT_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

#include <sys/types.h>

/* A file system by type name: "key=value,flag,..." options (NULL for none), MOUNT_ATTR_*
 * attributes. Returns a detached mount; `mode` of its root may come from the options. */
int mount_new(const char *type, const char *options, uint64_t attributes, struct error *err)
        __attribute__((warn_unused_result));

/* A detached copy of what `fd` (O_PATH is enough) refers to. */
int mount_clone(int fd, bool recursive, struct error *err) __attribute__((warn_unused_result));

/* Sets attributes on a detached or attached mount; what is already set stays set. */
int mount_set_attributes(int fd, uint64_t attributes, bool recursive, struct error *err)
        __attribute__((warn_unused_result));

/* Puts a detached mount on the file or folder `target` refers to. */
int mount_attach(int mount, int target, struct error *err) __attribute__((warn_unused_result));

/* Opens `path` inside `root` as a place to mount on, making what is missing: folders with mode
 * 0755, and for `file` an empty file. Symlinks are followed inside the root only. A place on procfs
 * or sysfs is refused (CVE-2019-16884). Returns an O_PATH descriptor. */
int mount_target(int root, const char *path, bool file, struct error *err)
        __attribute__((warn_unused_result));

/* The same for /proc, /sys, /dev and what the engine puts in them: no component may be a symlink.
 */
int mount_target_strict(int root, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* A file system of the kernel's that needs no id: may be made before the maps. 0: not such a row.
 */
int mount_make_early(int *ret, const struct plan_mount *row, struct error *err)
        __attribute__((warn_unused_result));

/* Carries out one row of a plan; /dev is device_folder's. `early`: what mount_make_early made of
 * it, or -1. */
int mount_row(int root, const struct plan_mount *row, int early, struct error *err)
        __attribute__((warn_unused_result));

#endif
