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

/* All that must be known of a plan before its first process can be born. */
struct namespaces {
	bool host_pid, host_ipc, host_uts, host_network;
	struct plan_id_maps maps; /* the user namespace's */
};

struct namespaces namespaces_of(const struct plan *plan);
bool namespaces_equal(const struct namespaces *one, const struct namespaces *other);

/* For clone3(2). */
uint64_t namespaces_of_birth(const struct namespaces *namespaces);

/* The others, and making them from inside. */
uint64_t namespaces_of_itself(const struct namespaces *namespaces);
int namespaces_make(const struct namespaces *namespaces, struct error *err)
        __attribute__((warn_unused_result));

/* What an errno of clone3(2) or unshare(2) means, with the way out. Always -1. */
int namespaces_refused(int number, struct error *err);

#endif
