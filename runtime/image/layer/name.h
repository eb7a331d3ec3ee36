/*
 * name: what an entry of an archive may be called (attacks C1, C3). Pure.
 *
 * A name is read as a list of components from the root of the archive. Refused: absolute names,
 * "..", the empty name, control characters (newline, escape sequences, DEL), and what is too long
 * or too deep. "./", "//" and a trailing "/" mean nothing. Bytes above 127 are taken as they are.
 *
 * Whiteouts (OCI image-spec layer.md): ".wh.NAME" hides NAME of lower layers, ".wh..wh..opq" hides
 * all that lower layers have in its folder. AUFS' own files at the root (".wh..wh.aufs", "plnk",
 * "orph") are passed over, as Docker does. Any other use of the prefix ".wh." is refused.
 */
#ifndef CORDON_IMAGE_LAYER_NAME_H
#define CORDON_IMAGE_LAYER_NAME_H

#include "runtime/image/layer/limits.h"
#include "sandbox/base/error.h"

#include <stddef.h>

enum name_kind {
	NAME_ENTRY,    /* also the root itself: path and base are "" */
	NAME_WHITEOUT, /* base is what is hidden, without ".wh." */
	NAME_OPAQUE,   /* parent is the opaque folder */
	NAME_IGNORED,
};

struct name {
	enum name_kind kind;
	char path[LIMIT_PATH + 1];   /* "usr/bin/env", no slash at either end */
	char parent[LIMIT_PATH + 1]; /* "usr/bin", "" for the root */
	const char *base;            /* "env", in `path` */
};

/* Reads the name of a layer's entry. The error does not repeat the name: see name_show. */
int name_parse(struct name *ret, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* The same without a meaning for ".wh.": members of outer archives, targets of hard links. */
int name_parse_plain(struct name *ret, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* The same with control characters, which a person's files may have in their names. */
int name_parse_copy(struct name *ret, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* A symlink's target: any path a container may read, but one that climbs over the root of the
 * archive in so many words is refused, as Docker does. `at` is the link's own name. */
int name_check_target(const struct name *at, const char *target, struct error *err)
        __attribute__((warn_unused_result));

/* The target of a relative symlink as a name in the archive (outer archives only). */
int name_resolve(char ret[LIMIT_PATH + 1], const struct name *at, const char *target,
                 struct error *err) __attribute__((warn_unused_result));

/* As a person may see it, shortened. */
void name_show(char *ret, size_t size, const char *path);

#endif
