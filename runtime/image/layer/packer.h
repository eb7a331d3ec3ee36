/*
 * packer: entries of a tree become an archive.
 *
 * Sockets have no place in an archive and are counted. A file that loses bytes while it is read
 * (its container runs) is filled with zeros, as tar(1) does: the header has promised them.
 */
#ifndef CORDON_IMAGE_LAYER_PACKER_H
#define CORDON_IMAGE_LAYER_PACKER_H

#include "runtime/image/layer/sink.h"
#include "runtime/image/layer/walk.h"

struct packer;

struct packer_target {
	struct layer_answer *answer; /* entries, tree_size and skipped grow */
	struct sink *sink;
	bool marks; /* overlayfs' whiteouts and opaque folders become those of OCI layers */
	bool copy;  /* for somebody who copies: as many entries as there are; device nodes are left
	               out and counted, too; what the kernel makes up (pseudo.h) stays behind */
};

struct packer *packer_new(const struct packer_target *target) __attribute__((returns_nonnull));
void packer_free(struct packer *packer);

/* The visit of a walk; the context is the packer. */
int packer_put(void *packer, const struct walk_entry *from, struct error *err)
        __attribute__((warn_unused_result));
/* A regular file that is open for reading; from->status is of this descriptor. */
int packer_put_file(struct packer *packer, const struct walk_entry *from, int fd, struct error *err)
        __attribute__((warn_unused_result));

/* The end of the archive, and everything out. */
int packer_finish(struct packer *packer, struct error *err) __attribute__((warn_unused_result));

#endif
