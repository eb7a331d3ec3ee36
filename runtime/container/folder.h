/*
 * folder: a container's folder, its name claimed by an atomic symlink, itself locked by whoever
 * makes, runs or removes it.
 *
 * A container exists when its folder has a state.json, which is written last and by a rename, and
 * taken away first. A folder without one that nobody has locked is what a kill -9 left of making or
 * removing it: the next sweep takes it away. So there is no temporary name, and no moment in which
 * half a container can be seen.
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
	int dir;        /* data/containers/ID, locked exclusively; -1: it is not made yet */
};

#define FOLDER_NONE ((struct folder){ .containers = -1, .dir = -1 })

/* Chooses an id, so that what will be in the folder can be named before there is one. */
int folder_choose(struct folder *ret, const struct paths *paths, struct error *err)
        __attribute__((warn_unused_result));

/* Makes containers/ID, locked, with upper/ and work/ in it where there is an overlay. It is no
 * container yet. */
int folder_make(struct folder *folder, const struct paths *paths, bool overlay, struct error *err)
        __attribute__((warn_unused_result));

/* Claims the name. One in use is an error in Docker's words, with err->number EEXIST. */
int folder_claim(const struct folder *folder, const struct paths *paths, const char *name,
                 struct error *err) __attribute__((warn_unused_result));

/* Gives a name back, if it is this container's. */
void folder_release(const struct paths *paths, const char *name, const char *id);

/* The same, and takes away the state: from here on the
 * container does not exist. */
int folder_forget(const struct folder *folder, const struct paths *paths, const char *name,
                  struct error *err) __attribute__((warn_unused_result));

void folder_close(struct folder *folder);

/* Takes an existing folder: opens and locks it. 1; 0 where a process has it (it runs); -1. */
int folder_take(struct folder *ret, const struct paths *paths, const char *id, struct error *err)
        __attribute__((warn_unused_result));

/* containers/ID without a lock; -1 with errno. */
int folder_open(const struct paths *paths, const char *id);

/* True while a monitor (or a maker, or a remover) has it. */
bool folder_is_locked(int dir);

bool folder_is_id(const char *name);

/* Removes folders that are no container and that nobody is at. With a host, also those that hold
 * files of subordinate ids. */
void folder_sweep(const struct paths *paths, const struct host *host);

#endif
