/*
 * documents: manifests, indexes, configs, docker save's manifest.json, listings of members,
 * changes. What is wrong with a document is a row of a table: the text and a word of the error.
 */
#include "runtime/image/change.h"
#include "runtime/image/config.h"
#include "runtime/image/manifest.h"
#include "runtime/image/members.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST              "\"digest\":\"sha256:" HEX "\",\"size\":7"
#define OCI                 "application/vnd.oci.image."
#define DOCKER              "application/vnd.docker."
#define CONFIG              "{\"mediaType\":\"" OCI "config.v1+json\"," DIGEST "}"
#define LAYER               "{\"mediaType\":\"" OCI "layer.v1.tar+gzip\"," DIGEST "}"
#define MANIFEST            "{\"mediaType\":\"" OCI "manifest.v1+json\"," DIGEST "}"
#define HEAD                "{\"schemaVersion\":2,"
#define IMAGE(layers, more) HEAD "\"config\":" CONFIG ",\"layers\":[" layers "]" more "}"
#define INDEX(items, more)  HEAD "\"manifests\":[" items "]" more "}"
#define PLATFORM(os, machine)                                                                      \
	"{\"mediaType\":\"" OCI "manifest.v1+json\"," DIGEST ",\"platform\":{\"os\":\"" os         \
	"\",\"architecture\":\"" machine "\"}}"

struct row {
	const char *text, *word; /* NULL: taken */
};

static const struct row documents[] = {
	{ IMAGE(LAYER, ""), NULL },
	{ IMAGE(LAYER "," LAYER, ""), NULL },
	{ IMAGE(LAYER, ",\"mediaType\":\"" OCI "manifest.v1+json\""), NULL },
	{ IMAGE(LAYER, ",\"annotations\":{\"a\":\"b\"},\"subject\":null"), NULL },
	{ INDEX("", ""), NULL },
	{ INDEX(MANIFEST, ",\"mediaType\":\"" OCI "index.v1+json\""), NULL },
	{ INDEX("{\"mediaType\":\"text/x\"," DIGEST "}", ""), NULL }, /* passed over by choose */
	{ "", "end of file" },
	{ "[]", "must be an object" },
	{ "{}", "schemaVersion" },
	{ HEAD "\"x\":1}", "neither" },
	{ INDEX("", ",\"layers\":[]"), "CVE-2021-41190" },
	{ INDEX("", ",\"config\":{}"), "CVE-2021-41190" },
	{ IMAGE(LAYER, ",\"manifests\":null"), "CVE-2021-41190" },
	{ INDEX("", ",\"fsLayers\":[]"), "CVE-2021-41190" },
	{ INDEX("", ",\"mediaType\":\"" OCI "manifest.v1+json\""), "not of an index" },
	{ IMAGE(LAYER, ",\"mediaType\":\"" OCI "index.v1+json\""), "not of a manifest" },
	{ IMAGE(LAYER, ",\"mediaType\":\"\""), "does not know" },
	{ IMAGE(LAYER, ",\"mediaType\":null"), "does not know" },
	{ IMAGE("", ""), "without layers" },
	{ IMAGE("1", ""), "must be an object" },
	{ IMAGE("{}", ""), "without a mediaType" },
	{ IMAGE("{\"mediaType\":\"" OCI "layer.v1.tar\"}", ""), "without a digest" },
	{ IMAGE("{\"mediaType\":\"" OCI "layer.v1.tar\",\"digest\":\"sha256:x\",\"size\":1}", ""),
	  "/layers/0/digest: 'sha256:x'" },
	{ IMAGE("{\"mediaType\":\"" OCI "layer.v1.tar\",\"digest\":\"sha256:" HEX "\"}", ""),
	  "without a size" },
	{ IMAGE("{\"mediaType\":\"" DOCKER "image.rootfs.foreign.diff.tar.gzip\"," DIGEST "}", ""),
	  "would have to be fetched" },
	{ IMAGE("{\"mediaType\":\"" OCI "layer.nondistributable.v1.tar\"," DIGEST "}", ""),
	  "would have to be fetched" },
	{ IMAGE("{\"mediaType\":\"" OCI "layer.v1.tar+encrypted\"," DIGEST "}", ""), "encrypted" },
	{ IMAGE("{\"mediaType\":\"a\\u001b[2Jb\"," DIGEST "}", ""), "a\\x1b[2Jb" },
	{ IMAGE(CONFIG, ""), "the type of a config, not of a layer" },
	{ HEAD "\"config\":" LAYER ",\"layers\":[" LAYER "]}", "the type of a layer" },
	{ HEAD "\"config\":null,\"layers\":[" LAYER "]}", "must be an object" },
	{ HEAD "\"layers\":[" LAYER "]}", "must have a config" },
	{ HEAD "\"config\":" CONFIG "}", "must have a config" },
	{ HEAD "\"manifests\":{}}", "must be an array" },
};

