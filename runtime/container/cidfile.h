/*
 * cidfile: the file of --cidfile, which gets the id of the container that is made. A path of NULL
 * is none.
 */
#ifndef CORDON_CONTAINER_CIDFILE_H
#define CORDON_CONTAINER_CIDFILE_H

#include "sandbox/base/error.h"

/* Not where there is one already: another container may be running under it. */
int cidfile_check(const char *path, struct error *err) __attribute__((warn_unused_result));
int cidfile_write(const char *path, const char *id, struct error *err)
        __attribute__((warn_unused_result));

#endif
