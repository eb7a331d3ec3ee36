/* save_parts: what is saved, gathered (save.c), and how it is written: as an archive
 * (save_archive.c) or into a folder (save_folder.c). */
#ifndef CORDON_IMAGE_SAVE_PARTS_H
#define CORDON_IMAGE_SAVE_PARTS_H

#include "runtime/image/manifest.h"
#include "runtime/image/save.h"

/* One image under all the names it is saved with. */
struct saved {
	struct plan_strings names; /* full; none */
	struct descriptor manifest;
	const char *text; /* of the manifest, where it is not the store's; else NULL */
	struct descriptor config;
	struct descriptor *layers;
	size_t layer_count;
};

struct save {
	struct arena *arena;
	const struct paths *paths;
	const struct host *host;
	const struct image_save *request;
	struct saved *images;
	size_t count;
	struct descriptor *blobs; /* of the store; each once */
	size_t blob_count;
};

/* index.json. */
const char *save_index(const struct save *save);

int save_archive(const struct save *save, struct error *err) __attribute__((warn_unused_result));
int save_folder(const struct save *save, struct error *err) __attribute__((warn_unused_result));

#endif
