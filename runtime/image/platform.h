/*
 * platform: for which machine an image is, as "linux/arm64" or "linux/arm/v7", and which of several
 * a machine takes. Pure.
 *
 * Architectures have other names that mean the same (x86_64, aarch64, armhf), and levels, called
 * variants: v8 of arm64, v7 of arm and v1 of amd64 are what is meant where none is named. A machine
 * takes its own level and those below, and of several the highest. What is above runs only where
 * the processor happens to have it: it is taken where it is asked for by name, and never guessed.
 */
#ifndef CORDON_IMAGE_PLATFORM_H
#define CORDON_IMAGE_PLATFORM_H

#include "policy/value.h"
#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/host.h"

struct platform {
	const char *os, *architecture, *variant; /* NULL: not said */
};

/* "linux/arm64", "linux/arm/v7", "arm64", "linux"; what is not said is NULL. */
int platform_parse(struct platform *ret, struct arena *arena, const char *words, struct error *err)
        __attribute__((warn_unused_result));

/* Members "os", "architecture" and "variant" of an object, or of none. */
struct platform platform_read(const struct value *object);

/* What is not said is this machine's, and the names are those that images have. */
void platform_complete(struct platform *platform, const struct host *host);

/* 0: not for it; more is better. `wanted` is complete; nothing said at all suits everybody, least
 * of all. */
unsigned platform_fitness(const struct platform *wanted, const struct platform *offered);

/* Does it say anything at all? */
bool platform_is_said(const struct platform *platform);

/* "linux/arm/v7" */
const char *platform_text(struct arena *arena, const struct platform *platform);

#endif
