/*
 * output_file: -o FILE, or standard output where that is no terminal. A file comes to its name
 * whole, or not at all: it is written beside it and renamed.
 */
#ifndef CORDON_CLI_OUTPUT_FILE_H
#define CORDON_CLI_OUTPUT_FILE_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"

struct output_file {
	int fd;
	const char *path;      /* NULL: standard output */
	const char *temporary; /* NULL: written in place (a pipe, a device) */
};

/* path NULL or "-": standard output. what: for the refusal of a terminal: "save", "export". */
int output_file_open(struct output_file *ret, struct arena *arena, const char *path,
                     const char *what, struct error *err) __attribute__((warn_unused_result));

/* result: of what wrote it; returned. A failure leaves nothing. */
int output_file_close(struct output_file *file, int result, struct error *err)
        __attribute__((warn_unused_result));

#endif
