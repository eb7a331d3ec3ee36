/*
 * launch: what was asked for and what the image says become a plan, by Docker's rules. No process
 * is started and nothing is written but volume folders.
 */
#ifndef CORDON_CONTAINER_LAUNCH_H
#define CORDON_CONTAINER_LAUNCH_H

#include "runtime/container/container.h"

struct launch {
	const struct paths *paths;
	const struct host *host;
	const struct run_request *request;
	const struct image *image; /* NULL with --rootfs */
	const char *id;
	const char *folder; /* absolute path of the container's folder once it is published */
	const char *name;
	struct network_plan network;
	const char *network_mode;      /* "none", "host", "private" */
	struct plan_strings anonymous; /* names of anonymous volumes, removed with the container */
};

/* Fills everything of the plan but `confinement` and `cgroup`. `confinement` must be there already
 * for the modes it decides (idmap). A map that cannot be had falls back to one id and says so on
 * `notes`. */
int launch_plan(struct plan *ret, struct arena *arena, struct launch *launch, struct text *notes,
                struct error *err) __attribute__((warn_unused_result));

/* "none", "host" or "private" for what was typed; an error for the rest. */
int launch_network_mode(const char **ret, const char *given, struct error *err)
        __attribute__((warn_unused_result));

/* Parts, for their tests. */
int launch_arguments(struct plan_strings *ret, struct arena *arena,
                     const struct run_request *request, const struct image_config *config,
                     struct error *err) __attribute__((warn_unused_result));
void launch_environment(struct plan_strings *ret, struct arena *arena, const struct launch *launch);
int launch_signal(const char *name, struct error *err)
        __attribute__((warn_unused_result)); /* number, -1 */

/* One -v as a row; named volumes are made. */
int launch_volume(struct plan_mount *ret, struct arena *arena, const struct paths *paths,
                  const char *spec, struct error *err) __attribute__((warn_unused_result));
int launch_tmpfs(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
        __attribute__((warn_unused_result));
/* All mounts in their order: the system's, then the container's files, then volumes by depth. */
int launch_mounts(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
        __attribute__((warn_unused_result));

void launch_append(struct arena *arena, struct plan_strings *list, const char *item);

#endif
