/*
 * record: what is written down of a container when it is made and never changes: record.json (what
 * was asked), plan (what it became).
 */
#ifndef CORDON_CONTAINER_RECORD_H
#define CORDON_CONTAINER_RECORD_H

#include "runtime/container/folder.h"
#include "runtime/container/launch.h"
#include "runtime/container/state.h"

/* Writes record.json and plan. The state is still missing, so nobody sees them yet. What is removed
 * at its end need not survive a loss of power. */
int record_write(const struct folder *folder, struct arena *arena, const struct launch *launch,
                 const struct plan *plan, struct error *err) __attribute__((warn_unused_result));

/* The first state: what ps shows of it. */
void record_state(struct state *ret, struct arena *arena, const struct launch *launch,
                  const struct plan *plan);

/* Fills state->published and state->ports from the ports as they are now. */
void record_ports(struct state *state, struct arena *arena, const struct network_plan *network);

/* The plan of a container that was made before, as its last start had it (narrow.h). */
int record_read_plan(struct plan *ret, struct arena *arena, int dir, struct error *err)
        __attribute__((warn_unused_result));
/* The one it was made with. */
int record_read_made(struct plan *ret, struct arena *arena, int dir, struct error *err)
        __attribute__((warn_unused_result));
/* What a start makes of it; NULL where that is the same. */
int record_write_narrowed(int dir, const struct plan *plan, struct error *err)
        __attribute__((warn_unused_result));
/* Its record; NULL with *err. */
struct value *record_read(struct arena *arena, int dir, struct error *err);
/* The network as it was asked for. */
void record_read_network(struct network_plan *ret, struct arena *arena, const struct value *record);

struct value *record_strings(struct arena *arena, const struct plan_strings *strings);
void record_put(struct arena *arena, struct value *object, const char *key, const char *text);

#endif
