/*
 * fetch: an image from a registry into a stage. What it is made of is found out first (index,
 * manifest, config: each verified by a helper before it is read); then the layers come side by
 * side, each in one pass:
 *
 *	registry helper --pipe--> layer helper: kept, hashed, decompressed, hashed again, unpacked
 *
 * The compressed bytes are kept in data/partial/HEX from the first on, so that a pull that was cut
 * off goes on where it was. Nothing of them has a name in the store before both digests are right.
 *
 * Two pulls of one image: the second waits, and finds it there.
 */
#ifndef CORDON_IMAGE_FETCH_H
#define CORDON_IMAGE_FETCH_H

#include "policy/policy.h"
#include "runtime/image/image.h"
#include "runtime/image/stage.h"
#include "runtime/registry/registry.h"
#include "runtime/registry/trust.h"

struct fetch_order {
	const char *what; /* a tag, or a digest that the document has then */
	bool by_digest;
	struct plan_strings names;
	const struct trust_scope *scope;   /* signatures that policy.json wants; NULL: none */
	const struct reference *reference; /* what they must be made out to */
	const char **checked; /* signatures are all that matters: gets the digest; NULL: fetch it */
	struct text *document; /* the manifest or index itself is all that is wanted, as it came;
	                          NULL: fetch it */
	enum policy_attaching
	        attaching; /* what becomes of a profile that the registry has for it */
	const struct image_watch *watch; /* NULL */
};

/* The image, held against other pulls of it until it is published. */
struct fetch_claim {
	const char *hex;
	int fd; /* -1 */
};

/* 1; 0 where the registry does not have it; -1. The claim is to be released in any case. */
int fetch_image(struct fetch_claim *claim, struct stage *stage, struct registry *registry,
                const struct fetch_order *order, struct error *err)
        __attribute__((warn_unused_result));
void fetch_release(struct fetch_claim *claim, const struct stage *stage);
/* The images of the stage are in the store: what was kept of their blobs in data/partial can go. */
void fetch_forget(const struct stage *stage);

/* ---- fetch_layers.c ---- */

/* The blobs that neither the stage nor the store has, unpacked. diffs: hex, one a layer. */
struct fetch_layers {
	struct stage *stage;
	struct registry *registry;
	const struct image_watch *watch;
	const struct document *manifest;
	const struct plan_strings *diffs;
};
int fetch_layers(const struct fetch_layers *order, struct error *err)
        __attribute__((warn_unused_result));

#endif
