/*
 * referrers: the manifests of a registry that refer to another one (OCI distribution 1.1): what its
 * referrers API answers, or, where it has none, the index under the tag sha256-HEX. What is found
 * is a stranger's word: nothing of it is known to be true, nor to be all there is.
 */
#ifndef CORDON_IMAGE_REFERRERS_H
#define CORDON_IMAGE_REFERRERS_H

#include "runtime/registry/registry.h"
#include "sandbox/base/arena.h"

enum {
	REFERRERS = 256,     /* taken of one image */
	REFERRER_PAGES = 32, /* read, of one megabyte each */
};

struct referrer {
	const char *hex; /* of its manifest */
	uint64_t size;
	int64_t created; /* 0: it does not say */
};

/* The newest first, as the list has it, as far as it says. */
struct referrers {
	struct referrer items[REFERRERS];
	size_t count;
};

/* One more, if it is not among them; the oldest makes room. */
void referrers_put(struct referrers *ret, const struct referrer *referrer);

/* What an index has whose artifactType has `type` in it. -1: it is no index. */
int referrers_take(struct referrers *ret, struct arena *arena, const char *type,
                   const struct text *index, struct error *err) __attribute__((warn_unused_result));

/* Those whose artifactType has `type` in it. On failure *ret holds what was found before it. */
int referrers_find(struct referrers *ret, struct arena *arena, struct registry *registry,
                   const char *hex, const char *type, struct error *err)
        __attribute__((warn_unused_result));

/* The tag of the index that lists them where there is no API for it. */
const char *referrers_tag(struct arena *arena, const char *hex);

/* A document by tag, or by "sha256:...": nothing is verified. 1, 0, -1. */
int referrers_document(struct text *ret, struct registry *registry, const char *name,
                       struct error *err) __attribute__((warn_unused_result));

#endif
