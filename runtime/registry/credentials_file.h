/*
 * credentials_file: one file of containers-auth.json(5), read, looked up in, and changed.
 *
 *	{"auths": {"quay.io/team": {"auth": base64("USER:SECRET"), "identitytoken": "..."}},
 *	 "credHelpers": {"gcr.io": "gcloud"}, "credsStore": "pass"}
 *
 * ~/.dockercfg is what is in "auths", alone. Keys are what people wrote over the years: "quay.io",
 * "https://quay.io/v1/", and for Docker Hub docker.io, index.docker.io, registry-1.docker.io and
 * "https://index.docker.io/v1/".
 */
#ifndef CORDON_REGISTRY_CREDENTIALS_FILE_H
#define CORDON_REGISTRY_CREDENTIALS_FILE_H

#include "policy/value.h"
#include "runtime/registry/credentials.h"

struct credentials_file {
	const char *path;
	bool legacy;        /* ~/.dockercfg */
	struct value *root; /* an object; NULL: there is no such file */
};

/* The host that a key of a file stands for, docker.io for all names of Docker Hub. A key with a
 * path stands for itself. */
const char *credentials_file_host(struct arena *arena, const char *key, bool legacy);

/* 1, 0 where there is no such file, -1 for one that is no such file. Sets root. */
int credentials_file_read(struct credentials_file *file, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));

/* For credentials_find's name. 1, 0, -1. Asks the file's helpers. */
int credentials_file_find(struct credentials *ret, struct arena *arena,
                          const struct credentials_file *file, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* Who keeps the secrets of a host, other than the file. */
struct credentials_keeper {
	const char *helper; /* NULL: nobody */
	const char *server; /* what it calls the host */
	bool of_all;        /* "credsStore" rather than one of "credHelpers" */
};
struct credentials_keeper credentials_file_keeper(struct arena *arena,
                                                  const struct credentials_file *file,
                                                  const char *host);
/* Docker's name for a host: Docker Hub is an old URL. */
const char *credentials_file_server(const char *host);

/* "auths", made where it is missing. */
struct value *credentials_file_auths(struct credentials_file *file, struct arena *arena);

/* Locks the file's folder, made where it is missing, and reads the file; `change` makes of its root
 * what is then written in one step. `change` answers 1: write it, 0: leave it as it is, -1. That is
 * the answer of the whole. */
struct credentials_change {
	int (*change)(struct credentials_file *file, struct arena *arena, void *context,
	              struct error *err);
	void *context;
};
int credentials_file_change(struct arena *arena, const char *path,
                            const struct credentials_change *change, struct error *err)
        __attribute__((warn_unused_result));

#endif
