/* top: the processes of a container; see top.c. */
#ifndef CORDON_CONTAINER_TOP_H
#define CORDON_CONTAINER_TOP_H

#include "runtime/container/container.h"

/* An array of objects with UID, PID, PPID, TIME and CMD. */
int container_top(struct value **ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err) __attribute__((warn_unused_result));

#endif
