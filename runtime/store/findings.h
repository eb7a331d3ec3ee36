/*
 * findings: what a check of the store has found, one row for each thing that is not as it should
 * be.
 */
#ifndef CORDON_STORE_FINDINGS_H
#define CORDON_STORE_FINDINGS_H

#include "sandbox/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum finding_kind {
	FINDING_STORE, /* the frame of it: index.json, oci-layout */
	FINDING_IMAGE,
	FINDING_BLOB,
	FINDING_LAYER,
	FINDING_RECORD,
	FINDING_STAGE, /* what a process that died was adding */
	FINDING_CONTAINER,
	FINDING_NAME, /* of a container */
	FINDING_VOLUME,
	FINDING_KINDS,
};

struct finding {
	enum finding_kind kind;
	const char *name;
	const char *problem;
	bool repaired;
};

struct findings {
	struct arena *arena;
	struct finding *items;
	size_t count, room;
	uint64_t seen[FINDING_KINDS]; /* things that were looked at */
	uint64_t bytes;               /* that were hashed */
};

/* "image", "blob", ... */
const char *finding_kind_name(enum finding_kind kind);

void findings_add(struct findings *findings, enum finding_kind kind, const char *name,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* All of a kind and name are repaired. */
void findings_repaired(struct findings *findings, enum finding_kind kind, const char *name);

#endif
