/*
 * signals: those that are passed on to the container (--sig-proxy), as a descriptor.
 */
#ifndef CORDON_CONTAINER_SIGNALS_H
#define CORDON_CONTAINER_SIGNALS_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* A signalfd (SFD_NONBLOCK) of SIGWINCH and, with `proxy`, all that a process is usually sent. They
 * are blocked from here on; SIGPIPE is ignored. */
int signals_open(bool proxy, struct error *err) __attribute__((warn_unused_result));

/* The next one, 0 for none. */
int signals_next(int fd);

#endif
