/*
 * trust: what containers-policy.json(5) asks of an image before it may be used.
 *
 * Read is the user's policy.json, else the system's. Where there is none, every image is accepted,
 * as by Docker (podman refuses all; who wants that writes {"default": [{"type": "reject"}]}).
 *
 * Fail closed: a key or a type that is not known is an error of the whole file, wherever it stands;
 * what is known and cannot be verified by cordon (GPG signatures, certificates, transparency logs)
 * refuses the images it is asked for. Evaluation is pure.
 */
#ifndef CORDON_REGISTRY_TRUST_H
#define CORDON_REGISTRY_TRUST_H

#include "runtime/registry/folders.h"
#include "runtime/registry/reference.h"

enum trust_kind {
	TRUST_ACCEPT,     /* insecureAcceptAnything */
	TRUST_REJECT,     /* reject */
	TRUST_GPG,        /* signedBy */
	TRUST_BASE_LAYER, /* signedBaseLayer */
	TRUST_SIGSTORE,   /* sigstoreSigned */
	TRUST_KINDS,
};

/* Whom a signature must be made out to. */
enum trust_match {
	MATCH_EXACT,
	MATCH_REPOSITORY_DIGEST_OR_EXACT, /* where signedIdentity is missing */
	MATCH_REPOSITORY,
	MATCH_EXACT_REFERENCE,
	MATCH_EXACT_REPOSITORY,
	MATCH_REMAP,
	MATCH_KINDS,
};
struct trust_identity {
	enum trust_match match;
	const char *name;                   /* MATCH_EXACT_REFERENCE, MATCH_EXACT_REPOSITORY */
	const char *prefix, *signed_prefix; /* MATCH_REMAP */
};

/* A public key, PEM: in a file, or (path NULL) here. */
struct trust_key {
	const char *path;
	const char *data;
	size_t length;
};

struct trust_requirement {
	enum trust_kind kind;
	struct trust_key *keys; /* TRUST_SIGSTORE: by one of them */
	size_t key_count;
	struct trust_identity identity;
	const char *unverified; /* the key that asks for what cordon cannot verify; NULL */
	unsigned line;
};

/* All requirements of a list must be met. */
struct trust_scope {
	const struct trust_scope *next;
	const char *transport, *scope; /* NULL: "default" */
	struct trust_requirement *requirements;
	size_t count;
};

struct trust {
	const char *file;                 /* NULL: there is none */
	const struct trust_scope *scopes; /* "default" is among them */
};

int trust_read(struct trust *ret, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));
int trust_read_in(struct trust *ret, struct arena *arena, const struct folders *folders,
                  struct error *err) __attribute__((warn_unused_result));
int trust_parse(struct trust *ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err) __attribute__((warn_unused_result));

/* What is asked of an image that comes by `transport` ("docker", "oci", "oci-archive",
 * "docker-archive", "dir") under `name`: a full reference for docker, a path without symlinks for
 * oci, oci-archive and dir. 1: it is accepted as it is. 0: every requirement of *ret that is
 * TRUST_SIGSTORE must be met by a signature; the others are. -1: refused. */
int trust_requirements(const struct trust_scope **ret, struct arena *arena,
                       const struct trust *trust, const char *transport, const char *name,
                       struct error *err) __attribute__((warn_unused_result));

/* Whether a signature that is made out to `signed_name` speaks of this image. `image` is NULL for
 * one that has no name of a registry. */
bool trust_identity_matches(const struct trust_identity *identity, struct arena *arena,
                            const char *signed_name, const struct reference *image);

#endif
