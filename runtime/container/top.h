/* top: the processes of a container; see top.c. */
#ifndef CORDON_CONTAINER_TOP_H
#define CORDON_CONTAINER_TOP_H

#include "runtime/container/container.h"

/* The pids of a container that runs, first to last of /proc; `first` is that of its first process.
 */
void container_processes(pid_t **ret, size_t *count, struct arena *arena, pid_t first);

/* An array of objects with the columns of `cordon top`, and more that can be asked for. */
int container_top(struct value **ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err) __attribute__((warn_unused_result));

#endif
