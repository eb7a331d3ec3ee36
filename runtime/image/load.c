/*
 * load: outer archives. The helper turns one into verified blobs and a listing; which of the two
 * forms it is, is seen from its members: manifest.json is docker save's (newer Docker puts both
 * forms into one file, and only there are the names in full), index.json and oci-layout are OCI's.
 */
#include "runtime/image/load.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/members.h"
#include "runtime/image/stage.h"
#include "runtime/image/watch.h"
#include "runtime/registry/reference.h"
#include "runtime/registry/trust.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

static int spool(struct members *ret, struct stage *stage, int fd, struct error *err)
{
	_cleanup_fd int listing = -1;
	_cleanup_text struct text text = {};
	const struct watched watched = { stage->watch, LAYER_READING, "archive", watch_left(fd) };
	struct plan_id_maps single;
	struct layer_answer answer;
	struct helper_call call = {
		.program = arena_printf(stage->arena, "%s/layer", stage->paths->libexec),
		.mode = LAYER_SPOOL,
		.input = fd,
		.keep = -1,
		.limit = LIMIT_BLOB,
		.maps = &single,
	};

	if (stage_make(stage, err) < 0)
		return -1;
	listing = openat(stage->folder, "listing", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (listing < 0)
		return error_set(err, errno, "cannot make a file in the store");
	call.folder = stage->blobs;
	call.listing = listing;
	if (host_id_maps(&single, stage->arena, stage->host, IDMAP_SINGLE, 0, err) < 0 ||
	    watch_run(&answer, stage->host, &call, &watched, err) < 0)
		return error_prefix(err, "the archive");
	if (lseek(listing, 0, SEEK_SET) < 0 || io_read_all(&text, listing, LIMIT_LISTING, err) < 0)
		return error_set(err, 0, "the archive has too many members");
	return members_parse(ret, stage->arena, &text, err);
}

/* ---- docker save ---- */

static int read_member(struct text *ret, struct stage *stage, const struct member_row *row,
                       struct error *err)
{
	const struct descriptor descriptor = { .hex = row->hex, .size = row->size };

	if (row->size > LIMIT_MANIFEST)
		return error_set(err, 0, "%s: %llu bytes; cordon takes %llu", row->name,
		                 (unsigned long long)row->size, (unsigned long long)LIMIT_MANIFEST);
	return stage_read_blob(ret, stage, &descriptor, err);
}

static const struct member_row *need_member(const struct members *members, const char *name,
                                            struct error *err)
{
	const struct member_row *row = members_find(members, name);

	if (row == NULL)
		error_set(err, 0, "the archive has no %.200s, which its manifest.json names", name);
	return row;
}

static struct value *descriptor_value(struct arena *arena, const char *media_type, const char *hex,
                                      uint64_t size)
{
	struct value *object = value_new_object(arena);

	value_set(arena, object, "mediaType", value_new_string(arena, media_type));
	value_set(arena, object, "digest",
	          value_new_string(arena, arena_printf(arena, "sha256:%s", hex)));
	value_set(arena, object, "size", value_new_integer(arena, (int64_t)size));
	return object;
}

/* What a layer is compressed with, by its first bytes. media NULL: as no layer may be. */
static const struct packing {
	unsigned char magic[6];
	size_t length;
	const char *media;
} packings[] = {
	{ { 0x1f, 0x8b }, 2, "application/vnd.oci.image.layer.v1.tar+gzip" },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "application/vnd.oci.image.layer.v1.tar+zstd" },
	{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, NULL },
	{ { 'B', 'Z', 'h' }, 3, NULL },
	{ {}, 0, "application/vnd.oci.image.layer.v1.tar" },
};

static const char *media_of(int layer)
{
	unsigned char magic[sizeof packings->magic] = "";
	const struct packing *packing = packings;

	if (pread(layer, magic, sizeof magic, 0) < 0)
		return packings[ARRAY_SIZE(packings) - 1].media;
	while (memcmp(magic, packing->magic, packing->length) != 0)
		packing++;
	return packing->media;
}

const char *load_layer_media(struct stage *stage, const char *hex)
{
	_cleanup_fd int fd = openat(stage->blobs, hex, O_RDONLY | O_CLOEXEC);

	return media_of(fd);
}

/* A layer of docker save's: nothing but its place in the archive says what it is called, so that it
 * may come in as another blob of the same content. */
static int take_layer(struct descriptor *ret, struct stage *stage, const struct member_row *row,
                      struct error *err)
{
	_cleanup_fd int fd = openat(stage->blobs, row->hex, O_RDONLY | O_CLOEXEC);
	const struct stage_blob blob = { fd, LIMIT_BLOB, row->hex, true };
	struct layer_answer answer;

	*ret = (struct descriptor){ .hex = row->hex, .size = row->size };
	if (fd < 0)
		return error_set(err, errno, "cannot open a file of the store");
	if (media_of(fd) != NULL)
		return 0;
	if (stage_take(&answer, stage, &blob, err) < 0)
		return error_prefix(err, "the layer sha256:%.12s", row->hex);
	ret->hex = arena_strdup(stage->arena, answer.blob);
	ret->size = answer.blob_size;
	return 0;
}

