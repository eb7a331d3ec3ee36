/* control: what all commands on one container begin with, and how it is ended. */
#ifndef CORDON_CONTAINER_CONTROL_H
#define CORDON_CONTAINER_CONTROL_H

#include "runtime/container/folder.h"

/* container_open, with "No such container" as an error. The caller closes it. */
int control_open(struct container *ret, struct arena *arena, const struct paths *paths,
                 const char *name, struct error *err) __attribute__((warn_unused_result));
/* The same for one that must run. */
int control_open_running(struct container *ret, struct arena *arena, const struct paths *paths,
                         const char *name, struct error *err) __attribute__((warn_unused_result));

/* That it is paused, and the way out. Returns -1. */
int control_refuse_paused(const char *name, struct error *err);
/* The same for one that must go on too: not paused. */
int control_open_going(struct container *ret, struct arena *arena, const struct paths *paths,
                       const char *name, struct error *err) __attribute__((warn_unused_result));

/* A pidfd of its first process; -1 where that has ended. */
int control_process(const struct container *container);

/* A pidfd of a process whose namespaces can be joined; -1 where it has ended. The reaper of --init
 * lets nobody look at it (sandbox/init.c), and setns(2) is a look: then it is the command, which
 * lives in the same ones, and is the reaper's first child as long as there is a reaper. */
int control_member(const struct container *container, const struct plan *plan);

/* folder_take for a start: waits a while for who is at it and does not run it (cp, rm). 1; 0 where
 * it runs; -1. */
int control_take(struct folder *ret, const struct paths *paths, const struct container *container,
                 struct error *err) __attribute__((warn_unused_result));

/* Sends a signal to its first process and waits until its monitor has written the end down. */
void control_end(const struct container *container, int signal);

#endif
