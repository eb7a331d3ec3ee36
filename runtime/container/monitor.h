/*
 * monitor: the process that stays as a container's parent: it holds the folder's lock, starts the
 * sandbox, carries the standard streams between the container, the log and whoever is attached, and
 * records the end.
 *
 * In the foreground without a terminal it is the cordon command itself; with a terminal or detached
 * it is a forked, session-leading process with as little memory as can be.
 */
#ifndef CORDON_CONTAINER_MONITOR_H
#define CORDON_CONTAINER_MONITOR_H

#include "runtime/container/folder.h"
#include "runtime/container/log.h"
#include "sandbox/spawn.h"

struct monitor_request {
	const struct paths *paths;
	const struct host *host;
	struct plan *plan;
	struct folder *folder;
	struct network_plan *network;
	struct arena *arena;
	struct value *state; /* what ps shows; completed and written by the monitor */
	const char *name;
	struct plan_strings anonymous;
	bool foreground;  /* output also goes to our own standard output and error */
	bool interactive; /* the container has a standard input */
	bool remove;      /* --rm */
	int client;       /* a channel that is attached from the start, -1 */
	int ready;        /* pipe: told once that the command runs, or why not; -1 */
	int trace;
};

/* What `ready` gets. */
struct monitor_answer {
	bool started;
	struct error error;
};

/* Starts the container and stays until its end. The exit status (0..255), or -1 with *err where it
 * was not started; then nothing is left of it when it was a `run`. */
int monitor_run(struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Removes a container's folder, name, volumes; files of subordinate ids through a user namespace.
 */
int monitor_remove_folder(struct folder *folder, const struct paths *paths, const struct host *host,
                          const struct plan_id_maps *maps, const char *name, struct error *err)
        __attribute__((warn_unused_result));

#endif
