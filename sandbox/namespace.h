/*
 * namespace: which namespaces a container gets, and when.
 *
 * Its first process is born into those that decide who it is (user, pid) and what it sees (mounts).
 * The network, ipc and uts namespaces it makes itself: the kernel takes 0.3 ms for a network
 * namespace, and meanwhile the parent has the maps of its ids written. They belong to its user
 * namespace either way. The cgroup namespace is a step of its own, because it must be made inside
 * the container's cgroup.
 */
#ifndef CORDON_SANDBOX_NAMESPACE_H
#define CORDON_SANDBOX_NAMESPACE_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

#include <stdint.h>

/* For clone3(2). */
uint64_t namespace_of_birth(const struct plan *plan);

/* The others, and making them from inside. */
uint64_t namespace_of_itself(const struct plan *plan);
int namespace_make(const struct plan *plan, struct error *err) __attribute__((warn_unused_result));

/* What an errno of clone3(2) or unshare(2) means, with the way out. Always -1. */
int namespace_refused(int number, struct error *err);

#endif
