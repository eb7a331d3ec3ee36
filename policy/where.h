/*
 * where: the parts a policy was joined from, each with the place it was said at.
 *
 * policy_to_value says what a policy became; this says who said so. What a child overrides is left
 * out: a setting of a parent that has one itself, a capability it drops, an entry it has too.
 */
#ifndef CORDON_POLICY_WHERE_H
#define CORDON_POLICY_WHERE_H

#include "policy/place.h"

struct where_row {
	const char *key;           /* "syscalls.allow", "filesystem.mask.hide", "idmap" */
	const struct value *value; /* an item of that list, or the setting */
	struct place place;
	bool ceiling; /* said by a ceiling */
};

struct where {
	struct where_row *rows; /* the policy's own first, then its parents', then the ceilings' */
	size_t count, room;
};

struct where policy_where(struct arena *arena, const struct policy *policy);

#endif
