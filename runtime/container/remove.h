/* remove: taking away a container's files, some of which belong to subordinate ids. */
#ifndef CORDON_CONTAINER_REMOVE_H
#define CORDON_CONTAINER_REMOVE_H

#include "runtime/container/folder.h"
#include "runtime/container/state.h"

/* Removes dir/path, plainly if that goes, else from inside a user namespace with `maps` (NULL: the
 * user's full range). host NULL: only plainly. */
int remove_tree(int dir, const char *path, const struct plan_id_maps *maps, const struct host *host,
                struct error *err) __attribute__((warn_unused_result));

/* Removes a container whose folder the caller has locked: name, folder, and with `volumes` what
 * the state calls its anonymous volumes. maps as above. */
int remove_container(struct folder *folder, const struct paths *paths, const struct host *host,
                     const struct state *state, bool volumes, struct error *err)
        __attribute__((warn_unused_result));

#endif
