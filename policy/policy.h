/*
 * policy: what a profile means, and the way from its text to a confinement.
 *
 *	text -> value_decode -> policy_parse -> (runtime reads what `extends` names) -> policy_merge
 *	     -> policy_check -> policy_compile(host) -> struct confinement
 *
 * Pure: text in, struct out; no file, process, clock or environment.
 */
#ifndef CORDON_POLICY_POLICY_H
#define CORDON_POLICY_POLICY_H

#include "policy/decision.h"
#include "policy/value.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

/* One source text, kept for positions in messages. */
struct policy_source {
	const char *file; /* as a person would name it */
	const char *text;
	size_t length;
};

struct policy; /* opaque: see policy/internal headers of parse, merge, compile */

/* Parses and checks one profile against schema 1. Unknown keys are errors with file, line, column,
 * pointer, what was expected and a suggestion. A Docker seccomp file (it has "defaultAction") is
 * accepted as a dialect: it becomes a policy that has only system call rules. */
int policy_parse(struct policy **ret, struct arena *arena, const struct policy_source *source,
                 struct error *err) __attribute__((warn_unused_result));

const char *policy_name(const struct policy *policy);
const struct plan_strings *policy_extends(
        const struct policy *policy); /* names or paths, as written */
const struct plan_strings *policy_images(const struct policy *policy); /* patterns */

/* True where an image reference ("docker.io/library/nginx:1.25") matches a pattern ("*\/nginx", '*'
 * and '?', a pattern without a tag matches any tag). */
bool policy_matches_image(const struct policy *policy, const char *reference);
/* The same for one pattern (pattern.c): the loader wants the longest that matches. */
bool policy_pattern_matches(const char *pattern, const char *reference);

/* Puts the place before an error where the profile extends `parent`. Always -1. */
int policy_blame_parent(const struct policy *policy, const char *parent, struct error *err);

/* Joins `policy` with its parents in order (already merged themselves): lists are united, scalars
 * of the child win, a child's deny wins over a parent's allow. Lifetimes: all in `arena`. */
int policy_merge(struct policy **ret, struct arena *arena, const struct policy *policy,
                 const struct policy *const *parents, size_t parent_count, struct error *err)
        __attribute__((warn_unused_result));

/* Meets `policy` with the administrator's ceiling: never wider than either. The ceiling stays with
 * the result: policy_compile applies the flags first and the ceiling after them. */
int policy_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                const struct policy *ceiling, struct error *err)
        __attribute__((warn_unused_result));

/* What becomes of a profile that an image brings along ("image_profile"), the stricter word later.
 */
enum policy_attaching {
	ATTACHING_IGNORE,
	ATTACHING_ACCEPT, /* it is met where there is one */
	ATTACHING_REQUIRE,
	ATTACHING_COUNT,
};
/* False: not one of "ignore", "accept", "require". */
bool policy_attaching_from_name(enum policy_attaching *ret, const char *name);
/* The policy's word after its ceilings, which may make it stricter. */
enum policy_attaching policy_attaching(const struct policy *policy);
/* The same policy with the user's own word for this launch, below its ceilings. */
void policy_set_attaching(struct policy *policy, enum policy_attaching attaching);

/* `policy` with the system call rules of `calls` in place of its own (--security-opt seccomp=FILE).
 */
int policy_replace_calls(struct policy **ret, struct arena *arena, const struct policy *policy,
                         const struct policy *calls, struct error *err)
        __attribute__((warn_unused_result));

/* What command-line flags change, applied before the ceiling. */
struct policy_flags {
	struct plan_strings cap_add, cap_drop; /* names with or without CAP_, "ALL" */
	bool seccomp_unconfined;
	bool allow_new_privileges; /* --security-opt no-new-privileges=false */
	const char *apparmor;      /* NULL: the profile's; "unconfined": none */
	bool read_only;
	const struct plan_limit *limits; /* --ulimit */
	size_t limit_count;
	struct plan_resources resources; /* --pids-limit, --memory, --cpus; 0: the profile's */
	bool idmap_given;
	enum idmap_mode idmap;
	uint32_t idmap_size;
};

/* The native confinement for a host. Everything in *ret is in `arena`. */
int policy_compile(struct confinement *ret, struct arena *arena, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));

/* Only the filter table, for any architecture (policy compile --arch, tests). kernel: major << 16 |
 * minor. */
int policy_filter_table(struct filter_table *ret, struct arena *arena, const struct policy *policy,
                        enum arch arch, uint32_t kernel, uint64_t capabilities, struct error *err)
        __attribute__((warn_unused_result));

/* The resolved policy as JSON (schema 1, nothing inherited any more). Of a Docker file, which has
 * nothing to inherit, the file. */
struct value *policy_to_value(struct arena *arena, const struct policy *policy);

/* Appends a profile's text (or that of a Docker seccomp file) as it should be written; its meaning
 * is the same. */
void policy_layout(struct text *ret, const struct value *profile);

/* A filter table as "linux.seccomp" of the OCI runtime specification; see oci.c for what that form
 * cannot say. */
int policy_to_oci(struct value **ret, struct arena *arena, const struct filter_table *table,
                  struct error *err) __attribute__((warn_unused_result));

/* What of that form, read as runc reads it, is otherwise than the table. */
struct oci_comparison {
	bool equal;
	bool wider;                 /* it permits what the table refuses */
	struct call_sample witness; /* where they differ */
	uint32_t wanted, got;       /* SECCOMP_RET_* there, of the table and of what was written */
};
int policy_oci_compare(struct oci_comparison *ret, const struct filter_table *table,
                       const struct value *written, struct error *err)
        __attribute__((warn_unused_result));

/* Capability names without CAP_: number or -1; name or NULL. */
int capability_from_name(const char *name);
int capability_from_full_name(const char *name); /* "CAP_SYS_ADMIN", letter by letter */
const char *capability_name(unsigned number);

/* Warnings a check found (not errors): "file:line:column: warning: text", one each. */
int policy_check(struct plan_strings *warnings, struct arena *arena, const struct policy *policy,
                 const struct policy_source *source, struct error *err)
        __attribute__((warn_unused_result));

#endif
