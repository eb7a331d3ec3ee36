/*
 * search: finds profile files in the search path: the user's folder, the administrator's, cordon's
 * own. A file NAME.json hides those of the same name in later folders.
 */
#ifndef CORDON_PROFILE_SEARCH_H
#define CORDON_PROFILE_SEARCH_H

#include "policy/policy.h"
#include "runtime/profile/trace.h"
#include "runtime/store/paths.h"

/* One loading of a profile and all it extends. */
struct loader {
	struct arena *arena;
	const struct paths *paths;
	struct trace *trace;
	unsigned loaded; /* how many profiles so far */
};

enum { NO_FOLDER = -1 };

struct found {
	struct policy *policy;
	struct trace_file file;
	int folder; /* index in paths->profiles; NO_FOLDER for one named by path */
};

/* Whether a word given for a profile means a file and not a name. */
bool search_is_path(const char *word);

/* All three return 1, 0 where there is none, -1, and record what they asked. */
int search_by_path(struct found *ret, struct loader *loader, const char *path, struct error *err)
        __attribute__((warn_unused_result));
int search_by_name(struct found *ret, struct loader *loader, const char *name, int first_folder,
                   struct error *err) __attribute__((warn_unused_result));
/* The longest matching pattern wins, then the earlier folder, then the earlier name. */
int search_by_image(struct found *ret, struct loader *loader, const char *reference,
                    struct error *err) __attribute__((warn_unused_result));

/* The error for a name that is nowhere: where it was looked for, and the nearest name. */
int search_missing(struct loader *loader, const char *name, struct error *err);

#endif
