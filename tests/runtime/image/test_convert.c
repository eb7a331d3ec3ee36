/* Manifests in OCI's words and in Docker's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/image/convert.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."
#define BLOB   "\"digest\":\"sha256:00\",\"size\":1"

static int convert(struct text *ret, const char *text, enum manifest_family from,
                   enum manifest_family to, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct value *manifest;

	assert_int_equal(value_decode(&manifest, &arena, "manifest", text, strlen(text), err), 0);
	return manifest_convert(ret, &arena, manifest, manifest_types[from], to, err);
}

static const char oci[] =
        "{\"schemaVersion\":2,\"mediaType\":\"" OCI
        "manifest.v1+json\",\"config\":{\"mediaType\":\"" OCI "config.v1+json\"," BLOB
        "},\"layers\":[{\"mediaType\":\"" OCI "layer.v1.tar\"," BLOB "},{\"mediaType\":\"" OCI
        "layer.v1.tar+gzip\"," BLOB "}]}";
static const char docker[] =
        "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER
        "distribution.manifest.v2+json\",\"config\":{\"mediaType\":\"" DOCKER
        "container.image.v1+json\"," BLOB "},\"layers\":[{\"mediaType\":\"" DOCKER
        "image.rootfs.diff.tar\"," BLOB "},{\"mediaType\":\"" DOCKER
        "image.rootfs.diff.tar.gzip\"," BLOB "}]}";

static void test_both_ways(void **state)
{
	_cleanup_text struct text there = {}, back = {}, none = {};
	struct error err;

	(void)state;
	assert_int_equal(convert(&there, oci, MANIFEST_OCI, MANIFEST_DOCKER, &err), 1);
	assert_string_equal(there.data, docker);
	assert_int_equal(convert(&back, docker, MANIFEST_DOCKER, MANIFEST_OCI, &err), 1);
	assert_string_equal(back.data, oci);
	assert_int_equal(convert(&none, oci, MANIFEST_OCI, MANIFEST_OCI, &err), 0);
	assert_int_equal(convert(&none, docker, MANIFEST_DOCKER, MANIFEST_DOCKER, &err), 0);
	assert_int_equal(none.length, 0);
}

static void test_zstd(void **state)
{
	static const char zstd[] =
	        "{\"config\":{\"mediaType\":\"" OCI "config.v1+json\"," BLOB
	        "},\"layers\":[{\"mediaType\":\"" OCI "layer.v1.tar+zstd\"," BLOB "}]}";
	static const char dockers[] =
	        "{\"config\":{\"mediaType\":\"" DOCKER "container.image.v1+json\"," BLOB
	        "},\"layers\":[{\"mediaType\":\"" DOCKER "image.rootfs.diff.tar.zstd\"," BLOB "}]}";
	_cleanup_text struct text text = {};
	struct error err = {};

	(void)state;
	assert_int_equal(convert(&text, zstd, MANIFEST_OCI, MANIFEST_DOCKER, &err), -1);
	assert_non_null(strstr(err.text, "layer.v1.tar+zstd cannot be in such an image"));
	assert_non_null(strstr(err.hint, "oci-archive"));
	assert_int_equal(convert(&text, dockers, MANIFEST_DOCKER, MANIFEST_OCI, &err), 1);
	assert_non_null(strstr(text.data, OCI "layer.v1.tar+zstd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_zstd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
