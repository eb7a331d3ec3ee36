/*
 * layout: the store's index.json (OCI image-spec image-layout.md), which says what images there
 * are and how they are called. One entry a name, plus one without a name for an image that lost its
 * last one ("dangling"). An entry also notes the image's id (the config's digest), so that an id
 * can be looked up without opening manifests, and what a list shows of it, so that a list opens
 * nothing else.
 *
 * Entries of other tools (skopeo writes into layouts) are kept as they are; cordon uses only what
 * it verified itself, which is what has a record (record.h).
 */
#ifndef CORDON_IMAGE_LAYOUT_H
#define CORDON_IMAGE_LAYOUT_H

#include "policy/value.h"
#include "runtime/store/paths.h"

struct layout_entry {
	const char *hex; /* of the manifest */
	const char *media_type;
	uint64_t size;
	const char *name;        /* full; NULL */
	const char *id;          /* hex of the config; "" in an entry that is not ours */
	bool noted;              /* false: not ours, or of an older cordon; its record says these */
	uint64_t bytes;          /* of the image's layers, unpacked */
	int64_t created;         /* seconds since the epoch */
	const struct value *raw; /* as it was read; NULL for a new one */
};

struct layout {
	struct layout_entry *entries;
	size_t count, room;
};

/* A store that is not there yet has no entries. */
int layout_read(struct layout *ret, struct arena *arena, const struct paths *paths,
                struct error *err) __attribute__((warn_unused_result));

/* Under STORE_LOCK_INDEX. Durable. */
int layout_write(const struct layout *layout, struct arena *arena, const struct paths *paths,
                 struct error *err) __attribute__((warn_unused_result));

/* Makes images/, blobs/sha256 and the oci-layout file where they are missing. */
int layout_create(const struct paths *paths, struct error *err) __attribute__((warn_unused_result));

/* ---- changes, pure ---- */

/* Gives `entry->name` (NULL: no name) to the image; whoever had the name loses it. */
void layout_tag(struct layout *layout, struct arena *arena, const struct layout_entry *entry);
/* Takes a name away; the entry stays without one where it was the image's last. */
void layout_untag(struct layout *layout, const char *name);
/* Forgets every entry of an image. */
void layout_forget(struct layout *layout, const char *id);

#endif
