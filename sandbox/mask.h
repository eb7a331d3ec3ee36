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

struct masker {
	int null;  /* the host's /dev/null over the first hidden file, copied afterwards; -1 */
	int empty; /* the empty tmpfs over the first hidden folder, copied afterwards; -1 */
};
#define MASKER_NONE ((struct masker){ -1, -1 })

/* `path` is the mask's, inside `root`: a path that does not exist there is skipped. */
int mask_apply(struct masker *masker, int root, const char *path, const struct plan_mask *mask,
               struct error *err) __attribute__((warn_unused_result));
void mask_done(struct masker *masker);

#endif
