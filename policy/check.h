/* check: what the parts of policy_check share. */
#ifndef CORDON_POLICY_CHECK_H
#define CORDON_POLICY_CHECK_H

#include "policy/diagram.h"
#include "policy/rules.h"

/* How far a call is open: to no arguments, to some, to all. */
enum openness { OPEN_TO_NONE, OPEN_TO_SOME, OPEN_TO_ALL };

struct check {
	struct plan_strings *warnings;
	struct arena *arena;
	const struct policy *policy;
	const struct policy_source *source;
	bool *matches;               /* per rule: there is a call it holds for */
	bool *decides;               /* per rule: there is one it is the first to hold for */
	uint8_t (*open)[ARCH_COUNT]; /* per call: enum openness, on the most open kernel, with the
	                                capabilities kept */
	uint8_t (*same)[ARCH_COUNT]; /* per row of check_twins.c: the twin is open to arguments with
	                                which it does the same */
	uint8_t (*own)[ARCH_COUNT];  /* the same: the call itself is open to those */
	uint8_t (*doors)[ARCH_COUNT]; /* per call: socketcall or ipc is open to its function */
	bool gave_up; /* too much to compute: `matches` and `decides` mean nothing */
};

/* Adds "FILE:LINE:COLUMN: warning: TEXT". */
void check_warn(const struct check *check, const struct value *value, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The same at the key of a member, instead of its value. */
void check_warn_key(const struct check *check, const struct value *member, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Fills in `matches`, `decides` and `open` (check_rules.c). */
void check_survey(struct check *check);

/* A rule that can never hold, or never is the first to (check_rules.c). */
void check_idle(const struct check *check, size_t index);

/* Whether a rule was written in the file that is checked. */
bool check_is_own(const struct check *check, const struct rule *rule);

/* Where a rule names a call itself, not by a group; NULL. */
const struct value *check_name_of(const struct rule *rule, int call);

/* What one machine runs: a native architecture and those the policy opens beside it. Bits: enum
 * arch n. */
uint32_t check_family(const struct check *check, enum arch native);
bool check_is_native(enum arch arch);

/* The widest a call is open in a set of architectures. */
enum openness check_openness(const struct check *check, int call, uint32_t arches);

/* Capabilities kept for nothing, calls that do nothing without one (check_capabilities.c).
 * `written`: the key "capabilities", NULL where there is none. */
void check_capabilities(const struct check *check, const struct value *written);

/* A constant of another family than the argument takes (check_constants.c). */
void check_constants(const struct check *check, const struct rule *rule);

/* What surprises in an entry of Docker's form, and around them (check_dialect.c). */
void check_dialect(const struct check *check, const struct rule *rule);
void check_dialect_root(const struct check *check, const struct value *root);

/* A call closed, or open to some arguments only, whose twin is open (check_twins.c). */
void check_twins(const struct check *check, const struct rule *rule);
/* What check_survey found the call to be open to there: leaves 0 and 1. */
void check_learn_twins(const struct check *check, int call, enum arch arch, struct diagrams *store,
                       diagram open);
size_t check_twin_count(void);

#endif
