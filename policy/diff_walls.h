/*
 * diff_walls: what two confinements allow differently beside system calls: capabilities, paths,
 * ports, limits, switches.
 */
#ifndef CORDON_POLICY_DIFF_WALLS_H
#define CORDON_POLICY_DIFF_WALLS_H

#include "policy/diff.h"

struct difference *difference_add(struct differences *found, struct arena *arena,
                                  enum difference_kind kind, const char *subject);

/* Where the differences of two confinements go. */
struct walls {
	struct differences *found;
	struct arena *arena;
};
struct difference *diff_wall(const struct walls *walls, enum difference_kind kind,
                             const char *subject);
/* More is wider, and no limit (UINT64_MAX) the most. */
void diff_number(const struct walls *walls, const char *name, uint64_t was, uint64_t is);
static inline uint64_t diff_or_none(uint64_t value)
{
	return value == 0 ? UINT64_MAX : value;
}

/* Amounts: limits, and places in memory (diff_sizes.c). */
void diff_sizes(const struct walls *walls, const struct confinement *old,
                const struct confinement *new);

void diff_walls(struct differences *found, struct arena *arena, const struct diff_side *old,
                const struct diff_side *new);

#endif
