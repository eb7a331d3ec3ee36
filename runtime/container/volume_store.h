/*
 * volume_store: the volumes themselves, data/volumes/NAME: _data is what containers see, and
 * volume.json beside it says when it was made and with what labels. Anonymous volumes have an id of
 * 64 digits for a name.
 *
 * Who makes a container holds a shared lock (flock) on the folders of its volumes until the
 * container is written down; who removes a volume holds it exclusively while he looks whether a
 * container names it. So none is taken from under a container that is being made.
 */
#ifndef CORDON_CONTAINER_VOLUME_STORE_H
#define CORDON_CONTAINER_VOLUME_STORE_H

#include "policy/value.h"
#include "runtime/store/paths.h"
#include "sandbox/host.h"

#include <stdbool.h>

/* How folders of volumes begin that are being removed: no name of a volume does. */
#define VOLUME_GONE ".gone-"

/* Beside _data, while it is filled (fresh.c): what is being copied, and what is whole. */
#define VOLUME_PARTIAL "_partial"
#define VOLUME_WHOLE   "_whole"

struct volume_entry {
	const char *name;
	const char *path;           /* of _data */
	int64_t created;            /* seconds since the epoch */
	const struct value *labels; /* object */
	bool anonymous;
	struct plan_strings users; /* ids of the containers that name it */
};

/* [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 127 long. */
bool volume_name_is_valid(const char *name);

struct volume_made {
	const char *name;
	const char *path; /* of _data */
	int lock;         /* the volume's folder; nobody need close it */
	bool is_new;
};

/* Makes it where it is missing. Its lock is held until this process ends, or closes all it has
 * open. labels: object, for a new one; NULL. */
int volume_make(struct volume_made *ret, struct arena *arena, const struct paths *paths,
                const char *name, const struct value *labels, struct error *err)
        __attribute__((warn_unused_result));

/* Whether it is to take over what an image has (fresh.h): it is empty, or somebody has died who
 * filled it. One that its containers have closed to the caller is none: it has been theirs. */
bool volume_is_fresh(int folder);
bool volume_is_empty(int folder);

/* What stands beside _data under that name goes out of the way at once, and then away. 0 also where
 * there is nothing. */
int volume_discard(int folder, const char *name, const struct paths *paths, const struct host *host,
                   struct error *err) __attribute__((warn_unused_result));

/* By name. */
int volume_list(struct volume_entry **ret, size_t *count, struct arena *arena,
                const struct paths *paths, struct error *err) __attribute__((warn_unused_result));
/* One of them. 1, 0, -1. */
int volume_find(struct volume_entry *ret, struct arena *arena, const struct paths *paths,
                const char *name, struct error *err) __attribute__((warn_unused_result));

/* 0; -1, with err->number ENOENT where there is none, EBUSY where a container has it. */
int volume_remove(const struct paths *paths, const struct host *host, const char *name,
                  struct error *err) __attribute__((warn_unused_result));

#endif
