/*
 * handover: how the first process of a container gets what it is to be. It was born before there
 * was a plan; the plan comes over the gate in one message: its bytes as a file in memory, and the
 * standard streams.
 */
#ifndef CORDON_SANDBOX_HANDOVER_H
#define CORDON_SANDBOX_HANDOVER_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"
#include "sandbox/spawn.h"

/* The parent's half. */
int handover_give(int gate, const struct plan *plan, const struct sandbox_streams *streams,
                  struct error *err) __attribute__((warn_unused_result));

/* The child's: waits for it. Sets the three streams; what *ret points to is in `arena`. */
int handover_take(struct plan *ret, struct sandbox_streams *streams, struct arena *arena, int gate,
                  struct error *err) __attribute__((warn_unused_result));

#endif
