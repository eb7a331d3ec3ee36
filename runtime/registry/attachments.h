/*
 * attachments: for which images signatures of sigstore are looked for in their registry:
 * use-sigstore-attachments of containers-registries.d(5).
 *
 * Read are the *.yaml of the user's registries.d, else of the system's. A scope may be spoken of in
 * one of them only. The most precise scope that says anything about attachments counts; where none
 * does, "default-docker"; else they are not looked for.
 */
#ifndef CORDON_REGISTRY_ATTACHMENTS_H
#define CORDON_REGISTRY_ATTACHMENTS_H

#include "runtime/registry/folders.h"
#include "runtime/registry/reference.h"

struct attachments_scope {
	const struct attachments_scope *next;
	const char *scope; /* NULL: default-docker */
	const char *file;
	bool given, wanted;
};

struct attachments {
	const struct attachments_scope *scopes;
};

int attachments_read(struct attachments *ret, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));
int attachments_read_in(struct attachments *ret, struct arena *arena, const struct folders *folders,
                        struct error *err) __attribute__((warn_unused_result));

bool attachments_wanted(const struct attachments *attachments, struct arena *arena,
                        const struct reference *reference);

#endif
