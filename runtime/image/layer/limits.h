/*
 * limits: how much cordon takes from an image before it says no (attack C4: bombs). Every limit is
 * an error that names itself. Documents and counts are held by the engine, bytes and entries by the
 * helper that meets them.
 */
#ifndef CORDON_IMAGE_LIMITS_H
#define CORDON_IMAGE_LIMITS_H

#include <stdint.h>

#define LIMIT_MANIFEST (UINT64_C(4) << 20)  /* bytes of an index, a manifest, a config */
#define LIMIT_INDEX    (UINT64_C(64) << 20) /* bytes of the store's own index.json */
#define LIMIT_LISTING  (UINT64_C(64) << 20) /* bytes of the list of an outer archive's members */

/* Compressed bytes of one blob, and bytes one layer or archive may unpack to (apparent sizes: a
 * sparse file counts in full). */
#define LIMIT_BLOB (UINT64_C(64) << 30)
#define LIMIT_TREE (UINT64_C(64) << 30)

/* deflate cannot do better than 1032:1; xz can do 7000:1, zstd and bzip2 30000:1 and more. Real
 * layers, zero-filled files and all, stay far below 400:1; small streams are let through, because
 * they can do no harm. */
#define LIMIT_RATIO      400
#define LIMIT_RATIO_FROM (UINT64_C(256) << 20)

/* The decompressor's window is what a stream can make the helper allocate. xz -9 wants 64 MiB; what
 * liblzma has beside the dictionary is far below the other limit. */
#define LIMIT_ZSTD_WINDOW_LOG 25
#define LIMIT_XZ_DICTIONARY   (UINT64_C(64) << 20)
#define LIMIT_XZ_BESIDE       (UINT64_C(1) << 20)

#define LIMIT_ENTRIES 400000 /* entries of one layer or archive */

enum {
	LIMIT_LAYERS = 127,    /* layers of an image: what overlayfs and other engines take */
	LIMIT_IMAGES = 1024,   /* images named by one index or archive */
	LIMIT_NESTING = 3,     /* an index in an index in index.json */
	LIMIT_ITEMS = 8192,    /* variables, words of a command, labels, volumes of a config */
	LIMIT_PORTS = 131072,  /* ports it exposes */
	LIMIT_PATH = 4095,     /* bytes of an entry's name, of a link's target */
	LIMIT_COMPONENT = 255, /* bytes of one component of it */
	LIMIT_DEPTH = 512,     /* components: removing a tree holds one descriptor a level */
	LIMIT_HEADER =
	        1 << 20,     /* bytes of one tar extension header (PAX records, GNU long names) */
	LIMIT_XATTR = 65536, /* bytes of one extended attribute, Linux's own XATTR_SIZE_MAX */
};

#endif
