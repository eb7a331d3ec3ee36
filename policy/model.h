/*
 * model: what a policy is made of, inside policy/ only (policy.h is what others see).
 *
 * Names of calls are settled to ids while parsing, so that a wrong one has a position; names of
 * constants stay names, because their values differ by architecture. Rules stand in the order in
 * which they are asked: the first whose gate is open and whose conditions hold decides. A child's
 * rules stand before its parents', the denials of one profile before its permissions.
 */
#ifndef CORDON_POLICY_MODEL_H
#define CORDON_POLICY_MODEL_H

#include "policy/policy.h"

/* A number, or a name ("CLONE_NEWUSER", "O_RDWR|O_CLOEXEC") to look up for an architecture. */
struct operand {
	const char *name; /* NULL: number */
	uint64_t number;
};

struct rule_condition {
	const char *argument; /* "domain", or "arg0".."arg5" */
	enum condition_operator operator;
	const struct operand *values; /* IS, MASKED: any of them; NOT, MASKED_NOT: none of them;
	                                 otherwise one */
	size_t count;
	struct operand mask;
	int8_t index;     /* the argument's number where the source says numbers; -1: by name */
	bool alternative; /* dialect: this condition alone is enough (see dialect.c) */
};

/* When a rule takes part at all. Zero: always. */
struct rule_gate {
	uint32_t arches;  /* bit n: calls made in enum arch n; 0: all */
	uint32_t natives; /* the same for the architecture the filter is compiled for (dialect) */
	uint32_t not_natives;
	uint32_t kernel_from;    /* major << 16 | minor, 0: any */
	uint32_t kernel_below;   /* 0: any */
	uint64_t capabilities;   /* all of these are kept */
	uint64_t capability_not; /* none of these is kept */
};

struct rule {
	const int *calls;
	size_t call_count;
	const struct rule_condition *conditions;
	size_t condition_count;
	struct rule_gate gate;
	struct decision decision;
	bool by_default;             /* denied as the policy's `default` says */
	bool dialect;                /* all 64 bits are compared, unconditional rules go first */
	const struct value *written; /* for positions; belongs to `source` */
	const struct policy_source *source;
};

/* Which scalars a profile says something about. */
enum policy_setting {
	SETTING_NAME,
	SETTING_CALLS, /* it has "syscalls" at all */
	SETTING_DEFAULT,
	SETTING_UNKNOWN,
	SETTING_ARCHITECTURES,
	SETTING_CAPABILITIES,
	SETTING_IDMAP,
	SETTING_ROOT,
	SETTING_LANDLOCK,
	SETTING_LANDLOCK_WRITE,
	SETTING_LANDLOCK_EXECUTE,
	SETTING_BIND,
	SETTING_CONNECT,
	SETTING_PIDS,
	SETTING_MEMORY,
	SETTING_CPUS,
	SETTING_APPARMOR,
	SETTING_NO_NEW_PRIVILEGES,
	SETTING_USER_NAMESPACES,
	SETTING_IMAGE_PROFILE,
	SETTING_COUNT,
};

/* What "if_available" may name. */
enum policy_facility {
	FACILITY_LANDLOCK,
	FACILITY_APPARMOR,
	FACILITY_CGROUP,
	FACILITY_LIMITS,
	FACILITY_COUNT,
};
extern const char *const facility_names[FACILITY_COUNT];
extern const char *const attaching_names[ATTACHING_COUNT];

/* A text a policy was made from. */
struct policy_text {
	const struct policy_source *source;
	const struct value *root;
};

struct policy_ports {
	const uint16_t *items;
	size_t count;
};

struct policy {
	const char *name;
	struct plan_strings images;
	struct plan_strings extends;
	uint32_t given;     /* bit n: enum policy_setting n */
	uint32_t available; /* bit n: enum policy_facility n may be missing */

