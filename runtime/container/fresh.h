/*
 * fresh: a fresh volume takes over what the image has at its place: all that is in the folder, and
 * the folder's owner and mode. So a program finds in a volume what it would have found without.
 *
 * It happens once, before the container is written down, and to empty volumes only. What is copied
 * stands beside the volume's _data until it is whole, and who copies has the volume to himself:
 *
 *	_lock		held (store/claim.h) by who fills it; others wait, and find it filled
 *	_partial/tree	what is being copied. Whoever finds one has outlived who made it
 *	_whole/tree	the same, renamed when it is all there: it only has to be moved
 *	_data		gets everything in it, one rename an entry. The folder itself stays what it
 *			is, for a container may have it mounted already (compose files count on it)
 *
 * Of an anonymous volume, which nobody else knows, _partial is the copy itself and becomes _data.
 *
 * A launch that finds _whole moves what is left of it, whatever it wants itself: so a volume whose
 * filling was ended by kill -9 is empty, or is whole to the next who is started with it. What
 * somebody else has put into the volume meanwhile is left as it is.
 */
#ifndef CORDON_CONTAINER_FRESH_H
#define CORDON_CONTAINER_FRESH_H

#include "runtime/container/launch.h"

/* Fills those of launch->fresh that are to be filled, in their order. On failure the named volumes
 * that this launch has made are gone (the anonymous ones go with its container). */
int fresh_fill(struct arena *arena, const struct launch *launch, const struct plan *plan,
               struct error *err) __attribute__((warn_unused_result));

/* ---- the image's side (fresh_image.c) ---- */

struct fresh_source {
	struct arena *arena;
	const struct launch *launch;
	const struct plan *plan;
	/* All ids of the user's: files of the image may belong to more than the container has. */
	const struct plan_id_maps *own;
};

/* True where the image surely has nothing there, which is quickly seen of most places. */
bool fresh_is_absent(const struct fresh_source *source, const char *target);

/* Copies the folder at the target to folder/name, which is not there; where the image has none,
 * nothing. */
int fresh_copy(const struct fresh_source *source, const char *target, int folder, const char *name,
               struct error *err) __attribute__((warn_unused_result));

#endif
