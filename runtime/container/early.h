/*
 * early: the first process of a container, born before it is known what it is to be.
 *
 * Its namespaces and its ids take the kernel and two setuid programs longer than it takes to find
 * the image, the profile and the plan. So they are begun first, as the request alone lets expect
 * them; a plan that asks for others gets a new process, and costs what it would have cost anyway.
 */
#ifndef CORDON_CONTAINER_EARLY_H
#define CORDON_CONTAINER_EARLY_H

#include "runtime/container/launch.h"
#include "sandbox/spawn.h"

struct early {
	struct sandbox sandbox; /* SANDBOX_NONE: nothing was begun, or it was taken */
	struct namespaces namespaces;
};
#define EARLY_NONE ((struct early){ .sandbox = SANDBOX_NONE })

/* Whatever stands in the way is for later to say. `trace` as in struct sandbox_streams. */
void early_begin(struct early *ret, struct arena *arena, const struct host *host,
                 const struct run_request *request, int trace);

/* Gives it away where the plan asks for it: 1, else 0. */
int early_take(struct sandbox *ret, struct early *early, const struct plan *plan);

/* Ends what was not taken. */
void early_done(struct early *early);

#endif
