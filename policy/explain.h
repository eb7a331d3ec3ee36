/*
 * explain: what a policy decides of a call whose arguments are known in part: wall by wall, and by
 * which words of which file.
 *
 *	"openat", "flags=O_WRONLY", "path=/proc/sys/kernel/core_pattern"
 *	     -> explain_ask -> struct question -> policy_explain -> struct explanation
 *
 * The system call's part is exact (cases.h). Of the other walls only what can be said without a
 * process is: which capability the call wants, which files are masked, what Landlock leaves.
 */
#ifndef CORDON_POLICY_EXPLAIN_H
#define CORDON_POLICY_EXPLAIN_H

#include "policy/place.h"

enum { QUESTION_ARGUMENTS = 6 };

struct question {
	enum arch arch;   /* the call is made in; */
	enum arch native; /* the machine's, which may run others beside it */
	int call;         /* its id */
	struct condition known[QUESTION_ARGUMENTS];
	size_t known_count;
	const char *path; /* absolute, read inside the root; NULL: not asked for */
	bool has_port;    /* of bind or connect, TCP */
	uint16_t port;
};

/* From words: the call's name or number, then ARGUMENT=VALUE with VALUE a number, a constant or
 * constants ("O_RDWR|O_CLOEXEC"). path=FILE (or the name of an argument that is a path) and port=N
 * ask the walls behind the filter. */
int explain_ask(struct question *ret, struct arena *arena, enum arch arch, const char *call,
                const struct plan_strings *arguments, struct error *err)
        __attribute__((warn_unused_result));

enum explain_layer {
	EXPLAIN_SECCOMP,
	EXPLAIN_CAPABILITY,
	EXPLAIN_MASK,
	EXPLAIN_ROOT,
	EXPLAIN_LANDLOCK,
	EXPLAIN_LAYERS,
};
const char *explain_layer_name(enum explain_layer layer);

enum explain_verdict { EXPLAIN_ALLOWS, EXPLAIN_DENIES, EXPLAIN_NOTES };

struct explain_row {
	enum explain_layer layer;
	enum explain_verdict verdict;
	bool partly;      /* not for everything that was asked */
	const char *text; /* "errno EPERM: no rule allows it" */
	struct place place;
	bool has_example; /* one that is decided so; where it is not all of them */
	struct call_sample example;
};

enum explain_answer { EXPLAIN_ALLOWED, EXPLAIN_DENIED, EXPLAIN_DEPENDS };

struct explanation {
	enum explain_answer answer;
	struct explain_row *rows; /* by layer */
	size_t count, room;
};

/* kernel: major << 16 | minor. Everything in `arena`. */
int policy_explain(struct explanation *ret, struct arena *arena, const struct policy *policy,
                   uint32_t kernel, const struct question *question, struct error *err)
        __attribute__((warn_unused_result));

/* ---- between the files of explain ---- */

struct explaining {
	struct explanation *into;
	struct arena *arena;
	const struct policy *policy; /* with its ceilings */
	const struct policy *settled;
	const struct question *question;
};
void explain_add(const struct explaining *explaining, struct explain_row row);

/* Masks, read-only root, Landlock (explain_walls.c). */
void explain_walls(const struct explaining *explaining);

#endif
