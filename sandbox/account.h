/*
 * account: the entries of /etc/passwd and /etc/group of an image, read as the hostile bytes they
 * are.
 */
#ifndef CORDON_SANDBOX_ACCOUNT_H
#define CORDON_SANDBOX_ACCOUNT_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ACCOUNT_FIELDS = 7 };

/* (uid_t)-1 means "leave as it is" to setresuid(2), so it is no id. */
#define ACCOUNT_ID_MAX ((uint64_t)UINT32_MAX - 1)

/* One well-formed line, for the time of the visit: at least four fields, NUL-terminated, the first
 * not empty; `id` is the third one. */
struct account_entry {
	char *fields[ACCOUNT_FIELDS];
	size_t count;
	uint32_t id;
};

/* Returns true to stop reading. */
typedef bool account_visitor(void *context, const struct account_entry *entry);

/* Calls `visit` for every entry of the file at `path` inside `root`. A file that is not there has
 * no entries; one that is not a regular file, or has more than 4 MiB, is an error. */
int account_read(int root, const char *path, account_visitor *visit, void *context,
                 struct error *err) __attribute__((warn_unused_result));

#endif
