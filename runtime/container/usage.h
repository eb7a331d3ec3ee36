/*
 * usage: what a running container takes of the machine, at one moment.
 *
 * A container that has a cgroup is counted by it. Others are counted from /proc, process by
 * process: the memory that is theirs alone (RssAnon and RssShmem; what is mapped from files is
 * shared with the page cache), and the time they and the children they have waited for have had,
 * which falls back where one ends that nobody waited for.
 */
#ifndef CORDON_CONTAINER_USAGE_H
#define CORDON_CONTAINER_USAGE_H

#include "runtime/container/container.h"

struct usage {
	uint64_t processor; /* microseconds since it was started */
	uint64_t memory;    /* bytes */
	uint64_t limit;     /* bytes: its own, or what the machine has */
	uint64_t tasks;     /* threads, as a cgroup counts */
	bool network;       /* the two below are known: it has a network of its own */
	uint64_t received, sent;
};

/* Of one that runs; one that has just ended has used nothing. */
void container_usage(struct usage *ret, struct arena *arena, const struct container *container);

#endif
