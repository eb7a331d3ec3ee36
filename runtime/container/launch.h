/*
 * launch: what was asked for and what the image says become a plan, by Docker's rules. No process
 * is started, and nothing is written but the folders of volumes.
 */
#ifndef CORDON_CONTAINER_LAUNCH_H
#define CORDON_CONTAINER_LAUNCH_H

#include "runtime/container/container.h"
#include "runtime/image/presence.h"

/* A volume that this launch has made, or that is empty and may take over what the image has at its
 * place. */
struct fresh_volume {
	const char *name, *target;
	bool made; /* a named one, by this launch */
	bool anonymous;
	bool fill;
	int lock; /* its folder: the shared lock of who makes a container with it */
};

struct launch {
	const struct paths *paths;
	const struct host *host;
	const struct run_request *request;
	struct image_presence presence; /* as it was when the image was looked for */
	const struct image *image;      /* NULL with --rootfs */
	const char *rootfs;             /* --rootfs as an absolute path, NULL with an image */
	const char *id;
	const char *folder; /* absolute path of the container's folder once it is published */
	const char *name;
	const char *hostname;
	struct network_plan network;
	const char *network_mode;      /* "none", "host", "private" */
	struct plan_strings anonymous; /* names of anonymous volumes, removed with the container */
	struct fresh_volume *fresh;
	size_t fresh_count;
	struct text *notes; /* what a person should know, one line each */
};

/* Fills everything of the plan but `confinement` (which must be there: it decides the id map) and
 * `cgroup`. */
int launch_plan(struct plan *ret, struct arena *arena, struct launch *launch, struct error *err)
        __attribute__((warn_unused_result));

/* ---- parts, public for their tests ---- */

/* "none", "host" or "private" for what was typed; an error for the rest. */
int launch_network_mode(const char **ret, const char *given, struct error *err)
        __attribute__((warn_unused_result));

/* The network of the plan and of the launch. */
int launch_network(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
        __attribute__((warn_unused_result));

/* ENTRYPOINT and CMD: an entrypoint from the command line drops the image's CMD, a command from
 * there replaces CMD, an entrypoint of one empty string is none. config NULL with --rootfs. */
int launch_arguments(struct plan_strings *ret, struct arena *arena,
                     const struct run_request *request, const struct image_config *config,
                     struct error *err) __attribute__((warn_unused_result));

/* PATH, HOSTNAME, TERM with a terminal, then the image's, then -e in order; the last of a name
 * counts. A bare NAME takes the caller's value, one the caller does not have is left out. */
int launch_environment(struct plan_strings *ret, struct arena *arena, const struct launch *launch,
                       struct error *err) __attribute__((warn_unused_result));
/* -e of exec: the same over an environment that is there. */
int launch_set_environment(struct plan_strings *ret, struct arena *arena,
                           const struct plan_strings *given, struct error *err)
        __attribute__((warn_unused_result));
/* Sets one NAME=VALUE. */
void launch_set_variable(struct plan_strings *list, struct arena *arena, const char *variable);

/* "TERM", "SIGTERM", "15", "RTMIN+3" to a number; NULL and "" are SIGTERM; -1. */
int launch_signal(const char *name, struct error *err) __attribute__((warn_unused_result));

/* A copy that launch_append may be used on. */
struct plan_strings launch_copy(struct arena *arena, const struct plan_strings *list);
void launch_append(struct arena *arena, struct plan_strings *list, const char *item);

#endif