static struct text text_of(const char *string)
{
	struct text text = {};

	text_append(&text, string);
	return text;
}

static void check_row(const struct row *row, int result, const struct error *err)
{
	if (row->word == NULL && result < 0)
		fail_msg("%s: %s", row->text, err->text);
	if (row->word != NULL && result == 0)
		fail_msg("taken: %s", row->text);
	if (row->word != NULL && strstr(err->text, row->word) == NULL)
		fail_msg("%s: '%s' without '%s'", row->text, err->text, row->word);
}

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = text_of(documents[i].text);
		struct document document;
		struct error err = {};

		check_row(&documents[i], document_parse(&document, &arena, "d", &text, NULL, &err),
		          &err);
	}
}

static void test_every_layer_type(void **state)
{
	static const char *const types[] = {
		OCI "layer.v1.tar",
		OCI "layer.v1.tar+gzip",
		OCI "layer.v1.tar+zstd",
		DOCKER "image.rootfs.diff.tar",
		DOCKER "image.rootfs.diff.tar.gzip",
		DOCKER "image.rootfs.diff.tar.zstd",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct document document;
		struct error err = {};

		text_printf(&text,
		            HEAD "\"config\":{\"mediaType\":\"%s\"," DIGEST
		                 "},\"layers\":[{\"mediaType\":\"%s\"," DIGEST "}]}",
		            i % 2 == 0 ? OCI "config.v1+json" : DOCKER "container.image.v1+json",
		            types[i]);
		if (document_parse(&document, &arena, "d", &text, NULL, &err) < 0)
			fail_msg("%s: %s", types[i], err.text);
		assert_int_equal(document.count, 1);
		assert_string_equal(document.items[0].hex, HEX);
		assert_int_equal(document.items[0].size, 7);
	}
}

static void test_limits(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text layers = {}, items = {};
	struct document document;
	struct error err = {};

	(void)state;
	text_append(&layers, HEAD "\"config\":" CONFIG ",\"layers\":[" LAYER);
	for (int i = 1; i < 128; i++)
		text_append(&layers, "," LAYER);
	text_append(&layers, "]}");
	assert_int_equal(document_parse(&document, &arena, "d", &layers, NULL, &err), -1);
	assert_non_null(strstr(err.text, "128 layers"));
	text_append(&items, HEAD "\"manifests\":[" MANIFEST);
	for (int i = 1; i < 1025; i++)
		text_append(&items, "," MANIFEST);
	text_append(&items, "]}");
	assert_int_equal(document_parse(&document, &arena, "d", &items, NULL, &err), -1);
	assert_non_null(strstr(err.text, "1025 images"));
}

