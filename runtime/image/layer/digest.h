/*
 * digest: SHA-256, through OpenSSL (digest.c is the one file of the tree that includes it).
 */
#ifndef CORDON_IMAGE_LAYER_DIGEST_H
#define CORDON_IMAGE_LAYER_DIGEST_H

#include "runtime/image/layer/protocol.h"

#include <stddef.h>

struct digest;

/* Aborts where OpenSSL has no SHA-256: nothing can be verified then. */
struct digest *digest_new(void) __attribute__((returns_nonnull));
void digest_free(struct digest *digest);
void digest_update(struct digest *digest, const void *bytes, size_t length);
/* Lower-case hex; the digest starts anew. */
void digest_finish(char ret[LAYER_HEX + 1], struct digest *digest);

#endif
