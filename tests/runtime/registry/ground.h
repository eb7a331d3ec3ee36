/* ground: a folder of a test's own, with files in it, and the folders of settings below it. */
#ifndef CORDON_TESTS_REGISTRY_GROUND_H
#define CORDON_TESTS_REGISTRY_GROUND_H

#include "runtime/registry/folders.h"

#include <sys/types.h>

struct ground {
	char path[64];
	struct arena arena;
	struct folders
	        folders; /* PATH/etc, PATH/xdg/containers, PATH/home/.config/containers, ... */
};

/* Clears what the environment says of settings. */
void ground_open(struct ground *ret);
void ground_close(struct ground *ground);

/* Writes PATH/NAME, with the folders above it; mode 0600. */
void ground_write(struct ground *ground, const char *name, const char *text);
void ground_write_mode(struct ground *ground, const char *name, const char *text, mode_t mode);
/* The whole of PATH/NAME; NULL where it is not there. */
const char *ground_read(struct ground *ground, const char *name);
const char *ground_path(struct ground *ground, const char *name);

#endif
