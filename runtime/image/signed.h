/*
 * signed: is an image signed as policy.json asks (sigstoreSigned)?
 *
 * Signatures lie in the image's own repository, where cosign puts them: in a manifest under the tag
 * sha256-HEX.sig, or in one that refers to the image (OCI 1.1). Each is a small text that names the
 * image's digest ("simple signing"), with a signature over it beside it. The text counts only if
 * the signature is by one of the keys (verified by a helper), names this very manifest, and is made
 * out to this image's name as the requirement says.
 */
#ifndef CORDON_IMAGE_SIGNED_H
#define CORDON_IMAGE_SIGNED_H

#include "runtime/image/stage.h"
#include "runtime/registry/registry.h"
#include "runtime/registry/trust.h"

struct signed_order {
	struct stage *stage; /* gives the helpers that verify an empty folder to live in */
	struct registry *registry;
	const struct trust_scope *scope; /* what is asked: every requirement must be met */
	const struct reference *name;    /* of the image */
	const char *hex[2]; /* manifests of which one must be signed: the image's own, the index's
	                       that names it; NULL */
};

/* 0: it is. */
int signed_check(const struct signed_order *order, struct error *err)
        __attribute__((warn_unused_result));

#endif
