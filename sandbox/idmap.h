/*
 * idmap: writes the uid and gid maps of a child's user namespace, from its parent.
 *
 * More than the caller's own id needs newuidmap(1) and newgidmap(1), which are setuid: they are run
 * side by side (each takes about a millisecond), and the caller does what else there is to do
 * meanwhile. user_namespaces(7): a map is written once, in one write; an unprivileged gid_map needs
 * setgroups "deny" before it.
 */
#ifndef CORDON_SANDBOX_IDMAP_H
#define CORDON_SANDBOX_IDMAP_H

#include "sandbox/base/error.h"
#include "sandbox/host.h"

#include <sys/types.h>

/* Helpers at work. */
struct idmap_job;

/* *ret is NULL where nothing is left to wait for. */
int idmap_start(struct idmap_job **ret, pid_t pid, const struct plan_id_maps *maps,
                const struct host *host, struct error *err) __attribute__((warn_unused_result));

/* Waits for them, and frees the job; NULL is fine. To be called before `pid` is reaped: they know
 * it by its number. */
int idmap_finish(struct idmap_job *job, struct error *err) __attribute__((warn_unused_result));

#endif
