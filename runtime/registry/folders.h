/*
 * folders: where the settings lie that podman, buildah and skopeo read: the user's own, in place of
 * /etc/containers, in place of what a distribution brings in /usr/share/containers.
 *
 * containers/image 5.36 looks for the user's in ~/.config/containers, whatever XDG_CONFIG_HOME
 * says, and its successor, container-libs, is on the way to the variable and to /usr/share
 * (storage/pkg/configfile). cordon takes a file from the first place that has it: what podman
 * obeys is not passed over because of a variable or a version.
 */
#ifndef CORDON_REGISTRY_FOLDERS_H
#define CORDON_REGISTRY_FOLDERS_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

struct folders {
	const char *user[2]; /* first wins; NULL: no more */
	const char *system;  /* "/etc/containers" */
	const char *vendor;  /* "/usr/share/containers" */
	const char *config;  /* $XDG_CONFIG_HOME or ~/.config; NULL without a home */
	const char *cache;   /* $XDG_CACHE_HOME or ~/.cache; NULL without a home */
	const char *home;    /* NULL where HOME is not an absolute path */
	const char *runtime; /* $XDG_RUNTIME_DIR; NULL where it is not set */
};

/* Reads the environment; looks at nothing. */
void folders_init(struct folders *ret, struct arena *arena);

/* The user's `name`, if there is one: NULL otherwise. */
const char *folders_find_user(const struct folders *folders, struct arena *arena, const char *name);

/* The same, or the system's, or the vendor's. */
const char *folders_find(const struct folders *folders, struct arena *arena, const char *name);

/* Reads a settings file, through symlinks, of at most 1 MiB. 1, 0 where there is none, -1. */
int folders_read(struct text *ret, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* The names in `path` that end with `suffix`, in the order of their bytes; hidden ones and folders
 * are not among them. A folder that is not there has none. */
struct plan_strings;
int folders_list(struct plan_strings *ret, struct arena *arena, const char *path,
                 const char *suffix, struct error *err) __attribute__((warn_unused_result));

#endif
