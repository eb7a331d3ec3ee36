/*
 * idmap: writes the uid and gid maps of a child's user namespace, from its parent.
 *
 * More than the caller's own id needs newuidmap(1) and newgidmap(1), which are setuid: they are run
 * side by side (each takes about a millisecond). user_namespaces(7): a map is written once, in one
 * write; an unprivileged gid_map needs setgroups "deny" before it.
 */
#ifndef CORDON_SANDBOX_IDMAP_H
#define CORDON_SANDBOX_IDMAP_H

#include "sandbox/base/error.h"
#include "sandbox/host.h"
#include "sandbox/spawn.h"

#include <sys/types.h>

/* `meanwhile` is done here, while the helpers work. */
int idmap_write(pid_t pid, const struct plan_id_maps *maps, const struct host *host,
                const struct sandbox_work *meanwhile, struct error *err)
        __attribute__((warn_unused_result));

#endif
