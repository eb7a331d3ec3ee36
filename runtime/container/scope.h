/*
 * scope: a cgroup of systemd's, where the user may not make one where he is.
 *
 * Who logs in is put into a scope that belongs to root; what systemd delegates to him is the tree
 * of his own service manager, and only systemd can move a process from the one into the other. So
 * the manager is asked for a scope with this process in it, over its private socket, as systemd-run
 * --user --scope does (org.freedesktop.systemd1(5)). The scope ends by itself with its last
 * process, however that ends.
 */
#ifndef CORDON_CONTAINER_SCOPE_H
#define CORDON_CONTAINER_SCOPE_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"

#include <sys/types.h>

/* The v2 cgroup of a process, as "/user.slice/..."; NULL where it has none. */
const char *scope_of_process(struct arena *arena, pid_t pid);

/* The cgroup of the user's service manager, "/user.slice/...", whose socket is below `runtime`
 * ($XDG_RUNTIME_DIR); NULL where none runs. */
const char *scope_manager_cgroup(struct arena *arena, const char *runtime);

/* Moves this process into a new scope of that name ("x.scope"), a delegated one, in app.slice.
 * err->number is EEXIST where there is one already. */
int scope_start(const char *runtime, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* Moves this process into the cgroup `below` ("/x") of a scope that runs. */
int scope_join(const char *runtime, const char *name, const char *below, struct error *err)
        __attribute__((warn_unused_result));

#endif
