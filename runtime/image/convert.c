#include "runtime/image/convert.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

const char *const manifest_types[MANIFEST_FAMILIES] = {
	[MANIFEST_OCI] = "application/vnd.oci.image.manifest.v1+json",
	[MANIFEST_DOCKER] = "application/vnd.docker.distribution.manifest.v2+json",
};

/* What is the same thing in both; NULL: there is no word for it. */
static const char *const words[][MANIFEST_FAMILIES] = {
	{ "application/vnd.oci.image.config.v1+json",
	  "application/vnd.docker.container.image.v1+json" },
	{ "application/vnd.oci.image.layer.v1.tar",
	  "application/vnd.docker.image.rootfs.diff.tar" },
	{ "application/vnd.oci.image.layer.v1.tar+gzip",
	  "application/vnd.docker.image.rootfs.diff.tar.gzip" },
	{ "application/vnd.oci.image.layer.v1.tar+zstd", NULL },
	/* Docker's engine writes it, its specification does not know it */
	{ "application/vnd.oci.image.layer.v1.tar+zstd",
	  "application/vnd.docker.image.rootfs.diff.tar.zstd" },
};

/* NULL where there is none. */
static const char *translate(const char *type, enum manifest_family family)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (size_t j = 0; j < MANIFEST_FAMILIES; j++)
			if (text_equal(words[i][j], type))
				return words[i][family];
	return NULL;
}

static int convert_descriptor(struct value **ret, struct arena *arena, const struct value *from,
                              enum manifest_family family, struct error *err)
{
	const char *type = value_string(value_get(from, "mediaType"), "");
	const char *word = translate(type, family);
	struct value *copy = value_copy(arena, from);

	if (word == NULL) {
		error_set(err, 0, "%s: a layer of the type %.100s cannot be in such an image",
		          family == MANIFEST_DOCKER ? "Docker's format" : "OCI's format", type);
		return error_hint(err, "save it in OCI's format: --format oci-archive");
	}
	value_set(arena, copy, "mediaType", value_new_string(arena, word));
	if (family == MANIFEST_DOCKER)
		value_remove(copy, "annotations");
	*ret = copy;
	return 0;
}

int manifest_convert(struct text *ret, struct arena *arena, const struct value *manifest,
                     const char *type, enum manifest_family family, struct error *err)
{
	const struct value *layers = value_get(manifest, "layers");
	struct value *root = value_new_object(arena), *array = value_new_array(arena), *one;

	if (strcmp(type, manifest_types[family]) == 0)
		return 0;
	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	value_set(arena, root, "mediaType", value_new_string(arena, manifest_types[family]));
	if (convert_descriptor(&one, arena, value_get(manifest, "config"), family, err) < 0)
		return -1;
	value_set(arena, root, "config", one);
	for (size_t i = 0; layers != NULL && layers->kind == VALUE_ARRAY && i < layers->count;
	     i++) {
		if (convert_descriptor(&one, arena, layers->items[i], family, err) < 0)
			return -1;
		value_append(arena, array, one);
	}
	value_set(arena, root, "layers", array);
	if (family == MANIFEST_OCI && value_get(manifest, "annotations") != NULL)
		value_set(arena, root, "annotations",
		          value_copy(arena, value_get(manifest, "annotations")));
	value_encode(ret, root, VALUE_COMPACT);
	return 1;
}