static void test_choose(void **state)
{
	static const struct {
		const char *text;
		int chosen; /* -1: none */
	} rows[] = {
		{ INDEX("", ""), -1 },
		{ INDEX(MANIFEST, ""), 0 },
		{ INDEX(PLATFORM("linux", "s390x"), ""), -1 },
		{ INDEX(PLATFORM("windows", "amd64") "," PLATFORM("linux", "amd64"), ""), 1 },
		{ INDEX(PLATFORM("unknown", "unknown") "," MANIFEST, ""), 1 },
		{ INDEX(MANIFEST "," PLATFORM("linux", "amd64"), ""), 1 },
		{ INDEX(LAYER "," CONFIG, ""), -1 },
	};
	static const struct platform amd64 = { "linux", "amd64", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = text_of(rows[i].text);
		const struct descriptor *chosen;
		struct document document;
		struct error err = {};

		if (document_parse(&document, &arena, "d", &text, NULL, &err) < 0)
			fail_msg("%s", err.text);
		chosen = document_choose(&document, &amd64);
		assert_int_equal(chosen == NULL ? -1 : chosen - document.items, rows[i].chosen);
	}
}

/* What there is, is said, and what goes along with images is not among it. */
static void test_without(void **state)
{
	static const struct platform wanted = { "linux", "s390x", NULL };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = text_of(
	        INDEX(PLATFORM("linux", "amd64") "," PLATFORM("unknown", "unknown") "," PLATFORM(
	                      "linux", "ar\\u001bm") "," MANIFEST,
	              ""));
	struct document document;
	struct error err = {};

	(void)state;
	if (document_parse(&document, &arena, "d", &text, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(document_without(&document, &wanted, &arena, &err), -1);
	assert_string_equal(err.text, "there is no image for linux/s390x");
	assert_non_null(strstr(err.hint, "linux/amd64, linux/ar\\x1bm"));
	assert_null(strstr(err.hint, "unknown"));
}

#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX "\"]}"

static const struct row configs[] = {
	{ "{" ROOTFS "}", NULL },
	{ "{\"config\":null," ROOTFS "}", NULL },
	{ "{\"config\":{\"Env\":null,\"Cmd\":null,\"User\":null,\"Volumes\":null}," ROOTFS "}",
	  NULL },
	{ "{\"config\":{\"Labels\":{\"io.cordon.profile\":\"unconfined\"}}," ROOTFS "}", NULL },
	{ "null", "expected" },
	{ "{}", "rootfs names no layers" },
	{ "{\"rootfs\":1}", "rootfs names no layers" },
	{ "{\"rootfs\":{\"diff_ids\":{}}}", "must be an array" },
	{ "{\"rootfs\":{\"diff_ids\":[1]}}", "must hold texts" },
	{ "{\"rootfs\":{\"diff_ids\":[\"sha256:../x\"]}}", "must hold sha256:" },
	{ "{\"config\":1," ROOTFS "}", "config must be an object" },
	{ "{\"config\":{\"Env\":{}}," ROOTFS "}", "Env must be an array" },
	{ "{\"config\":{\"Env\":[null]}," ROOTFS "}", "Env must hold texts" },
	{ "{\"config\":{\"Entrypoint\":\"x\"}," ROOTFS "}", "Entrypoint must be an array" },
	{ "{\"config\":{\"WorkingDir\":[]}," ROOTFS "}", "WorkingDir must be a text" },
	{ "{\"config\":{\"StopSignal\":9}," ROOTFS "}", "StopSignal must be a text" },
	{ "{\"config\":{\"ExposedPorts\":[]}," ROOTFS "}", "ExposedPorts must be an object" },
};

static void test_configs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = text_of(configs[i].text);
		struct config config;
		struct error err = {};

		check_row(&configs[i], config_parse(&config, &arena, &text, &err), &err);
	}
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2020-01-02T03:04:05Z", 1577934245 },
		{ "2020-01-02T03:04:05.123456789Z", 1577934245 },
		{ "2020-01-02T05:04:05+02:00", 1577934245 },
		{ "2020-01-01T22:34:05-04:30", 1577934245 },
		{ "", 0 },
		{ "yesterday", 0 },
		{ "2020-01-02T03:04:05", 0 },
		{ "2020-01-02T03:04:05+x", 0 },
	};

	(void)state;
	assert_int_equal(config_parse_time(NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(config_parse_time(rows[i].text), rows[i].time);
}

static const struct row saved[] = {
	{ "[{\"Config\":\"c\",\"RepoTags\":[\"x:1\"],\"Layers\":[\"l\"]}]", NULL },
	{ "[{\"Config\":\"c\",\"RepoTags\":null,\"Layers\":[\"l\"],\"LayerSources\":{}}]", NULL },
	{ "[]", "array of images" },
	{ "{}", "array of images" },
	{ "[[]]", "must be an object" },
	{ "[{\"Layers\":[\"l\"]}]", "without a Config" },
	{ "[{\"Config\":1,\"Layers\":[\"l\"]}]", "without a Config" },
	{ "[{\"Config\":\"c\"}]", "without layers" },
	{ "[{\"Config\":\"c\",\"Layers\":[]}]", "without layers" },
	{ "[{\"Config\":\"c\",\"Layers\":[\"\"]}]", "must hold texts" },
	{ "[{\"Config\":\"c\",\"Layers\":\"l\"}]", "must be an array" },
	{ "[{\"Config\":\"c\",\"RepoTags\":\"x\",\"Layers\":[\"l\"]}]", "must be an array" },
};

static void test_saved(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(saved); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = text_of(saved[i].text);
		struct saved_image *images;
		struct error err = {};
		size_t count;

		check_row(&saved[i], saved_parse(&images, &count, &arena, &text, &err), &err);
	}
}

