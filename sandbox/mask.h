/*
 * mask: hides or write-protects paths of /proc and /sys that tell about the host or steer it.
 *
 * A hidden file has the host's /dev/null over it, a hidden folder one shared, empty, read-only
 * tmpfs. The paths are the policy's; they are opened inside the root without following a single
 * symlink.
 */
#ifndef CORDON_SANDBOX_MASK_H
#define CORDON_SANDBOX_MASK_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

int mask_apply(int root, const struct plan_mask *masks, size_t count, struct error *err)
        __attribute__((warn_unused_result));

#endif
