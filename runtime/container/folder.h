/*
 * folder: a container's folder: made under a temporary name and renamed, so that it is whole or
 * absent; its name claimed by an atomic symlink; itself locked by whoever makes, runs or removes
 * it.
 *
 * The lock is a flock(2) on the folder itself: it needs no file of its own, goes with the process
 * that held it, and is inherited by a forked monitor.
 */
#ifndef CORDON_CONTAINER_FOLDER_H
#define CORDON_CONTAINER_FOLDER_H

#include "runtime/container/container.h"

struct folder {
	char id[CONTAINER_ID_LENGTH + 1];
	int containers; /* data/containers */
	int dir;        /* data/containers/ID, locked exclusively */
};

#define FOLDER_NONE ((struct folder){ .containers = -1, .dir = -1 })

/* Makes .ID.tmp, locked, with upper/ and work/ in it where there is an overlay. Nothing is visible
 * yet. */
int folder_make(struct folder *ret, const struct paths *paths, bool overlay, struct error *err)
        __attribute__((warn_unused_result));

/* Claims the name. One in use is an error in Docker's words, with err->number EEXIST. */
int folder_claim(const struct folder *folder, const struct paths *paths, const char *name,
                 struct error *err) __attribute__((warn_unused_result));

/* Makes the folder visible: from here on the container exists. */
int folder_publish(const struct folder *folder, struct error *err)
        __attribute__((warn_unused_result));

/* Gives the name back, if it is this container's, and takes the folder out of sight: what is left
 * is .ID.tmp. From here on nobody finds the container any more. */
int folder_hide(struct folder *folder, const struct paths *paths, const char *name,
                struct error *err) __attribute__((warn_unused_result));

/* Hides and removes a container that nothing was written into but by the engine. */
void folder_discard(struct folder *folder, const struct paths *paths, const char *name);
void folder_close(struct folder *folder);

/* Takes an existing folder: opens and locks it. 1; 0 where a process has it (it runs); -1. */
int folder_take(struct folder *ret, const struct paths *paths, const char *id, struct error *err)
        __attribute__((warn_unused_result));

/* containers/ID without a lock; -1 with errno. */
int folder_open(const struct paths *paths, const char *id);

/* True while a monitor (or a maker, or a remover) has it. */
bool folder_is_locked(int dir);

/* The name of the temporary form of an id, and whether a name is one. */
enum { FOLDER_TEMPORARY = CONTAINER_ID_LENGTH + 8 };
void folder_temporary_name(char ret[FOLDER_TEMPORARY], const char *id);
bool folder_is_temporary(const char *name);
bool folder_is_id(const char *name);

/* Removes temporary folders whose maker or remover is gone. With a host, also those that hold
 * files of subordinate ids. */
void folder_sweep(const struct paths *paths, const struct host *host);

#endif
