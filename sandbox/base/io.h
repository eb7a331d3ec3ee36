/*
 * io: files and descriptors, the few ways this tree uses them.
 *
 * Every descriptor is close-on-exec at birth. Paths that someone else may have a hand in are opened
 * beneath a directory descriptor with openat2(2), never by name twice.
 */
#ifndef CORDON_BASE_IO_H
#define CORDON_BASE_IO_H

#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: `path` is read as if `root` were "/",
 * symlinks cannot lead out of it. O_CLOEXEC is added. Returns a descriptor; -1 with errno set. */
int io_open_in_root(int root, const char *path, int flags, mode_t mode);

/* The same without following any symlink at all (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). */
int io_open_beneath(int dir, const char *path, int flags, mode_t mode);

/* Appends the whole of a descriptor; stops with an error past `limit` bytes. */
int io_read_all(struct text *ret, int fd, size_t limit, struct error *err)
        __attribute__((warn_unused_result));

/* Appends the regular file behind `fd`, which is what open(2) gave: it may be -1, with errno. 1, 0
 * where there is no such file, -1. */
int io_read_regular(struct text *ret, int fd, const char *path, size_t limit, struct error *err)
        __attribute__((warn_unused_result));

/* Appends the file at dir/path (regular files only, O_NOFOLLOW, O_NONBLOCK). Returns 1, 0 where
 * there is no such file, -1 on failure. `dir` may be AT_FDCWD. */
int io_read_file(struct text *ret, int dir, const char *path, size_t limit, struct error *err)
        __attribute__((warn_unused_result));

/* Writes everything, going on after EINTR and short writes. 0, or -1 with errno set. */
int io_write_all(int fd, const void *bytes, size_t length) __attribute__((warn_unused_result));

enum io_durability {
	IO_VOLATILE, /* write, rename: whole or absent to every reader, may be lost with the power
	              */
	IO_DURABLE,  /* write, fsync, rename, fsync of the folder */
};

/* A nameless file in memory that holds the bytes, to be read from its beginning; -1 with *err,
 * where `what` says what it could not hold. */
int io_memory(const char *what, const void *bytes, size_t length, struct error *err)
        __attribute__((warn_unused_result));

/* Replaces dir/path in one step: written under a temporary name beside it, then renamed. */
int io_replace_file(int dir, const char *path, const void *bytes, size_t length,
                    enum io_durability durability, struct error *err)
        __attribute__((warn_unused_result));

/* mkdir -p with mode 0700 for every new component. An existing last component must be a directory
 * (not a symlink) owned by the caller. */
int io_make_dirs(const char *path, struct error *err) __attribute__((warn_unused_result));

/* Whether the folder dir/path holds nothing. False where that cannot be told, and of a symlink. */
bool io_is_empty(int dir, const char *path);

/* Removes dir/path and all below it, by descriptors, crossing no symlink and no mount. A missing
 * path is fine. -1 with the first failure otherwise. */
int io_remove_tree(int dir, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* poll(2) for reading on one descriptor. 1 readable or hung up, 0 timeout, -1 errno.
 * timeout in milliseconds, -1 for ever. Goes on after EINTR with what is left of the time. */
int io_wait_readable(int fd, int timeout_ms);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t io_now(void);

#endif
