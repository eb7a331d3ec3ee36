/*
 * members: what the helper found in an outer archive: the names the archive gave, and the digest of
 * what stood under each. Links between members are followed here, in this table, and nowhere else.
 */
#ifndef CORDON_IMAGE_MEMBERS_H
#define CORDON_IMAGE_MEMBERS_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

struct member_row {
	const char *name;
	const char *target; /* of a link, else NULL */
	const char *hex;    /* of a file */
	uint64_t size;
	size_t place; /* in the archive: a later member of the same name wins */
};

struct members {
	struct member_row *rows; /* by name, then by place */
	size_t count;
};

/* Reads the listing of LAYER_SPOOL (layer/protocol.h). */
int members_parse(struct members *ret, struct arena *arena, const struct text *listing,
                  struct error *err) __attribute__((warn_unused_result));

/* The file a name stands for, links followed; NULL. "./a//b" is the same name as "a/b". */
const struct member_row *members_find(const struct members *members, const char *name);

#endif
