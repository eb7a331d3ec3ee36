/*
 * prompt: asks the person at the terminal.
 */
#ifndef CORDON_CLI_PROMPT_H
#define CORDON_CLI_PROMPT_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"

#include <stdbool.h>

/* Whether somebody is there to be asked: standard input is a terminal. */
bool prompt_possible(void);

/* A line from standard input, without its end; the question goes to standard error. An empty
 * answer is `fallback`, where that is not NULL. */
int prompt_line(const char **ret, struct arena *arena, const char *question, const char *fallback,
                struct error *err) __attribute__((warn_unused_result));
/* The same without showing what is typed. Ctrl-C gives up, with the terminal as it was. */
int prompt_secret(const char **ret, struct arena *arena, const char *question, struct error *err)
        __attribute__((warn_unused_result));

/* All of standard input, without one line end behind it: --password-stdin. */
int prompt_read_all(const char **ret, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));

#endif
