/*
 * credentials_helper: docker-credential-NAME, a program of somebody else's that keeps secrets
 * (github.com/docker/docker-credential-helpers): `get`, `store`, `erase` and `list`, what it is
 * asked on its standard input, its answer on its standard output.
 *
 * The name comes from a file: it is [a-z0-9-] and the program is looked for in the absolute folders
 * of PATH, and started without a shell. It gets two minutes, because it may ask a person, and
 * 64 KiB.
 */
#ifndef CORDON_REGISTRY_CREDENTIALS_HELPER_H
#define CORDON_REGISTRY_CREDENTIALS_HELPER_H

#include "runtime/registry/credentials.h"

/* 1, 0 where it has nothing for that server, -1. */
int credentials_helper_get(struct credentials *ret, struct arena *arena, const char *name,
                           const char *server, struct error *err)
        __attribute__((warn_unused_result));
int credentials_helper_store(const char *name, const char *server,
                             const struct credentials *credentials, struct error *err)
        __attribute__((warn_unused_result));
/* 1, 0 where it had nothing, -1. */
int credentials_helper_erase(const char *name, const char *server, struct error *err)
        __attribute__((warn_unused_result));
/* Whether there is such a program. */
bool credentials_helper_installed(const char *name);

/* One run. Appends its output; *ret_status as of waitpid. */
struct credentials_helper_call {
	const char *name, *action;
	const char *input;
	int timeout_ms;
};
int credentials_helper_run(struct text *ret, int *ret_status,
                           const struct credentials_helper_call *call, struct error *err)
        __attribute__((warn_unused_result));

#endif
