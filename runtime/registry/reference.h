/*
 * reference: names of images, by the grammar of distribution/reference.
 *
 *	[DOMAIN/]PATH[:TAG][@DIGEST]
 *
 * What stands before the first slash is a domain if it holds a dot, a colon or an upper-case
 * letter, or is "localhost"; without one it is docker.io, and a PATH of one component there is
 * below library/. Pure.
 */
#ifndef CORDON_REGISTRY_REFERENCE_H
#define CORDON_REGISTRY_REFERENCE_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"

#include <stdbool.h>

struct reference {
	const char *domain;   /* "docker.io" */
	const char *path;     /* "library/nginx" */
	const char *tag;      /* "latest" where neither tag nor digest was given; NULL with only a
	                         digest */
	const char *digest;   /* "sha256:...", NULL */
	bool domain_given;    /* was written out */
	bool bare;            /* neither tag nor digest was */
	const char *familiar; /* the path as written, without library/ */
};

int reference_parse(struct reference *ret, struct arena *arena, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* "docker.io/library/nginx:latest", "...@sha256:..." */
const char *reference_string(struct arena *arena, const struct reference *reference);

/* The same below localhost/, where names without a registry go that were made here. */
const char *reference_local_string(struct arena *arena, const struct reference *reference);

/* The 64 hex digits of "sha256:...", lower case, nothing else; NULL for any other text. Every path
 * of a blob is made from what this returns (CVE-2024-3727). */
const char *reference_digest_hex(const char *digest);

#endif
