/*
 * The records of a trace, for who writes them (trace.c) and who asks again (trace_holds.c). A
 *record is u8 kind, u32 length + path + NUL, u32 length + answer:
 *
 *	file	its stamp (zero: not settled), its text
 *	absent	nothing
 *	folder	its stamp, and of each *.json its name without the ending, a NUL and its stamp;
 *		nothing where it is absent
 */
#ifndef CORDON_PROFILE_TRACE_PARTS_H
#define CORDON_PROFILE_TRACE_PARTS_H

#include "runtime/profile/trace.h"

enum record_kind {
	RECORD_FILE,
	RECORD_ABSENT,
	RECORD_FOLDER,
	RECORD_KINDS,
};

#define TRACE_SUFFIX ".json"

struct record {
	enum record_kind kind;
	const char *path;
	const char *answer;
	size_t length; /* of the answer */
};

struct cursor {
	const char *next, *end;
};

/* 1, 0 at the end, -1 where the records are damaged. */
int record_next(struct record *ret, struct cursor *cursor) __attribute__((warn_unused_result));

/* A folder's answer, name after name. 1, 0 at the end, -1 where it is damaged. */
struct record_name {
	const char *name;
	struct trace_stamp stamp;
};
int record_name_next(struct record_name *ret, struct cursor *cursor)
        __attribute__((warn_unused_result));

/* All zero where there is none. */
struct trace_stamp stamp_of(int folder, const char *name);
/* Reads `size` bytes and makes sure that it was all: the buffer has room for one more. false:
 * errno. */
bool trace_read_exactly(int fd, char *buffer, size_t size) __attribute__((warn_unused_result));

#endif
