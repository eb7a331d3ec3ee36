/*
 * monitor: the process that stays as a container's parent: it holds the folder's lock, starts the
 * sandbox, carries its streams (relay), and records the end.
 *
 * In the foreground without a terminal it is the cordon command itself. With a terminal or detached
 * it is a forked process of as little memory as can be: everything that was needed to start is
 * given back, and what the end needs is read from the folder again.
 *
 * The container dies with it (PR_SET_PDEATHSIG in the sandbox); a folder whose lock is free while
 * its state says "running" is therefore a dead container, whoever looks next says so (recover.c).
 */
#ifndef CORDON_CONTAINER_MONITOR_H
#define CORDON_CONTAINER_MONITOR_H

#include "runtime/container/folder.h"
#include "runtime/container/state.h"
#include "runtime/container/timing.h"

/* Everything that is needed to start; the monitor owns none of it. */
struct monitor_request {
	const struct paths *paths;
	const struct host *host;
	struct arena *arena; /* given back once it runs in the background */
	struct folder *folder;
	struct plan *plan;
	struct network_plan *network;
	struct state *state;
	const char *detach_keys;
	struct timing *timing;
	bool interactive;
	bool signal_proxy;
	/* Makes the folder where there is none yet; writes what comes before the state; looks
	 * whether it may stay. NULL for a container that exists. */
	int (*make_folder)(void *context, struct error *err);
	int (*write_down)(void *context, struct error *err);
	int (*confirm)(void *context, struct error *err); /* when the state is written */
	void *context;
	const char *pidfile; /* absolute; NULL: none */
	bool late; /* in the foreground it may be written down when it has lived for a moment */
};

/* Starts the container and stays until its end, our own streams being its. Its exit status, or -1
 * with *err where it was not started. */
int monitor_foreground(struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Starts it under a monitor of its own; returns when it runs. */
int monitor_detached(struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* The same, and stays as its first client: until its end (the exit status) or detached (0). */
int monitor_attached(struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
