/*
 * inspect: the parts of a container's inspection, and how they put their members.
 */
#ifndef CORDON_CONTAINER_INSPECT_H
#define CORDON_CONTAINER_INSPECT_H

#include "runtime/container/container.h"

struct inspection {
	struct arena *arena;
	struct container container;
	struct plan plan;
	bool has_plan; /* else it is damaged, and empty */
	const char *data, *folder;
};

/* Each sets one member; inspect_put gives the item back. A NULL text is "". */
struct value *inspect_put(struct inspection *in, struct value *object, const char *key,
                          struct value *item);
void inspect_text(struct inspection *in, struct value *object, const char *key, const char *text);
void inspect_number(struct inspection *in, struct value *object, const char *key, int64_t number);
void inspect_flag(struct inspection *in, struct value *object, const char *key, bool flag);
/* A member of the record, an empty list where it has none. */
void inspect_list(struct inspection *in, struct value *object, const char *key, const char *name);

/* What was asked for, under Docker's names (inspect_config.c). */
void inspect_config(struct inspection *in, struct value *root);
void inspect_host_config(struct inspection *in, struct value *root);
void inspect_network(struct inspection *in, struct value *root);

#endif
