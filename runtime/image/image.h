/*
 * image: what containers are made from. The store is an OCI image layout
 * (images/{oci-layout,index.json, blobs/sha256/...}) that skopeo and umoci read; beside it every
 * layer is unpacked once, into layers/sha256-DIFFID/ (rootfs under diff/), with the owners of the
 * user's id range, whiteouts as overlay whiteouts (character device 0:0) and opaque folders as the
 * user.overlay.opaque attribute.
 *
 * Nothing is used before its sha256 was verified. Archives (hostile bytes) are parsed by the helper
 * libexec/cordon/layer, the only program that links libarchive and libcrypto.
 */
#ifndef CORDON_IMAGE_IMAGE_H
#define CORDON_IMAGE_IMAGE_H

#include "policy/policy.h"
#include "policy/value.h"
#include "runtime/image/platform.h"
#include "runtime/store/paths.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

/* The parts of an image config that a launch needs (OCI image-spec config.md). */
struct image_config {
	struct plan_strings entrypoint;
	struct plan_strings command;
	struct plan_strings environment;
	const char *directory; /* "" where none */
	const char *user;      /* "" where none */
	const char *stop_signal;
	struct plan_strings volumes; /* paths inside */
	struct plan_strings exposed; /* "80/tcp" */
	struct plan_strings labels;  /* NAME=VALUE: shown and filtered by, they mean nothing */
};

struct image {
	const char *id;            /* 64 hex digits: sha256 of the config blob, Docker's image id */
	const char *digest;        /* "sha256:..." of the manifest */
	const char *reference;     /* the name it was found under, fully qualified:
	                              docker.io/library/nginx:latest;     localhost/NAME:TAG for imports
	                              without a registry */
	struct plan_strings names; /* all names of this image */
	struct plan_strings
	        layers; /* absolute host folders of the unpacked layers, topmost first */
	struct image_config config;
	const char *profile; /* file: the profile it brought along, verified; NULL */
	uint64_t size;       /* bytes of all layers, unpacked */
	int64_t created;     /* seconds since the epoch */
};

/* Finds by name (Docker's short forms; localhost/NAME is tried for a bare NAME too), digest, id or
 * unique id prefix. Returns 1, 0 where there is none, -1. Hot path: reads index.json, one manifest,
 * one config (cached beside the layers once verified: records/ID.json), no hashing. */
int image_find(struct image *ret, struct arena *arena, const struct paths *paths, const char *name,
               struct error *err) __attribute__((warn_unused_result));

/* The same, where there being none is an error. */
int image_require(struct image *ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err) __attribute__((warn_unused_result));

/* All images, newest first. */
int image_list(struct image **ret, size_t *count, struct arena *arena, const struct paths *paths,
               struct error *err) __attribute__((warn_unused_result));

/* The same, of their titles: id, digest, reference, names, size and date; nothing else is filled
 * in, and no file but index.json is read. */
int image_titles(struct image **ret, size_t *count, struct arena *arena, const struct paths *paths,
                 struct error *err) __attribute__((warn_unused_result));

/* Docker's `image inspect` object. */
int image_inspect(struct value **ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err) __attribute__((warn_unused_result));

/* The fully qualified form: "nginx" -> "docker.io/library/nginx:latest". Refuses what is not a
 * reference (distribution/reference grammar). */
int image_reference_normalize(const char **ret, struct arena *arena, const char *name,
                              struct error *err) __attribute__((warn_unused_result));

/* Is a stored image what was asked for? 1, 0; -1. */
int image_is_for(const struct image *image, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct platform *asked, struct error *err)
        __attribute__((warn_unused_result));

