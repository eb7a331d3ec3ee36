/*
 * credentials: as whom to ask a registry, kept where podman, skopeo, buildah and Docker keep it.
 *
 * Read are, in this order, until one has something: $XDG_RUNTIME_DIR/containers/auth.json (the one
 * that is written, too), $XDG_CONFIG_HOME/containers/auth.json, ~/.docker/config.json, ~/.dockercfg
 * (containers-auth.json(5)). REGISTRY_AUTH_FILE names another file in place of all of them, and so
 * does DOCKER_CONFIG a folder whose config.json it is, as for podman. `credential-helpers` of
 * registries.conf go before or after the files, as listed there.
 *
 * Secrets are not encrypted, base64 hides nothing; files are written with mode 0600, and read
 * whatever their mode is, as podman and Docker do.
 */
#ifndef CORDON_REGISTRY_CREDENTIALS_H
#define CORDON_REGISTRY_CREDENTIALS_H

#include "runtime/registry/folders.h"
#include "sandbox/plan.h"

struct credentials {
	const char *user, *secret; /* "" with a token alone */
	const char *token;         /* an identity token (OAuth2 refresh token); NULL: none */
	const char *origin;        /* where they come from or went to, for people */
};

/* Where to look. */
struct credential_sources {
	struct folders folders;
	struct plan_strings helpers; /* `credential-helpers`; none: the files alone */
	const char *file;            /* in place of all files; NULL: as said above */
	bool docker;                 /* `file` is Docker's: docker.io is called as there */
};

/* From the environment and, if it is not NULL, the option --authfile. */
void credential_sources_init(struct credential_sources *ret, struct arena *arena,
                             const struct plan_strings *helpers, const char *file);

/* What people and images call a registry or repository, as a key of these files:
 * HOST[:PORT][/PATH]. "https://HOST/" is HOST, all names of Docker Hub are docker.io. */
int credentials_key(const char **ret, struct arena *arena, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* For "HOST[:PORT]/PATH", the most specific of its keys first. 1, 0 where nobody has any, -1. */
int credentials_find(struct credentials *ret, struct arena *arena,
                     const struct credential_sources *sources, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* Keeps them under a key, in place of what was there; *where says where that is. */
int credentials_store(const char **where, struct arena *arena,
                      const struct credential_sources *sources, const char *key,
                      const struct credentials *credentials, struct error *err)
        __attribute__((warn_unused_result));

/* Forgets a key, in the file that is written and its helpers. 1, 0 where it was not there, -1. */
int credentials_remove(struct arena *arena, const struct credential_sources *sources,
                       const char *key, struct error *err) __attribute__((warn_unused_result));

/* The keys of the file that is written. */
int credentials_list(struct plan_strings *ret, struct arena *arena,
                     const struct credential_sources *sources, struct error *err)
        __attribute__((warn_unused_result));

#endif
