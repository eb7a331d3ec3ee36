/*
 * folder: a container's folder on disk: made under a temporary name and renamed, its name claimed
 * by an atomic symlink, its lock held by its monitor, its state replaced whole.
 */
#ifndef CORDON_CONTAINER_FOLDER_H
#define CORDON_CONTAINER_FOLDER_H

#include "runtime/container/container.h"

struct folder {
	char id[CONTAINER_ID_LENGTH + 1];
	int containers; /* data/containers */
	int dir;        /* data/containers/ID */
	int lock;       /* held exclusively while the maker or the monitor lives */
};

/* Makes .ID.tmp with upper/ and work/ in it, locked. Nothing is visible yet. */
int folder_make(struct folder *ret, const struct paths *paths, struct error *err)
        __attribute__((warn_unused_result));

/* Claims the name and makes the folder visible. A name in use: Docker's words, and nothing is left.
 */
int folder_publish(struct folder *folder, const struct paths *paths, const char *name,
                   struct error *err) __attribute__((warn_unused_result));

/* Removes what folder_make made (before or after publish), the name too when `name` is not NULL. */
void folder_discard(struct folder *folder, const struct paths *paths, const char *name);
void folder_close(struct folder *folder);

/* Opens containers/ID; -1 with errno ENOENT where there is none. */
int folder_open(const struct paths *paths, const char *id);

/* True while a monitor (or a maker) holds the lock. */
bool folder_is_locked(int dir);

/* Takes the lock, waiting for it; a descriptor, or -1. */
int folder_lock(int dir);

/* Removes temporary folders whose maker is gone. Called by commands that write. */
void folder_sweep(const struct paths *paths);

/* The state file: everything ps needs, in one small read. */
int state_write(int dir, const struct value *state, enum container_status status, struct error *err)
        __attribute__((warn_unused_result));
int state_read(struct value **ret, struct arena *arena, int dir, struct error *err)
        __attribute__((warn_unused_result));
const char *state_status_name(enum container_status status);
enum container_status state_status(const struct value *state);

/* A process by pid and start time (field 22 of /proc/PID/stat), so that a reused pid is never
 * meant. */
uint64_t process_start_time(pid_t pid);
/* Kills it if it is still the one that was recorded. */
void process_kill_recorded(pid_t pid, uint64_t start_time, int signal);

#endif
