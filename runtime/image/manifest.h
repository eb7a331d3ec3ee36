/*
 * manifest: the JSON documents that say what an image is made of, read strictly. Pure.
 *
 * A document is an index or a manifest, never both (CVE-2021-41190): `manifests` beside `layers` or
 * `config` is refused, and so is a mediaType that says another kind than the content, or than the
 * descriptor that led here. Every digest is sha256 and was checked before it is anyone's path.
 */
#ifndef CORDON_IMAGE_MANIFEST_H
#define CORDON_IMAGE_MANIFEST_H

#include "policy/value.h"
#include "runtime/image/list.h"
#include "runtime/image/platform.h"
#include "sandbox/plan.h"

enum media {
	MEDIA_INDEX,
	MEDIA_MANIFEST,
	MEDIA_CONFIG,
	MEDIA_LAYER,
	MEDIA_UNKNOWN,
};

struct descriptor {
	enum media media;
	const char *media_type;
	const char *hex; /* 64 digits */
	uint64_t size;
	const char *name; /* io.containerd.image.name or org.opencontainers.image.ref.name; NULL */
	struct platform platform;
	const char *artifact; /* artifactType: no image, but what goes along with one; NULL */
	const char *created;  /* org.opencontainers.image.created; NULL */
};

struct document {
	enum media media; /* MEDIA_INDEX or MEDIA_MANIFEST */
	struct descriptor config;
	struct descriptor *items; /* manifests of an index; layers of a manifest, bottom first */
	size_t count;
};

/* `file` names the document in messages. media_type: of the descriptor that led here; NULL: any. */
int document_parse(struct document *ret, struct arena *arena, const char *file,
                   const struct text *text, const char *media_type, struct error *err)
        __attribute__((warn_unused_result));

/* The artifactType of a descriptor or a manifest; NULL where it is an image. */
const char *document_artifact(const struct value *object);

/* The one manifest (or index) of an index for a platform, which is complete: the first of the
 * best. NULL where there is none. */
const struct descriptor *document_choose(const struct document *index,
                                         const struct platform *wanted);
/* That there is none, and what there is. Returns -1. */
int document_without(const struct document *index, const struct platform *wanted,
                     struct arena *arena, struct error *err);

/* An image of docker save's manifest.json: names of members of the archive. */
struct saved_image {
	const char *config;
	struct plan_strings names;
	struct plan_strings layers; /* bottom first */
};
int saved_parse(struct saved_image **ret, size_t *count, struct arena *arena,
                const struct text *text, struct error *err) __attribute__((warn_unused_result));

#endif
