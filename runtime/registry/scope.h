/*
 * scope: the names under which policy.json and registries.d may speak of an image, from the most
 * precise to the widest (containers-policy.json(5)). Pure.
 */
#ifndef CORDON_REGISTRY_SCOPE_H
#define CORDON_REGISTRY_SCOPE_H

#include "runtime/registry/reference.h"
#include "sandbox/plan.h"

/* "host:5000/a/b:tag" (or "@digest", which goes before a tag), "host:5000/a/b", "host:5000/a",
 * "host:5000", and for a host of several labels "*.example.com", "*.com", without the port. */
void scope_of_reference(struct plan_strings *ret, struct arena *arena,
                        const struct reference *reference);

/* "/a/b", "/a": of a path that is absolute and has no symlinks. "/" is none. */
void scope_of_path(struct plan_strings *ret, struct arena *arena, const char *path);

#endif
