/*
 * record: what was found out about an image when it was verified: data/records/MANIFEST.json. A
 * record is named by the digest of the manifest that index.json refers to, so it cannot speak of
 * another image than the one asked for; without its entry in index.json it is never read, and a
 * sweep removes it.
 */
#ifndef CORDON_IMAGE_RECORD_H
#define CORDON_IMAGE_RECORD_H

#include "runtime/image/image.h"

/* The profile that came with an image: an OCI artifact that refers to it. */
struct image_attached {
	const char *profile;  /* hex of its text; NULL: none came */
	const char *manifest; /* hex of the artifact */
	int64_t created;      /* as the artifact says: seconds since the epoch; 0 */
};

struct image_record {
	const char *id;             /* hex of the config */
	struct plan_strings layers; /* hex of the diff_ids, bottom first */
	struct image_config config;
	uint64_t size;
	int64_t created;
	struct image_attached attached;
};

/* 1, 0 where there is none (an image another tool put there), -1. */
int image_record_read(struct image_record *ret, struct arena *arena, const struct paths *paths,
                      const char *hex, struct error *err) __attribute__((warn_unused_result));
int image_record_write(const struct image_record *record, const struct paths *paths,
                       const char *hex, struct error *err) __attribute__((warn_unused_result));

/* What is written: two records that say the same are the same text. */
void image_record_encode(struct text *ret, const struct image_record *record);

/* The folder of an unpacked layer below data/layers: "sha256-HEX". */
const char *image_record_folder(struct arena *arena, const char *hex);

#endif
