/*
 * certificates: authorities that are trusted for one registry beside the machine's own: the *.crt
 * of containers-certs.d(5), in certs.d/HOST[:PORT] of the user's and the system's folder, and of
 * Docker's; and what this machine shows of itself there: a certificate (*.cert) with its key.
 */
#ifndef CORDON_REGISTRY_CERTIFICATES_H
#define CORDON_REGISTRY_CERTIFICATES_H

#include "runtime/registry/folders.h"

/* In a nameless file, PEM, one behind the other; lengths in bytes, 0: there is none. */
struct certificates {
	int fd; /* the caller closes it; -1: there is nothing */
	uint32_t authorities, own, key;
};

/* A certificate without its key, a key without its certificate, and several of them are errors:
 * the registry would not let us in, and nobody would know why. folder: in place of all of them,
 * and it must be there; NULL. */
int certificates_open(struct certificates *ret, struct arena *arena, const char *host,
                      const char *folder, struct error *err) __attribute__((warn_unused_result));
int certificates_open_in(struct certificates *ret, struct arena *arena,
                         const struct folders *folders, const char *host, struct error *err)
        __attribute__((warn_unused_result));

#endif
