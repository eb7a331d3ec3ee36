/*
 * copy_parts: the two kinds of ends that a copy has.
 */
#ifndef CORDON_CONTAINER_COPY_PARTS_H
#define CORDON_CONTAINER_COPY_PARTS_H

#include "runtime/container/copy.h"
#include "runtime/container/folder.h"

struct copy_end {
	struct image_end end;
	struct container container; /* dir -1: the machine */
	struct plan plan;           /* of the container */
	struct folder lock;         /* of one that does not run and is written to */
	bool write;
	int folder; /* owned; -1 */
};
#define COPY_END_NONE                                                                              \
	((struct copy_end){                                                                        \
	        .container.dir = -1, .lock = FOLDER_NONE, .folder = -1, .end.stream = -1 })

void copy_end_close(struct copy_end *end);

/* Opens the container; `write` says what for. Its maps are end->plan.maps then. */
int copy_open_container(struct copy_end *end, const struct image_request *request, const char *name,
                        struct error *err) __attribute__((warn_unused_result));

/* Finds what the path says on the machine, as the caller: end->folder, and the order's path. To be
 * read (follow: at the end of a symlink), or to be written to. */
int copy_find_source(struct copy_end *end, const char *path, bool follow, struct error *err)
        __attribute__((warn_unused_result));
int copy_find_target(struct copy_end *end, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* What the end of a path is called, "" where only what is in it is meant ("x/.", "/"): as Docker
 * reads it. */
int copy_base_name(char ret[256], const char *path, struct error *err)
        __attribute__((warn_unused_result));
/* Whether the path says of itself that it is a folder: "x/", "x/.", "..". */
bool copy_says_folder(const char *path);

#endif
