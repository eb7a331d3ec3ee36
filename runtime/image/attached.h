/*
 * attached: the profile that a registry, an OCI layout or an OCI archive has for an image: an OCI
 * artifact whose `subject` is the image's manifest, or the index that names it, and whose only
 * layer is the profile (policy/attached.h). It comes along where the user's policy wants it, is
 * signed as the image has to be, and is kept in the image's record.
 *
 * Of several the newest that will do is taken. One that is older than what came before is not: a
 * registry must not take back a profile that was made narrower.
 */
#ifndef CORDON_IMAGE_ATTACHED_H
#define CORDON_IMAGE_ATTACHED_H

#include "policy/policy.h"
#include "runtime/image/stage.h"
#include "runtime/registry/reference.h"
#include "runtime/registry/registry.h"
#include "runtime/registry/trust.h"

struct attached_order {
	struct stage *stage;
	struct registry *registry;       /* NULL: what lies beside the image, in `index` */
	const struct document *index;    /* index.json */
	const struct trust_scope *scope; /* signatures it must have; NULL: none */
	const struct reference *name;    /* of the image; NULL without a scope */
	const char *hex[2];              /* manifests it may refer to: the image's own, the index's;
	                                    NULL */
	enum policy_attaching attaching; /* not ATTACHING_IGNORE */
	const struct image_watch *watch; /* told of each that will not do; NULL */
};

/* Into the image's record and blobs, where there is one. -1 where one is required and neither its
 * place nor the store has any that will do. */
int attached_fetch(struct staged_image *image, const struct attached_order *order,
                   struct error *err) __attribute__((warn_unused_result));

#endif
