/* twins: the tables of check_twins.c. */
#ifndef CORDON_POLICY_TWINS_H
#define CORDON_POLICY_TWINS_H

#include <stddef.h>
#include <stdint.h>

/* What the left does, the right does too: with any arguments, or where (argument & mask) == value.
 */
enum twin_kind {
	SAME,
	ANY_BIT,     /* where any bit of the mask is set */
	ONLY_DENIED, /* the right has fewer uses: it is meant where all of the left is denied */
};
struct twin {
	char call[24], by[24], argument[16]; /* not pointers: see need.h; "" for any arguments */
	uint32_t mask, value;
	uint8_t kind; /* enum twin_kind */
	/* Only with these arguments of its own does the left do what the right does: ("" for any)
	 * == */
	char own[16];
	uint32_t own_value;
};
extern const struct twin twins[];
extern const size_t twins_count;

/* Names that differ by their end alone: by the width of an id, of an offset, of a time. */
enum { TWIN_ENDS = 3 };
extern const char *const twin_ends[TWIN_ENDS];

/* What io_uring does without a call of its own. */
extern const char *const twins_by_io_uring[];
extern const size_t twins_by_io_uring_count;

#endif
