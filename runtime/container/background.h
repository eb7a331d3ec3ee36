/*
 * background: a process that stays when the command that started it returns: the monitor of a
 * detached container or of one with a terminal, the parent of a detached exec.
 */
#ifndef CORDON_CONTAINER_BACKGROUND_H
#define CORDON_CONTAINER_BACKGROUND_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the command that waits is told. */
struct background_answer {
	bool started;
	pid_t pid; /* of the container's process */
	uint64_t pid_start;
	struct error error; /* where it was not started */
};

struct background {
	/* Runs in the new process; tells `ready` once, by background_tell, and exits by returning.
	 */
	void (*run)(void *context, int ready);
	void *context;
	const int *keep; /* descriptors it needs; all others are closed */
	size_t keep_count;
};

/* Forks the process into a session of its own, without any of our streams, and waits until it
 * tells. -1 with what it told. */
int background_start(struct background_answer *ret, const struct background *background,
                     struct error *err) __attribute__((warn_unused_result));

void background_tell(int ready, const struct background_answer *answer);

/* What a waiting monitor runs stands together in the program (.text.hot), in one window of the page
 * cache. */
#define _waiting __attribute__((hot))

/* Gives memory back that will not be needed again or can be read again: what malloc(3) holds, the
 * stack below, what is read-only of the program, and `size` bytes at `unused`, which are lost. */
void background_shrink(void *unused, size_t size);

/* Marks every descriptor but the standard ones close-on-exec: what our caller left open is not for
 * the programs we start (newuidmap, pasta). */
void background_guard_descriptors(void);

#endif
