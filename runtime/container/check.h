/*
 * check: are the containers, their names and the volumes what they should be? Every container can
 * be read and started again as far as files go: its state, record, plan, the image it was made
 * from, the layers that its plan names; every name is a container's, every container has its name.
 */
#ifndef CORDON_CONTAINER_CHECK_H
#define CORDON_CONTAINER_CHECK_H

#include "runtime/container/container.h"
#include "runtime/store/findings.h"

struct container_check {
	bool repair;     /* leftovers of processes that died, claims of nobody */
	bool containers; /* and damaged containers, if they do not run */
};

int container_check(struct findings *findings, const struct paths *paths, const struct host *host,
                    const struct container_check *check, struct error *err)
        __attribute__((warn_unused_result));

#endif
