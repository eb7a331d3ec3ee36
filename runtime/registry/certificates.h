/*
 * certificates: authorities that are trusted for one registry beside the machine's own: the *.crt
 * of containers-certs.d(5), in certs.d/HOST[:PORT] of the user's and the system's folder, and of
 * Docker's.
 */
#ifndef CORDON_REGISTRY_CERTIFICATES_H
#define CORDON_REGISTRY_CERTIFICATES_H

#include "runtime/registry/folders.h"

/* All of them in a nameless file, PEM; *ret is -1 where there are none. A client's certificate
 * (*.cert, *.key), which cordon does not send, is an error: the registry would not let us in. */
int certificates_open(int *ret, struct arena *arena, const char *host, struct error *err)
        __attribute__((warn_unused_result));
int certificates_open_in(int *ret, struct arena *arena, const struct folders *folders,
                         const char *host, struct error *err) __attribute__((warn_unused_result));

#endif