/* What is told while bytes are moved. */
enum image_news_kind {
	IMAGE_ASKED,   /* text: the place that is asked: host/repository */
	IMAGE_AWAITED, /* hex: of the manifest; another cordon is pulling it */
	IMAGE_NOTE,    /* text: what will not do and was passed over */
	LAYER_KNOWN,   /* hex: of a blob, as in all that follow */
	LAYER_BEGUN,   /* bytes: there from an earlier pull */
	LAYER_MOVED,   /* bytes of total */
	LAYER_WAITS,   /* text: what went wrong, and when it is tried again */
	LAYER_FETCHED, /* all bytes have come; the rest is unpacked */
	LAYER_DONE,
	LAYER_SENDING, /* of a push */
	LAYER_SENT,
	LAYER_MOUNTED, /* of a push: the registry has it elsewhere */
	/* Of this machine's own bytes; LAYER_MOVED and LAYER_DONE follow. hex: of a blob, or a
	 * word; total: 0 where it is not known. */
	LAYER_READING,
	LAYER_UNPACKING,
	LAYER_WRITING,
	LAYER_COPYING,
};
struct image_news {
	enum image_news_kind kind;
	const char *hex;
	const char *text;
	uint64_t bytes, total;
};
struct image_watch {
	void (*tell)(void *context, const struct image_news *news);
	void *context;
};

/* What the policy of an image of this name says of a profile that it brings along; NULL: that none
 * is wanted. reference NULL: the image has no name. */
struct image_policy {
	int (*attaching)(enum policy_attaching *ret, void *context, const char *reference,
	                 struct error *err);
	void *context;
};

/* Sources. Each prints nothing; names and ids loaded are appended to `loaded` ("Loaded image:
 * NAME"). A failure leaves nothing behind. Safe against a second cordon doing the same (store
 * lock). */
struct image_archive {
	int fd;
	const char *place;               /* its path; "" for standard input */
	const struct image_watch *watch; /* is told of bytes; NULL */
	const struct image_watch *notes; /* of all else; NULL */
	struct image_policy policy;
};
int image_load_archive(struct plan_strings *loaded, struct arena *arena, const struct paths *paths,
                       const struct host *host, const struct image_archive *archive,
                       struct error *err) __attribute__((warn_unused_result));
/* As whom a registry is asked. */
struct image_access {
	const char *user, *secret; /* NULL: those that are kept (credentials.h) */
	const char *file;          /* --authfile: in place of all files of them; NULL */
	const char *certificates;  /* a folder, in place of those of certs.d; NULL */
	enum image_tls {
		IMAGE_TLS_AS_SET,   /* by registries.conf */
		IMAGE_TLS_ANY,      /* any certificate, and plain HTTP */
		IMAGE_TLS_VERIFIED, /* nothing else, also where registries.conf would */
	} tls;
};

struct image_pull {
	const char *source; /* a name, "docker://NAME", "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]",
	                       "docker-archive:FILE" */
	struct platform platform; /* that was asked for; nothing said: this machine's */
	struct image_access access;
	const struct image_watch *watch; /* NULL */
	struct image_policy policy;
};
int image_pull(struct plan_strings *loaded, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_pull *pull, struct error *err)
        __attribute__((warn_unused_result));
/* The names of all images of a repository, which is called without a tag, as its registry lists
 * them. */
int image_tags(struct plan_strings *ret, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_pull *pull, struct error *err)
        __attribute__((warn_unused_result));
struct image_push {
	const char *image;  /* of the store */
	const char *target; /* where to, as "REGISTRY/NAME:TAG"; NULL: what `image` says */
	struct image_access access;
	const struct image_watch *watch; /* NULL */
};
/* digest: of the manifest that was pushed. */
int image_push(const char **digest, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_push *push, struct error *err)
        __attribute__((warn_unused_result));
/* Sends a profile to the registry of an image, as an artifact that refers to the image there.
 * digest: of the artifact's manifest, to be signed as images are. */
struct image_attach {
	const char *name;    /* of the image, as its registry has it */
	const char *profile; /* its text (policy/attached.h) */
	size_t length;
	const char *title; /* the profile's name, for people */
	struct image_access access;
};
int image_attach(const char **digest, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_attach *order, struct error *err)
        __attribute__((warn_unused_result));

/* Is an image of a registry signed: by a key, or as policy.json asks? */
struct image_verify {
	const char *name;
	const char *key; /* file, PEM; NULL: policy.json */
	struct image_access access;
};
int image_verify(const char **digest, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_verify *verify, struct error *err)
        __attribute__((warn_unused_result));