static void test_members(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text listing = {};
	struct members members;
	struct error err = {};

	(void)state;
	text_append(&listing,
	            HEX " 5 b/file\n- b/file\ta/link\n- a/link\tlink\n- loop\tloop\n"
	                "- gone\tdangling\n" HEX " 6 name with blanks\n" HEX " 7 b/file\n");
	assert_int_equal(members_parse(&members, &arena, &listing, &err), 0);
	assert_int_equal(members_find(&members, "b/file")->size, 7); /* the later one */
	assert_int_equal(members_find(&members, "./b//file")->size, 7);
	assert_int_equal(members_find(&members, "link")->size, 7);
	assert_int_equal(members_find(&members, "name with blanks")->size, 6);
	assert_null(members_find(&members, "loop"));
	assert_null(members_find(&members, "dangling"));
	assert_null(members_find(&members, "../b/file"));
	assert_null(members_find(&members, "/b/file"));
	assert_null(members_find(&members, "c"));
	text_append(&listing, "no line");
	assert_int_equal(members_parse(&members, &arena, &listing, &err), -1);
}

static void test_changes(void **state)
{
	static const char *const good[] = {
		"CMD [\"a\",\"b\"]", "ENTRYPOINT echo hi", "ENV A=b c",         "env B \"x y\"",
		"EXPOSE 80 53/udp",  "LABEL k=v=w",        "STOPSIGNAL SIGINT", "USER 5:6",
		"VOLUME /a /b",      "WORKDIR /w",
	};
	static const char *const bad[] = { "",        "CMD",     "RUN x",      "ENV A",
		                           "LABEL x", "CMD [1]", "CMD [\"a\"", "ENVA=b" };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *config = value_new_object(&arena);
	struct error err = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (change_apply(config, &arena, good[i], &err) < 0)
			fail_msg("%s", err.text);
	value_encode(&text, config, VALUE_COMPACT);
	assert_string_equal(
	        text.data,
	        "{\"Cmd\":[\"a\",\"b\"],\"Entrypoint\":[\"/bin/sh\",\"-c\",\"echo hi\"],"
	        "\"Env\":[\"A=b c\",\"B=x y\"],\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},"
	        "\"Labels\":{\"k\":\"v=w\"},\"StopSignal\":\"SIGINT\",\"User\":\"5:6\","
	        "\"Volumes\":{\"/a\":{},\"/b\":{}},\"WorkingDir\":\"/w\"}");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (change_apply(config, &arena, bad[i], &err) == 0)
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents), cmocka_unit_test(test_every_layer_type),
		cmocka_unit_test(test_limits),    cmocka_unit_test(test_choose),
		cmocka_unit_test(test_without),   cmocka_unit_test(test_configs),
		cmocka_unit_test(test_times),     cmocka_unit_test(test_saved),
		cmocka_unit_test(test_members),   cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
