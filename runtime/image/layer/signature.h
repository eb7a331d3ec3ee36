/*
 * signature: is this text signed with that key? ECDSA (P-256 and longer) and RSA over SHA-256,
 * Ed25519 over the text: what cosign makes.
 */
#ifndef CORDON_IMAGE_LAYER_SIGNATURE_H
#define CORDON_IMAGE_LAYER_SIGNATURE_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct signature {
	const void *key; /* public, PEM */
	size_t key_length;
	const unsigned char *signature; /* as the key's kind has it: DER for ECDSA */
	size_t signature_length;
	const unsigned char *payload;
	size_t payload_length;
};

int signature_verify(const struct signature *signature, struct error *err)
        __attribute__((warn_unused_result));

#endif
