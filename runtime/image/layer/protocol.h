/*
 * protocol: what the engine and its helper libexec/cordon/layer say to each other. Both are made
 * by one build; the words are fixed-size structs in single messages over a SOCK_SEQPACKET pair, so
 * neither side parses anything.
 *
 * Everything the helper may touch is a descriptor it is born with.
 */
#ifndef CORDON_IMAGE_LAYER_PROTOCOL_H
#define CORDON_IMAGE_LAYER_PROTOCOL_H

#include "sandbox/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum layer_mode {
	LAYER_BLOB,  /* input -> folder/HEX: hashed, not read any further but for `repack` */
	LAYER_SPOOL, /* input, an outer archive -> folder/HEX for every file in it, and a listing */
	LAYER_UNPACK, /* input, a layer -> a tree in the folder */
	LAYER_HASH,   /* input, names -> what the files of these names in the folder hash to */
	LAYER_VERIFY, /* input, struct layer_signature and what it speaks of: is it signed? */
	LAYER_SAVE, /* input, struct layer_member: blobs of the folder -> an archive, the output */
	LAYER_PACK, /* the tree in the folder -> an archive, the output; input: what is left out */
	LAYER_CHANGES, /* the folder, overlayfs' upper one -> a listing of what differs from lower
	                */
	LAYER_FETCH,   /* what is at a path in the folder -> an archive, the output */
	LAYER_PLACE,   /* input, an archive -> to a path in the folder, among what is there */
	LAYER_MODES,
};

enum layer_descriptor {
	LAYER_FD_INPUT = 0,
	LAYER_FD_TALK = 3,
	LAYER_FD_FOLDER = 4,
	LAYER_FD_LISTING = 5, /* LAYER_SPOOL, LAYER_HASH, LAYER_CHANGES */
	LAYER_FD_KEEP = 6,    /* LAYER_UNPACK, where `keep` says so */
	LAYER_FD_OUTPUT = 7,  /* LAYER_SAVE, LAYER_PACK, LAYER_FETCH */
	LAYER_FD_LOWER = 8,   /* LAYER_CHANGES: only asked for names, Landlock lets none be read */
	LAYER_FD_ORDER = 9,   /* LAYER_FETCH, LAYER_PLACE: one struct layer_order */
	LAYER_FD_TALLY = 10,  /* struct layer_tally, where `tally` says so */
	LAYER_FD_COUNT,
};

enum layer_codec { LAYER_PLAIN, LAYER_GZIP, LAYER_ZSTD, LAYER_XZ, LAYER_BZIP2, LAYER_CODECS };

enum { LAYER_HEX = 64 }; /* digits of a sha256 */

/* In memory of both sides: how far a job is. */
struct layer_tally {
	_Atomic uint64_t bytes; /* read, or written where that is what the job does */
	_Atomic uint64_t total; /* 0: not known to the helper */
};

/* LAYER_VERIFY: bytes of a public key (PEM), of a signature, and of the text that it signs, which
 * follow in that order. */
struct layer_signature {
	uint32_t key, signature, payload;
};

/* LAYER_SAVE: what comes next in the archive. */
struct layer_member {
	char name[192];          /* with a slash at its end: a folder */
	char hex[LAYER_HEX + 1]; /* of the blob; "": the bytes follow here */
	uint64_t size;
};

enum layer_order_flags {
	/* LAYER_FETCH: a symlink at the path is what it leads to. LAYER_PLACE: so it always is but
	 * for LAYER_ORDER_HOST. */
	LAYER_ORDER_FOLLOW = 1,
	/* LAYER_PLACE: */
	LAYER_ORDER_ARCHIVE = 2, /* entries keep their names, beneath the path, which is a folder */
	LAYER_ORDER_FOLDER = 4,  /* no file is made of that name: it was said to be a folder */
	LAYER_ORDER_OWNERS = 8,  /* the archive's; else all belongs to this namespace's root */
	LAYER_ORDER_HOST = 16,   /* a folder of the machine's: the path is one name in it or "", no
	                            symlink is followed, and nothing gets a set-user-ID bit */
	/* LAYER_FETCH: the archive is empty where the path leads to no folder. */
	LAYER_ORDER_IF_FOLDER = 32,
};

/* LAYER_FETCH, LAYER_PLACE: */
struct layer_order {
	uint32_t flags;
	char path[4096]; /* in the folder, which is its "/" */
	char name[256]; /* LAYER_FETCH: what it is called in the archive; "": what is in it, only */
};

struct layer_request {
	uint32_t mode;
	int32_t landlock_abi;     /* host.landlock_abi */
	uint64_t capability_last; /* host.capability_last */
	uint64_t limit;           /* bytes of input */
	bool squash;              /* one id is mapped: owners are not kept */
	bool keep;                /* LAYER_FD_KEEP is the blob's own file: what it holds is read
	                             first, and what the input brings is added to it */
	bool tally;               /* somebody looks at LAYER_FD_TALLY */
	bool repack;              /* LAYER_BLOB: what layers of images are not compressed with (xz,
	                             bzip2) becomes gzip */
	bool marks;               /* LAYER_PACK: overlayfs' marks become a layer's; the archive is
	                             hashed and gzip */
	uint32_t ids;             /* ids that are mapped, for messages */
};

/* LAYER_SPOOL writes one line a member to its listing: "HEX SIZE NAME\n" for a file,
 * "- TARGET\tNAME\n" for a link, TARGET already a name in the archive. Names were checked
 * (name.h): they hold no control characters.
 *
 * LAYER_PACK and LAYER_CHANGES read paths that are passed over, each with a NUL at its end;
 * LAYER_CHANGES writes "A /PATH", "C /PATH" or "D /PATH", each with a NUL at its end.
 *
 * LAYER_HASH reads one name a line and answers, in that order, "HEX SIZE\n" for a file and
 * "- WHY\n" for what it could not read. */
struct layer_answer {
	int32_t result;           /* 0, or -1 with `error` */
	uint32_t codec;           /* of the input */
	char blob[LAYER_HEX + 1]; /* sha256 of the input as it came */
	char diff[LAYER_HEX + 1]; /* sha256 of it uncompressed (not LAYER_BLOB) */
	uint64_t blob_size;
	uint64_t tree_size; /* bytes of all files (not LAYER_BLOB) */
	uint64_t entries;
	uint32_t skipped; /* standard device nodes beneath dev/ that cordon makes itself; of
	                     LAYER_PACK: sockets; of LAYER_FETCH and LAYER_PLACE: sockets and
	                     devices */
	struct error error;
};

#endif
