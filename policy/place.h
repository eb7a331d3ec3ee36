/*
 * place: where in which file something of a policy was said, to be shown to people.
 *
 * Looked for when somebody asks, by reading the texts again; a launch pays nothing for it.
 */
#ifndef CORDON_POLICY_PLACE_H
#define CORDON_POLICY_PLACE_H

#include "policy/model.h"

struct place {
	const char *file; /* NULL: nobody wrote it, it is so without being said */
	struct position position;
	const char *line; /* the text of that line, without its end */
};

/* All in `arena`. key: where the member's name stands, not its value. */
struct place place_of_value(struct arena *arena, const struct policy_source *source,
                            const struct value *value, bool key);
struct place place_of_rule(struct arena *arena, const struct rule *rule);

/* The member at a dotted path ("syscalls.default"), by the first of a policy's texts that has it:
 * its own before its parents'. With `item` the string of that list (or of the "add" in it) that is
 * `item`. */
struct place place_of_member(struct arena *arena, const struct policy *policy, const char *path,
                             const char *item);

/* Puts "FILE:LINE:COLUMN: " before an error, and the line beside it. Always -1. */
int place_blame(const struct policy_source *source, const struct value *value, struct error *err);

#endif
