/*
 * record: what is written down of a container when it is made (record.json, the plan, /etc files),
 * and what `start` reads back.
 */
#ifndef CORDON_CONTAINER_RECORD_H
#define CORDON_CONTAINER_RECORD_H

#include "runtime/container/folder.h"
#include "runtime/container/launch.h"

/* Writes record.json, plan and the files for /etc into the (still temporary) folder. */
int record_write(const struct folder *folder, struct arena *arena, const struct launch *launch,
                 const struct plan *plan, const char *notes, struct error *err)
        __attribute__((warn_unused_result));

/* The first state: what ps shows of it. */
struct value *record_state(struct arena *arena, const struct launch *launch,
                           const struct plan *plan);

/* Reads the plan and the ports of a container that was made before. */
int record_read(struct plan *plan, struct network_plan *network, struct arena *arena, int dir,
                struct error *err) __attribute__((warn_unused_result));

struct value *record_strings(struct arena *arena, const struct plan_strings *strings);

#endif
