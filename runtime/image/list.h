/*
 * list: a plan_strings that grows.
 */
#ifndef CORDON_IMAGE_LIST_H
#define CORDON_IMAGE_LIST_H

#include "sandbox/plan.h"

/* Appends the pointer; the room for it is the arena's. items[count] stays NULL. */
void list_append(struct plan_strings *list, struct arena *arena, const char *item);

#endif