/* The manifest or index of an image, as it came: of the store, by its id or a name below
 * localhost/; else its registry's, which `here` false says. */
struct image_manifest {
	const char *name;
	struct image_access access;
};
int image_manifest(struct text *ret, bool *here, struct arena *arena, const struct paths *paths,
                   const struct host *host, const struct image_manifest *order, struct error *err)
        __attribute__((warn_unused_result));

/* Does a registry ("quay.io", "127.0.0.1:5000") let them in? */
struct image_login {
	const char *registry;
	struct image_access access;
};
int image_login(struct arena *arena, const struct paths *paths, const struct host *host,
                const struct image_login *login, struct error *err)
        __attribute__((warn_unused_result));

/* A root file system as one layer. */
struct image_import {
	int fd;
	const char *place;                  /* its path; "" for standard input */
	const char *name;                   /* NULL: none */
	const struct plan_strings *changes; /* Dockerfile-like "CMD [...]", "ENV A=b", ... */
	const char *message;                /* for the history; NULL: none */
	struct platform platform;           /* what is not said is this machine's */
	const struct image_watch *watch;    /* NULL */
};
int image_import(const char **id, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_import *order, struct error *err)
        __attribute__((warn_unused_result));

/* Removes a name; the image and its layers go with the last name unless `in_use` says a container
 * needs them. `removed` gets "Untagged: ..." and "Deleted: ..." lines. */
int image_remove(struct plan_strings *removed, struct arena *arena, const struct paths *paths,
                 const struct host *host, const char *name, bool force,
                 bool (*in_use)(void *context, const char *id), void *context, struct error *err)
        __attribute__((warn_unused_result));

/* Gives an image a further name; another image that had it loses it. */
int image_tag(struct arena *arena, const struct paths *paths, const char *image, const char *name,
              struct error *err) __attribute__((warn_unused_result));

/* Takes names away, all where none is given; the image stays, nameless if they were its last. */
int image_untag(struct arena *arena, const struct paths *paths, const char *image,
                const struct plan_strings *names, struct error *err)
        __attribute__((warn_unused_result));

/* How an image came about, newest step first, as its config tells it. */
struct image_step {
	const char *by, *comment;
	int64_t created; /* seconds since the epoch; 0 where it does not say */
	uint64_t size;   /* bytes of its layer, unpacked; 0 for a step without one */
};
int image_history(struct image_step **ret, size_t *count, struct arena *arena,
                  const struct paths *paths, const struct image *image, struct error *err)
        __attribute__((warn_unused_result));

/* The layers of an image, bottom first. */
struct image_layer {
	const char *hex;            /* of its diff_id */
	uint64_t size;              /* bytes, unpacked */
	struct plan_strings top_of; /* names of the images that end with it */
};
int image_layers(struct image_layer **ret, size_t *count, struct arena *arena,
                 const struct paths *paths, const struct image *image, struct error *err)
        __attribute__((warn_unused_result));

/* The room images take on the disk: their layers, unpacked, and their blobs. What several share is
 * there once. */
struct image_usage_row {
	const char *id;
	uint64_t size;   /* of all it is made of */
	uint64_t unique; /* of what no other image has */
};
struct image_usage {
	struct image_usage_row *rows;
	size_t count;
	uint64_t total;  /* of all images together */
	uint64_t chosen; /* of those that were chosen, together */
};
int image_usage(struct image_usage *ret, struct arena *arena, const struct paths *paths,
                const struct plan_strings *chosen, struct error *err)
        __attribute__((warn_unused_result));

/* Removes images without a name, with `all` also others, that nothing speaks for; and what pulls
 * that were cut off have left. */
struct image_prune {
	bool all;
	bool (*spare)(void *context, const struct image *image);
	void *context;
};
struct image_pruned {
	struct plan_strings lines; /* "untagged: ...", "deleted: sha256:..." */
	uint64_t bytes;            /* that are free now */
};
int image_prune(struct image_pruned *ret, struct arena *arena, const struct paths *paths,
                const struct host *host, const struct image_prune *prune, struct error *err)
        __attribute__((warn_unused_result));

#endif