int load_name(struct plan_strings *ret, struct arena *arena, const char *name, struct error *err)
{
	struct reference reference;

	if (name == NULL || name[0] == '\0')
		return 0;
	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	if (reference.digest != NULL)
		return error_set(err, 0, "'%.200s': a new image cannot be given a digest", name);
	list_append(ret, arena,
	            reference.domain_given ? reference_string(arena, &reference)
	                                   : reference_local_string(arena, &reference));
	return 0;
}

int load_manifest(struct descriptor *ret, struct stage *stage, const struct descriptor *config,
                  const struct descriptor *layers, size_t count, struct error *err)
{
	static const char type[] = "application/vnd.oci.image.manifest.v1+json";
	struct arena *arena = stage->arena;
	struct value *root = value_new_object(arena), *array = value_new_array(arena);
	_cleanup_text struct text text = {};
	struct layer_answer answer;

	for (size_t i = 0; i < count; i++)
		value_append(arena, array,
		             descriptor_value(arena, load_layer_media(stage, layers[i].hex),
		                              layers[i].hex, layers[i].size));
	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	value_set(arena, root, "mediaType", value_new_string(arena, type));
	value_set(arena, root, "config",
	          descriptor_value(arena, "application/vnd.oci.image.config.v1+json", config->hex,
	                           config->size));
	value_set(arena, root, "layers", array);
	value_encode(&text, root, VALUE_COMPACT);
	if (stage_take_text(&answer, stage, &text, err) < 0)
		return -1;
	*ret = (struct descriptor){ .media = MEDIA_MANIFEST,
		                    .media_type = type,
		                    .hex = arena_strdup(arena, answer.blob),
		                    .size = answer.blob_size };
	return 0;
}

static int load_saved_image(struct stage *stage, const struct members *members,
                            const struct saved_image *saved, struct error *err)
{
	struct descriptor layers[LIMIT_LAYERS], config = {}, manifest;
	const struct member_row *row = need_member(members, saved->config, err);
	struct plan_strings names = {};

	if (row == NULL)
		return -1;
	config = (struct descriptor){ .hex = row->hex, .size = row->size };
	for (size_t i = 0; i < saved->layers.count; i++) {
		row = need_member(members, saved->layers.items[i], err);
		if (row == NULL || take_layer(&layers[i], stage, row, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < saved->names.count; i++) {
		const char *name;

		if (image_reference_normalize(&name, stage->arena, saved->names.items[i], err) < 0)
			return -1;
		list_append(&names, stage->arena, name);
	}
	if (load_manifest(&manifest, stage, &config, layers, saved->layers.count, err) < 0)
		return -1;
	return stage_image(stage, &manifest, &names, err);
}

static int load_saved(struct stage *stage, const struct members *members,
                      const struct member_row *row, struct error *err)
{
	_cleanup_text struct text text = {};
	struct saved_image *images;
	size_t count;

	if (read_member(&text, stage, row, err) < 0 ||
	    saved_parse(&images, &count, stage->arena, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (load_saved_image(stage, members, &images[i], err) < 0)
			return -1;
	return 0;
}

/* ---- either ---- */

int load_stage_archive(struct stage *stage, const struct image_archive *archive,
                       enum load_form form, const char *tag, struct error *err)
{
	const struct member_row *saved, *index;
	_cleanup_text struct text text = {};
	struct members members;

	if (spool(&members, stage, archive->fd, err) < 0)
		return -1;
	saved = form == LOAD_OCI ? NULL : members_find(&members, "manifest.json");
	index = form == LOAD_DOCKER ? NULL : members_find(&members, "index.json");
	if (saved != NULL)
		return load_check_trust(stage->arena, "docker-archive", archive->place, err) < 0
		               ? -1
		               : load_saved(stage, &members, saved, err);
	if (index != NULL && members_find(&members, "oci-layout") != NULL) {
		if (load_check_trust(stage->arena, "oci-archive", archive->place, err) < 0 ||
		    read_member(&text, stage, index, err) < 0)
			return -1;
		return load_index(stage, &text, tag, err);
	}
	error_set(err, 0, "this is not an image archive: it has no %s",
	          form == LOAD_DOCKER ? "manifest.json"
	                              : "manifest.json, and no index.json with oci-layout");
	return error_hint(err, "a tar of a root file system is taken by cordon import FILE NAME");
}

int load_check_trust(struct arena *arena, const char *transport, const char *place,
                     struct error *err)
{
	/* what is not there is somebody else's error */
	_cleanup_free char *full = realpath(place, NULL);
	const struct trust_scope *scope;
	struct trust trust;
	int status;

	if (trust_read(&trust, arena, err) < 0)
		return -1;
	if (place[0] == '\0')
		place = "what comes from standard input";
	status = trust_requirements(&scope, arena, &trust, transport, full == NULL ? place : full,
	                            err);
	if (status == 0)
		return error_set(err, 0,
		                 "policy.json wants a signature, and there can be none here");
	return status < 0 ? -1 : 0;
}

int image_load_archive(struct plan_strings *loaded, struct arena *arena, const struct paths *paths,
                       const struct host *host, const struct image_archive *archive,
                       struct error *err)
{
	struct stage stage;
	int result = stage_open(&stage, arena, paths, host, err);

	stage.watch = archive->watch;
	stage.wanted.policy = archive->policy;
	stage.wanted.notes = archive->notes;
	if (result == 0)
		result = load_stage_archive(&stage, archive, LOAD_ANY, NULL, err);
	if (result == 0)
		result = stage_publish(loaded, &stage, err);
	stage_close(&stage);
	return result;
}
