/*
 * registries: what containers-registries.conf(5) says: where an image is really asked for, whom not
 * to ask, and what short names mean.
 *
 * Read are registries.conf (the user's, else the system's, else the vendor's;
 * CONTAINERS_REGISTRIES_CONF names another), then registries.conf.d/ of vendor, system and user
 * (only the user's where registries.conf was his), each file going over what came before. Aliases
 * that podman recorded in short-name-aliases.conf of the cache go over all of them.
 */
#ifndef CORDON_REGISTRY_REGISTRIES_H
#define CORDON_REGISTRY_REGISTRIES_H

#include "runtime/registry/folders.h"
#include "runtime/registry/reference.h"
#include "sandbox/plan.h"

enum registry_use { USE_ALL, USE_BY_DIGEST, USE_BY_TAG }; /* pull-from-mirror */

struct registry_end {
	const char *location; /* NULL: as the image is called ("*.example.com" needs none) */
	bool insecure, insecure_given;
	const char *proxy;     /* NULL: none; there is no such way here, so it is not asked */
	enum registry_use use; /* of a mirror */
};

/* One [[registry]]. */
struct registry_rule {
	struct registry_rule *next;
	const char *prefix;
	struct registry_end self;
	struct registry_end *mirrors;
	size_t mirror_count;
	bool blocked, mirrors_by_digest_only;
	const char *file;
	unsigned line;
};

struct registry_alias {
	struct registry_alias *next;
	const char *name;
	const char *value; /* NULL: a later file erased it */
};

enum short_name_mode { SHORT_NAMES_PERMISSIVE, SHORT_NAMES_ENFORCING, SHORT_NAMES_DISABLED };

/* All of it belongs to the arena it was read into. */
struct registries {
	struct registry_rule *rules; /* one a prefix */
	struct registry_alias *aliases;
	struct plan_strings search; /* unqualified-search-registries */
	const char *search_file;    /* NULL: no file says anything */
	struct plan_strings
	        helpers; /* credential-helpers; none: the files of containers-auth.json */
	enum short_name_mode mode;
};

/* Reads the environment and the files. Files that are not there say nothing. */
int registries_read(struct registries *ret, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));
int registries_read_in(struct registries *ret, struct arena *arena, const struct folders *folders,
                       struct error *err) __attribute__((warn_unused_result));

/* One file's settings over what is there already. */
int registries_take(struct registries *registries, struct arena *arena, const char *file,
                    const struct text *text, struct error *err) __attribute__((warn_unused_result));

/* One place to ask for an image. */
struct registry_place {
	const char *host;         /* to connect to: "registry-1.docker.io" for docker.io */
	const char *repository;   /* there */
	const char *tag, *digest; /* there; as in the image's name */
	const char *name; /* "docker.io/library/nginx": whom credentials are looked up for */
	bool insecure;    /* certificates are not checked, and plain HTTP will do */
	bool here;        /* on this machine: nobody is in between */
	bool mirror;
};

/* Where to ask for an image, in that order: its mirrors, then itself. A blocked one is an error
 * that says where that is written. */
int registries_places(struct registry_place **ret, size_t *count, struct arena *arena,
                      const struct registries *registries, const struct reference *reference,
                      struct error *err) __attribute__((warn_unused_result));

/* The full names that a name may stand for, in the order to try them: itself where it names a
 * registry; its alias; or one for every unqualified-search registry; docker.io, as for Docker,
 * where no file has a list of those. */
int registries_candidates(struct plan_strings *ret, struct arena *arena,
                          const struct registries *registries, const char *name, struct error *err)
        __attribute__((warn_unused_result));

#endif
