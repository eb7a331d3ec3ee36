/*
 * diff_walls: what two confinements allow differently beside system calls: capabilities, paths,
 * ports, limits, switches.
 */
#ifndef CORDON_POLICY_DIFF_WALLS_H
#define CORDON_POLICY_DIFF_WALLS_H

#include "policy/diff.h"

struct difference *difference_add(struct differences *found, struct arena *arena,
                                  enum difference_kind kind, const char *subject);

void diff_walls(struct differences *found, struct arena *arena, const struct confinement *old,
                const struct confinement *new);

#endif
