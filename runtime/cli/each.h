/*
 * each: what commands do that take several names.
 */
#ifndef CORDON_CLI_EACH_H
#define CORDON_CLI_EACH_H

#include "policy/value.h"
#include "runtime/cli/command.h"

/* Does something to every one named; goes on after a failure, and fails with the last one. `act`
 * answers 0, 1 where there is nothing to say of it, -1. say: the name is printed where it was done.
 */
int each_named(struct call *call,
               int (*act)(struct call *call, const char *name, struct error *err), bool say,
               struct error *err) __attribute__((warn_unused_result));

/* One of several has failed: what failed before it is told, and the last is left to main in *err.
 */
void each_failed(bool *failed, const struct error *one, struct error *err);

/* Prints what `look` finds of every one named: an array, compact with the format "json", or a line
 * a template. */
int each_shown(struct call *call,
               int (*look)(struct value **ret, struct call *call, const char *name,
                           struct error *err),
               const char *format, struct error *err) __attribute__((warn_unused_result));

#endif
