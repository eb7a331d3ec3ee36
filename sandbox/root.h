/*
 * root: the container's root file system, and the change into it.
 */
#ifndef CORDON_SANDBOX_ROOT_H
#define CORDON_SANDBOX_ROOT_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

/* Makes the root's mount, attaches it in this mount namespace, and returns a descriptor of its top
 * (usable as a folder for openat2). */
int root_mount(const struct plan_root *root, struct error *err) __attribute__((warn_unused_result));

/* pivot_root(2) into it, the old root detached; then "/" is checked to be it. */
int root_change(int root, struct error *err) __attribute__((warn_unused_result));

#endif
