/*
 * settings: the values of a settings file in TOML, by their keys, of the kind they must have. What
 * is wrong is said with its place: "FILE:LINE:COLUMN: what".
 */
#ifndef CORDON_REGISTRY_SETTINGS_H
#define CORDON_REGISTRY_SETTINGS_H

#include "policy/value.h"
#include "sandbox/plan.h"

struct settings {
	struct arena *arena;
	const char *name; /* of the file */
	struct error *err;
};

/* -1: "FILE:LINE:COLUMN: what why". */
int settings_complain(const struct settings *file, const struct value *at, const char *what,
                      const char *why);

/* 1, 0 where the key is not there, -1 where its value is of another kind. */
int settings_take(const struct value **ret, const struct settings *file, const struct value *table,
                  const char *key, enum value_kind kind) __attribute__((warn_unused_result));
int settings_take_list(struct plan_strings *ret, const struct settings *file,
                       const struct value *table, const char *key)
        __attribute__((warn_unused_result));

/* 0, also where the key is not there: *given says so, where it is not NULL. */
int settings_take_boolean(bool *ret, bool *given, const struct settings *file,
                          const struct value *table, const char *key)
        __attribute__((warn_unused_result));
/* The index of the word in `words`, which end with NULL. "" is as if it was not there. */
int settings_take_word(unsigned *ret, const struct settings *file, const struct value *table,
                       const char *key, const char *const *words)
        __attribute__((warn_unused_result));

/* Refuses what is no key of the table, but nearly one. `keys` end with NULL. */
int settings_check_keys(const struct settings *file, const struct value *table,
                        const char *const *keys) __attribute__((warn_unused_result));

#endif
