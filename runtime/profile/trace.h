/*
 * trace: what was read while a profile was put together, so that a later launch can tell whether it
 * would read the same again.
 *
 * A record is a question to the file system and its answer: the text of a file, that a path does
 * not exist, the list of a folder's profiles. A cached result holds exactly as long as every
 * question has the same answer, so the cache needs to know nothing about search paths, patterns or
 * `extends`.
 *
 * A folder's list holds names, sizes, times and inode numbers, not texts: whether a profile that
 * was *not* chosen has changed is seen by its ctime, which nobody can set back. A file that changed
 * in the last clock tick could change again unseen; such a trace is `unsettled` and is not kept.
 * A file that was read has such a stamp as well, and its text: where the stamp is another one, or
 * was too young to be one, the texts are compared.
 */
#ifndef CORDON_PROFILE_TRACE_H
#define CORDON_PROFILE_TRACE_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdint.h>

/* Zero-initialised is empty. */
struct trace {
	struct text records;
	bool unsettled;
};

void trace_done(struct trace *trace);
#define _cleanup_trace __attribute__((cleanup(trace_done)))

/* What tells whether a file, or the names in a folder, may have changed. */
struct trace_stamp {
	uint64_t device, inode, size;
	int64_t modified, changed; /* ns since the epoch */
};

/* A file's text, in the arena. */
struct trace_file {
	const char *path;
	const char *text;
	size_t length;
	struct trace_stamp stamp; /* from before it was read; all zero where it is not settled */
};

/* Reads a regular file of at most 1 MiB (symlinks are followed: a profile folder belongs to whoever
 * trusts it). Returns 1, 0 where there is none, -1. Records nothing. */
int trace_read(struct trace_file *ret, struct arena *arena, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* Recorded, unless the list of its folder that was recorded before answers it. */
void trace_add_file(struct trace *trace, const struct trace_file *file);
void trace_add_absent(struct trace *trace, const char *path);

/* The names of a folder's *.json files, without the ending, sorted; an absent folder is empty. The
 * answer is recorded. */
int trace_list(const char ***names, size_t *count, struct trace *trace, struct arena *arena,
               const char *folder, struct error *err) __attribute__((warn_unused_result));

/* Asks every question again. False where an answer differs, or where the records are damaged. */
bool trace_holds(const char *records, size_t length);

#endif
