/*
 * error: the one error idiom of the tree.
 *
 * A function that can fail takes a trailing `struct error *err`, returns 0 (or a descriptor, or a
 * count) on success and -1 on failure with *err filled. The struct has a fixed size and holds no
 * pointer: it cannot leak, and a child can write() it to its parent as it stands (it is smaller
 * than PIPE_BUF, so the write is atomic).
 *
 * An error reads as one line, `cordon: WHAT: WHY`, and one optional line with the way out.
 */
#ifndef CORDON_BASE_ERROR_H
#define CORDON_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* Docker's exit statuses of `run` and `exec`. A command's own status is passed on unchanged. */
enum {
	EXIT_ENGINE = 125,       /* cordon itself failed: nothing of the container ran */
	EXIT_NOT_RUNNABLE = 126, /* the command was found but could not be started */
	EXIT_NOT_FOUND = 127,    /* the command was not found */
	EXIT_SIGNAL_BASE = 128,  /* + the number of the signal that ended the command */
};

struct error {
	int number;       /* an errno value, 0 where the failure is not the kernel's */
	int exit_status;  /* what main exits with: EXIT_ENGINE unless set otherwise */
	char text[1024];  /* "what failed: why", no newline at the end */
	char hint[512];   /* the way out, one sentence; empty where there is none */
	char source[160]; /* the line of a file that is wrong, as much of it as fits around the
	                     place; empty where it is no line's fault */
	unsigned column;  /* the place in `source`, from 1, in bytes */
};

#define ERROR_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))

/* Fills *err with the text; with number != 0 appends ": strerror(number)". Always returns -1, so
 * that `return error_set(err, errno, "cannot open %s", path);` reads well. err may not be NULL. */
int error_set(struct error *err, int number, const char *format, ...) ERROR_PRINTF(3, 4);

/* Puts "PREFIX: " before the text of an error that is already set. Returns -1. */
int error_prefix(struct error *err, const char *format, ...) ERROR_PRINTF(2, 3);

/* Sets the way out ("install the package uidmap"). Returns -1. */
int error_hint(struct error *err, const char *format, ...) ERROR_PRINTF(2, 3);

/* Points at a place in a line of a source: `column` from 1, in bytes. Returns -1. */
int error_point(struct error *err, const char *line, size_t length, unsigned column);

/* Sets the exit status main shall use (EXIT_NOT_FOUND, ...). Returns -1. */
int error_exit(struct error *err, int exit_status);

#endif
