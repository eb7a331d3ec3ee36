/*
 * registries_file: one file of containers-registries.conf(5), from TOML to rules.
 */
#ifndef CORDON_REGISTRY_REGISTRIES_FILE_H
#define CORDON_REGISTRY_REGISTRIES_FILE_H

#include "runtime/registry/registries.h"
#include "runtime/registry/settings.h"

/* Its [[registry]] tables. The first of a file for a prefix counts, as in containers/image, and
 * goes over those of files before it. */
int registries_take_rules(struct registries *registries, const struct settings *file,
                          const struct value *root) __attribute__((warn_unused_result));

#endif
