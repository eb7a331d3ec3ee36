/*
 * policy_files: what `cordon policy check`, `compile` and `show` do, without their options. The
 * command's rows and options are in the tables of the command line; these append what is to be
 * written to standard output.
 */
#ifndef CORDON_CLI_POLICY_FILES_H
#define CORDON_CLI_POLICY_FILES_H

#include "policy/policy.h"
#include "runtime/store/paths.h"

/* One thing that is wrong, or surprises. */
struct policy_finding {
	const char *file;
	struct position position; /* line 0: of the whole file, or of another */
	bool is_error;
	const char *message;
	const char *hint;   /* NULL */
	const char *source; /* the line it is in, a new line behind it not included; NULL */
};

/* In the arena it was begun with. */
struct policy_report {
	struct arena *arena;
	struct policy_finding *findings;
	size_t count;
	unsigned errors, warnings;
};

/* Checks one file: what does not parse, what cannot be found or compiled, and what surprises. -1
 * only where the file cannot be read. The command's exit status is 0 without errors, 1 with. */
int policy_check_file(struct policy_report *report, const struct paths *paths, const char *file,
                      struct error *err) __attribute__((warn_unused_result));

/* "FILE:LINE:COLUMN: error|warning: TEXT", the source line and a caret, for each; and their number.
 */
void policy_report_print(struct text *ret, const struct policy_report *report);
/* An object: errors, warnings, findings. */
struct value *policy_report_value(const struct policy_report *report);

/* Reads the policy a word names: a file, a profile, or the profile an image would get
 * (policy_words.c). With all it extends, under the administrator's ceiling. */
int policy_find(struct policy **ret, struct arena *arena, const struct paths *paths,
                const char *word, struct error *err) __attribute__((warn_unused_result));

/* The files such a word means, and how many: one, and for an image the profile it brought along. */
enum { POLICY_FILES_MAX = 2 };
int policy_find_files(const char *ret[POLICY_FILES_MAX], struct arena *arena,
                      const struct paths *paths, const char *word, struct error *err)
        __attribute__((warn_unused_result));

enum policy_format {
	POLICY_FORMAT_BPF,    /* struct sock_filter after struct sock_filter, for bwrap --seccomp */
	POLICY_FORMAT_DISASM, /* text */
	POLICY_FORMAT_C,      /* an array of struct sock_filter */
	POLICY_FORMAT_OCI,    /* linux.seccomp of the OCI runtime specification */
	POLICY_FORMAT_JSON,   /* architecture, kernel, decisions of the table, instructions */
	POLICY_FORMAT_DOCKER, /* a seccomp file for docker run --security-opt seccomp=FILE */
	POLICY_FORMATS,
};
bool policy_format_from_name(enum policy_format *ret, const char *name);

/* All walls and the table of the filter, for an architecture of a machine that has every wall;
 * `host` gives the kernel. */
int policy_compile_for(struct confinement *ret, struct filter_table *table, struct arena *arena,
                       const struct policy *policy, const struct host *host, enum arch arch,
                       struct error *err) __attribute__((warn_unused_result));

/* Instructions of this machine's byte order in that of an architecture, or the other way round. */
struct plan_filter policy_swap_bytes(struct arena *arena, const struct plan_filter *filter,
                                     enum arch arch);

/* Compiles for an architecture; `host` gives the kernel. `note` gets a sentence where the form says
 * less than the profile; where it would say more, that is an error. */
int policy_compile_as(struct text *ret, struct text *note, const struct policy *policy,
                      const struct host *host, enum arch arch, enum policy_format format,
                      struct error *err) __attribute__((warn_unused_result));

/* The resolved policy as schema 1, indented; a Docker file, which extends nothing, as it is. */
void policy_show(struct text *ret, const struct policy *policy);
/* "FILE:LINE:COLUMN: KEY: VALUE", a line for each part it was joined from. */
void policy_show_where(struct text *ret, const struct policy *policy);
/* The same as a list of objects: file, line, column, key, value, ceiling. */
void policy_show_where_json(struct text *ret, const struct policy *policy);

#endif