	struct decision fallback; /* "default" */
	struct decision unknown;
	bool dialect;
	uint32_t arches; /* besides the native one; bit n: enum arch n */
	const struct rule *rules;
	size_t rule_count;
	const struct rule *idle; /* dialect: those that say what is said anyway; calls they name are
	                            known to the author */
	size_t idle_count;

	uint64_t capabilities; /* kept */
	uint64_t dropped;      /* taken from what parents keep */
	uint64_t user_capabilities;

	enum idmap_mode idmap;
	uint32_t idmap_size;

	bool root_read_only;
	const struct plan_mount *mounts;
	size_t mount_count;
	const struct plan_mask *masks;
	size_t mask_count;
	bool landlock;
	struct plan_strings write;
	struct plan_strings execute;
	struct policy_ports bind;
	struct policy_ports connect;
	const struct plan_limit *limits;
	size_t limit_count;
	struct plan_resources resources;
	const char *apparmor; /* NULL: none */
	bool no_new_privileges;
	bool user_namespaces;
	enum policy_attaching attaching; /* "image_profile" */

	const struct policy_text *texts; /* its own, then its parents': whose word counts first */
	size_t text_count;

	const struct policy *ceiling; /* met after the flags; may have one itself */
	bool attached;                /* as a ceiling: an image brought it along */
};

static inline bool policy_says(const struct policy *policy, enum policy_setting setting)
{
	return (policy->given & 1u << setting) != 0;
}

/* What holds where no profile says otherwise: nothing allowed, nothing kept. */
void policy_init(struct policy *policy);

/* The rlimits a profile may name: lower-case name of a resource, -1 / NULL where there is none. */
int limit_from_name(const char *name);
const char *limit_name(uint32_t resource);

/* Where a named argument of a call stands, and how many of its bits the kernel reads: 16, 32, 64.
 */
struct argument_place {
	uint8_t index;
	uint8_t bits;
};
/* -1 with the reason: a pointer, no such argument, "argN" where the call's arguments have names.
 * The second is for one architecture, where a call may have its arguments elsewhere. */
int rule_argument(struct argument_place *ret, int call, const char *name, struct error *err)
        __attribute__((warn_unused_result));
int rule_argument_in(struct argument_place *ret, enum arch arch, int call, const char *name,
                     struct error *err) __attribute__((warn_unused_result));

/* Value of an operand for an architecture. False: a name it does not have. */
bool operand_value(uint64_t *ret, enum arch arch, const struct operand *operand);

/* Lists and sets after the ceilings, for compile and show: *ret is a copy without ceilings, its
 * rules still the policy's own; `taken` gets one sentence for each thing a ceiling took. */
void policy_settle_sets(struct policy *ret, struct plan_strings *taken, struct arena *arena,
                        const struct policy *policy);

/* All calls of all architectures, which no profile can say: no filter is needed. */
#define ARCHES_ANY UINT32_MAX
void policy_open_calls(struct policy *policy);

/* The filter table of what policy_compile made for these flags and this host, also where no filter
 * is needed because it would allow everything. */
int policy_flagged_table(struct filter_table *ret, struct arena *arena, const struct policy *policy,
                         const struct policy_flags *flags, const struct host *host,
                         const struct confinement *confinement, struct error *err)
        __attribute__((warn_unused_result));

/* "syscalls" of policy_to_value. */
struct value *policy_calls_to_value(struct arena *arena, const struct policy *policy);

/* Whether an absolute path is a folder or something in it, by their names alone. */
bool path_lies_beneath(const char *path, const char *folder);

/* Joins two lists without repeats, in order. */
struct plan_strings strings_join(struct arena *arena, struct plan_strings a, struct plan_strings b);
void strings_append(struct arena *arena, struct plan_strings *list, const char *string);

/* "single", "range", ...: as profiles say the mode of an idmap. */
extern const char *const policy_idmap_names[IDMAP_NOMAP + 1];

#endif
