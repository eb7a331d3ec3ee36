/*
 * file: small files the engine provides inside the root (/etc/hosts and the like), held in one
 * tmpfs that exists only in the container's mount namespace: nothing of them is on disk, and what a
 * container writes to them is bounded and goes with it.
 */
#ifndef CORDON_SANDBOX_FILE_H
#define CORDON_SANDBOX_FILE_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

/* Makes the files, in a tmpfs that lies where /proc will be mounted over it: a mount that was never
 * attached costs a grace period of the kernel's when it is closed, 0.2 ms. Returns a descriptor of
 * it. */
int file_make(int root, const struct plan_file *files, size_t count, struct error *err)
        __attribute__((warn_unused_result));

/* Mounts each on its place, which is made where the image has none. */
int file_mount(int root, int store, const struct plan_file *files, size_t count, struct error *err)
        __attribute__((warn_unused_result));

#endif
