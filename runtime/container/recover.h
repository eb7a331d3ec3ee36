/* recover: the truth about a container whose monitor may have been killed. */
#ifndef CORDON_CONTAINER_RECOVER_H
#define CORDON_CONTAINER_RECOVER_H

#include "runtime/container/state.h"

/* Reads the state of the folder `dir` (containers/ID). Where it says "running" and nobody holds the
 * folder's lock, ends what is left of the container and writes the end down. A state that cannot be
 * read is CONTAINER_DEAD. False where there is none: this is no container (yet, or any more). */
bool recover_state(struct state *ret, struct arena *arena, const struct paths *paths,
                   const char *id, int dir);

/* The same of one of many: `containers` is the folder of all. Its own is opened only where it says
 * "running". */
bool recover_listed(struct state *ret, struct arena *arena, const struct paths *paths,
                    int containers, const char *id);

#endif
