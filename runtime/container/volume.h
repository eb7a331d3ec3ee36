/*
 * volume: -v and --tmpfs as rows of a plan, and the folders of named and anonymous volumes
 * (data/volumes/NAME/_data).
 */
#ifndef CORDON_CONTAINER_VOLUME_H
#define CORDON_CONTAINER_VOLUME_H

#include "runtime/container/launch.h"

/* One -v, taken apart: nothing is looked up or made. */
struct volume {
	const char *source; /* an absolute path; NULL with a name */
	const char *name;   /* of a named volume; both NULL: anonymous */
	const char *target; /* absolute, cleaned */
	uint64_t attributes;
	bool recursive;
	bool nocopy; /* a fresh one stays empty */
};

/* "SRC:DST[:OPTIONS]", "NAME:DST[:OPTIONS]", "DST". `here` is what a source like ./x is relative
 * to. Pure. */
int volume_parse(struct volume *ret, struct arena *arena, const char *spec, const char *here,
                 struct error *err) __attribute__((warn_unused_result));

/* The same for a --mount that is no tmpfs. Pure. */
int volume_take_request(struct volume *ret, struct arena *arena,
                        const struct mount_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* The row of a volume. A named one is made where it is missing, a folder that is not there is an
 * error. An anonymous one is made, and its name appended to launch->anonymous. What was made, and
 * what may be filled, is appended to launch->fresh. */
int volume_row(struct plan_mount *ret, struct arena *arena, struct launch *launch,
               const struct volume *volume, struct error *err) __attribute__((warn_unused_result));

/* "DST[:OPTIONS]" with Docker's defaults: noexec,nosuid,nodev,mode=1777. Pure. */
int volume_tmpfs(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
        __attribute__((warn_unused_result));

/* The same, taken apart already. */
int volume_tmpfs_at(struct plan_mount *ret, struct arena *arena, const char *target,
                    const char *options, struct error *err) __attribute__((warn_unused_result));

/* An absolute path without "//", "/./", "/../" and "/" at the end; NULL where it is not absolute,
 * or is "/" itself. */
const char *volume_clean(struct arena *arena, const char *path);

#endif
