/*
 * timing: the lines of --trace-time. Every step of a launch says how long it took, so that a slow
 * one has a name.
 */
#ifndef CORDON_CONTAINER_TIMING_H
#define CORDON_CONTAINER_TIMING_H

#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdio.h>

struct timing {
	int fd;        /* -1: nobody asked */
	uint64_t last; /* when the last step ended */
};

/* To what is standard error (`fd`, -1) now: in the child that number becomes the container's own,
 * and the lines of its steps would go into its log. */
static inline struct timing timing_start(int fd)
{
	int own = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return (struct timing){ own, own < 0 ? 0 : io_now() };
}

/* Ends a step and begins the next. */
static inline void timing_step(struct timing *timing, const char *what)
{
	uint64_t now;

	if (timing->fd < 0)
		return;
	now = io_now();
	dprintf(timing->fd, "%8.1f us  %s\n", (double)(now - timing->last) / 1000, what);
	timing->last = now;
}

#endif
