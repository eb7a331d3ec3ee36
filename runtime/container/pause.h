/* pause: a container that stands still while something is done to its files. */
#ifndef CORDON_CONTAINER_PAUSE_H
#define CORDON_CONTAINER_PAUSE_H

#include "runtime/container/container.h"

/* 1: it is paused now, and container_unpause is the caller's; 0: it stands still anyway; -1. */
int pause_for_a_while(const struct paths *paths, const char *name, struct error *err)
        __attribute__((warn_unused_result));

#endif
