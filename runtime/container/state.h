/*
 * state: what changes in a container's life, one small file (state.json) that is replaced whole.
 * It holds all that `ps` shows, so that a list reads one file a container.
 *
 * One table of fields reads and writes it; a field that is absent is zero.
 */
#ifndef CORDON_CONTAINER_STATE_H
#define CORDON_CONTAINER_STATE_H

#include "runtime/container/container.h"
#include "sandbox/base/io.h"

struct state {
	enum container_status status;
	const char *name, *image, *image_id, *command;
	const char *ports;                  /* as ps prints them */
	const char *error;                  /* why it did not start, or what killed its monitor */
	const char *network;                /* "private", "host", "none" */
	const char *skipped;                /* what the sandbox left out as if_available */
	const char *cgroup;                 /* its own, to be removed with it */
	int64_t created, started, finished; /* nanoseconds since the epoch, 0: never */
	int64_t exit_status;
	int64_t pid, pid_start; /* pid and start time of the first process, the monitor, pasta */
	int64_t monitor, monitor_start;
	int64_t pasta, pasta_start;
	int64_t stop_signal;
	int64_t stop_timeout; /* seconds, -1 for ever; it counts where stop_timeout_given is */
	bool remove;          /* --rm */
	bool terminal, interactive;
	bool out_of_memory;
	bool stop_timeout_given;
	const struct value *labels;    /* object */
	const struct value *anonymous; /* names of volumes that go with it: array */
	const struct value *published; /* ports with the host's numbers: array of objects */
	const struct value *mounts;    /* objects with target, and volume or source: array */
	const struct value *enforced;  /* what the kernel said: object */
};

/* `state->labels` and the like may point into another arena. */
struct value *state_encode(struct arena *arena, const struct state *state);
/* What is not there, or not of its kind, is 0, "" or NULL; a status that is none is dead. */
void state_decode(struct state *ret, const struct value *value);
/* A copy in another arena of what lists show: without `enforced`. */
struct state *state_keep(struct arena *arena, const struct state *state);

/* 1; 0 where there is none yet; -1 (damaged). */
int state_read(struct state *ret, struct arena *arena, int dir, struct error *err)
        __attribute__((warn_unused_result));
/* The same of one of many: `containers` is the folder of all. */
int state_read_listed(struct state *ret, struct arena *arena, int containers, const char *id,
                      struct error *err) __attribute__((warn_unused_result));
int state_write(int dir, const struct state *state, enum io_durability durability,
                struct error *err) __attribute__((warn_unused_result));

/* Held by whoever reads a state, changes it and writes it back, where the monitor may do so too. A
 * descriptor that holds it until it is closed; -1 where there is no container any more. */
int state_lock(int dir);

const char *state_status_name(enum container_status status);
/* The same of a container as it is shown: one that runs may be "paused". */
const char *container_status_name(const struct container *container);

/* The folder of its cgroup; NULL where it has none. */
const char *state_cgroup(const struct state *state);

/* CLOCK_REALTIME in nanoseconds. */
int64_t state_now(void);

#endif
