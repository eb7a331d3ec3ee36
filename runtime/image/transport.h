/*
 * transport: names that begin with a transport of containers/image ("dir:FOLDER",
 * "docker-daemon:NAME"). Read as names of images they would be some of Docker Hub's
 * ("docker.io/library/dir:FOLDER"), and what was to be written to a folder would be shown to
 * everybody.
 */
#ifndef CORDON_IMAGE_TRANSPORT_H
#define CORDON_IMAGE_TRANSPORT_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* -1 with the way out where a name that is to be asked for at a registry (push: to be sent there)
 * is none; 0. */
int transport_check(const char *name, bool push, struct error *err)
        __attribute__((warn_unused_result));

#endif
