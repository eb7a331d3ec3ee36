/* Images of a store by every name they have, and what is shown of them. */
#include "runtime/image/find.h"

#include "runtime/image/kept.h"
#include "runtime/image/record.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[64];
static struct paths paths;

/* 64 times that digit: of manifests 1.., of configs a.., of layers 5.. */
static const char *hex(struct arena *arena, char digit)
{
	char digits[65] = "";

	memset(digits, digit, 64);
	return arena_strdup(arena, digits);
}

static void put(struct arena *arena, const char *name, const char *text)
{
	struct error err = {};

	if (io_replace_file(AT_FDCWD, arena_printf(arena, "%s/%s", folder, name), text,
	                    strlen(text), IO_VOLATILE, &err) < 0)
		fail_msg("%s", err.text);
}

/* An image of two layers (the last of them twice) under these names. */
static void add(struct layout *layout, struct arena *arena, char manifest, char config,
                const char *const *names)
{
	const char *layers[] = { hex(arena, '5'), hex(arena, '6'), hex(arena, '5') };
	const struct image_record record = {
		.id = hex(arena, config),
		.layers = { layers, 3 },
		.config = { .directory = "/", .user = "", .stop_signal = "" },
		.size = 4096,
		.created = manifest,
	};
	struct error err = {};

	for (; *names != NULL; names++)
		layout_tag(layout, arena,
		           &(struct layout_entry){
		                   .hex = hex(arena, manifest),
		                   .media_type = "application/vnd.oci.image.manifest.v1+json",
		                   .size = 7,
		                   .name = *names,
		                   .id = record.id });
	if (image_record_write(&record, &paths, hex(arena, manifest), &err) < 0)
		fail_msg("%s", err.text);
	put(arena, arena_printf(arena, "images/blobs/sha256/%s", record.id),
	    "{\"architecture\": \"amd64\", \"os\": \"linux\", \"config\": {\"User\": \"u\", \"Cmd\": [\"sh\"]}, "
	    "\"rootfs\": {\"diff_ids\": [\"sha256:5\", \"sha256:6\", \"sha256:5\"]}, \"history\": "
	    "[{\"created_by\": \"first\", \"created\": \"2026-01-02T03:04:05Z\"}, {\"created_by\": \"ENV\", "
	    "\"empty_layer\": true}, {\"created_by\": \"second\"}]}");
	put(arena, arena_printf(arena, "images/blobs/sha256/%s", hex(arena, manifest)),
	    arena_printf(
	            arena,
	            "{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", "
	            "\"config\": {\"mediaType\": \"application/vnd.oci.image.config.v1+json\", \"digest\": "
	            "\"sha256:%s\", \"size\": 2}, \"layers\": [{\"mediaType\": "
	            "\"application/vnd.oci.image.layer.v1.tar+gzip\", \"digest\": \"sha256:%s\", \"size\": 2}]}",
	            record.id, hex(arena, '9')));
}

static int set_up(void **state)
{
	static const char *const one[] = { "docker.io/library/nginx:latest",
		                           "docker.io/library/nginx:1", NULL };
	static const char *const two[] = { "localhost/base:latest", NULL };
	_cleanup_arena struct arena arena = {};
	struct layout layout = {};
	struct error err = {};

	(void)state;
	strcpy(folder, "/tmp/cordon-find-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	paths = (struct paths){ .data = folder, .run = folder, .cache = folder, .config = folder };
	if (layout_create(&paths, &err) < 0)
		return -1;
	add(&layout, &arena, '1', 'a', one);
	add(&layout, &arena, '2', 'b', two);
	for (char digit = '5'; digit <= '6'; digit++) {
		mkdir(arena_printf(&arena, "%s/layers", folder), 0700);
		mkdir(arena_printf(&arena, "%s/layers/sha256-%s", folder, hex(&arena, digit)),
		      0700);
		put(&arena, arena_printf(&arena, "layers/sha256-%s/size", hex(&arena, digit)),
		    digit == '5' ? "500" : "60");
	}
	return layout_write(&layout, &arena, &paths, &err);
}

static int tear_down(void **state)
{
	struct error err = {};

	(void)state;
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		char config; /* 0: none */
	} rows[] = {
		{ "nginx", 'a' },
		{ "nginx:latest", 'a' },
		{ "nginx:1", 'a' },
		{ "docker.io/library/nginx", 'a' },
		{ "docker.io/nginx", 'a' },
		{ "base", 'b' }, /* localhost/ is tried where no registry is said */
		{ "localhost/base", 'b' },
		{ "docker.io/base", 0 },
		{ "nginx:2", 0 },
		{ "quay.io/nginx", 0 },
		{ "a", 'a' },
		{ "aaaaaaaaaaaa", 'a' },
		{ "sha256:bbb", 'b' },
		{ "c", 0 },
		{ "", 0 },
		{ "sha256:", 0 },
		{ "NGINX", 0 },
		{ "../nginx", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct image image = {};
		struct error err = {};
		int found = image_find(&image, &arena, &paths, rows[i].name, &err);

		if (found != (rows[i].config != 0))
			fail_msg("%s: %d %s", rows[i].name, found, err.text);
		if (found > 0)
			assert_string_equal(image.id, hex(&arena, rows[i].config));
	}
}

static void test_digests(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct image image;
	struct error err = {};

	(void)state;
	/* of the manifest, of the config, and with a name before it that is not asked for more */
	assert_int_equal(image_find(&image, &arena, &paths, hex(&arena, '1'), &err), 1);
	assert_int_equal(image_find(&image, &arena, &paths, hex(&arena, 'a'), &err), 1);
	assert_int_equal(image_find(&image, &arena, &paths,
	                            arena_printf(&arena, "sha256:%s", hex(&arena, '2')), &err),
	                 1);
	assert_int_equal(image_find(&image, &arena, &paths,
	                            arena_printf(&arena, "nginx@sha256:%s", hex(&arena, '1')),
	                            &err),
	                 1);
	assert_int_equal(image_find(&image, &arena, &paths, hex(&arena, '3'), &err), 0);
	assert_int_equal(image_require(&image, &arena, &paths, "none", &err), -1);
	assert_string_equal(err.text, "no such image: none");
	assert_string_equal(err.hint, "see cordon images");
}

/* The layers topmost first, and none twice: overlayfs takes no folder twice. */
static void test_image(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct image image;
	struct error err = {};

	(void)state;
	assert_int_equal(image_require(&image, &arena, &paths, "nginx:1", &err), 0);
	assert_string_equal(image.reference, "docker.io/library/nginx:1");
	assert_string_equal(image.names.items[0], "docker.io/library/nginx:1");
	assert_string_equal(image.names.items[1], "docker.io/library/nginx:latest");
	assert_int_equal(image.names.count, 2);
	assert_int_equal(image.layers.count, 2);
	assert_string_equal(image.layers.items[0], arena_printf(&arena, "%s/layers/sha256-%s/diff",
	                                                        folder, hex(&arena, '5')));
	assert_string_equal(image.layers.items[1], arena_printf(&arena, "%s/layers/sha256-%s/diff",
	                                                        folder, hex(&arena, '6')));
	assert_null(image.layers.items[2]);
}

static void test_lists(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct image *images;
	struct error err = {};
	size_t count;

	(void)state;
	for (int titles = 0; titles < 2; titles++) {
		assert_int_equal((titles ? image_titles : image_list)(&images, &count, &arena,
		                                                      &paths, &err),
		                 0);
		assert_int_equal(count, 2);
		assert_string_equal(images[0].id, hex(&arena, 'b')); /* the newest first */
		assert_string_equal(images[1].id, hex(&arena, 'a'));
		assert_int_equal(images[1].names.count, 2);
		assert_int_equal(images[1].size, 4096);
	}
}

static const char *shown(struct arena *arena, const struct value *value)
{
	_cleanup_text struct text text = {};

	assert_non_null(value);
	value_encode(&text, value, VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

static void test_inspect(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct value *value;
	struct error err = {};

	(void)state;
	assert_int_equal(image_inspect(&value, &arena, &paths, "nginx", &err), 0);
	assert_string_equal(value_string(value_get(value, "Id"), ""),
	                    arena_printf(&arena, "sha256:%s", hex(&arena, 'a')));
	assert_string_equal(shown(&arena, value_get(value, "RepoTags")),
	                    "[\"docker.io/library/nginx:latest\",\"docker.io/library/nginx:1\"]");
	assert_string_equal(value_string(value_get(value, "RepoDigests")->items[0], ""),
	                    arena_printf(&arena, "docker.io/library/nginx@sha256:%s",
	                                 hex(&arena, '1')));
	assert_string_equal(shown(&arena, value_path(value, "Config.Cmd")), "[\"sh\"]");
	/* what the config does not say, a template may ask for */
	assert_string_equal(shown(&arena, value_path(value, "Config.Env")), "null");
	assert_string_equal(shown(&arena, value_path(value, "Config.WorkingDir")), "\"\"");
	assert_string_equal(shown(&arena, value_get(value, "Comment")), "\"\"");
	assert_string_equal(shown(&arena, value_get(value, "Variant")), "\"\"");
	assert_string_equal(shown(&arena, value_path(value, "RootFS.Layers")),
	                    "[\"sha256:5\",\"sha256:6\",\"sha256:5\"]");
	assert_string_equal(shown(&arena, value_path(value, "Cordon.Profile")), "null");
	assert_int_equal(image_inspect(&value, &arena, &paths, "none", &err), -1);
}

static void test_layers_and_history(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct image_layer *layers;
	struct image_step *steps;
	struct image image;
	struct error err = {};
	size_t count;

	(void)state;
	assert_int_equal(image_require(&image, &arena, &paths, "nginx", &err), 0);
	assert_int_equal(image_layers(&layers, &count, &arena, &paths, &image, &err), 0);
	assert_int_equal(count, 3);
	assert_int_equal(layers[0].size, 500);
	assert_int_equal(layers[1].size, 60);
	assert_int_equal(layers[0].top_of.count, 0);
	assert_int_equal(layers[2].top_of.count, 3); /* both images end with it */
	/* the newest step first; a layer that no step speaks of is one without a word */
	assert_int_equal(image_history(&steps, &count, &arena, &paths, &image, &err), 0);
	assert_int_equal(count, 4);
	assert_string_equal(steps[0].by, "");
	assert_int_equal(steps[0].size, 500);
	assert_string_equal(steps[1].by, "second");
	assert_int_equal(steps[1].size, 60);
	assert_string_equal(steps[2].by, "ENV");
	assert_int_equal(steps[2].size, 0);
	assert_string_equal(steps[3].by, "first");
	assert_int_equal(steps[3].created, 1767323045);
}

static void test_kept(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct kept kept = { .arena = &arena };
	struct error err = {};

	(void)state;
	assert_int_equal(kept_find(&kept, &paths, &err), 0);
	for (const char *digit = "12ab9"; *digit != '\0'; digit++)
		assert_true(kept_has(&kept.blobs, hex(&arena, *digit)));
	assert_false(kept_has(&kept.blobs, hex(&arena, '3')));
	assert_false(kept_has(&kept.blobs, ""));
	assert_true(kept_has(&kept.layers, arena_printf(&arena, "sha256-%s", hex(&arena, '5'))));
	assert_false(kept_has(&kept.layers, hex(&arena, '5')));
	assert_true(kept_has(&kept.records, arena_printf(&arena, "%s.json", hex(&arena, '1'))));
	assert_false(kept_has(&(struct plan_strings){}, "x"));
}

#define LISTS                                                                                      \
	"\"layers\": [], \"entrypoint\": [], \"command\": [], \"environment\": [], "               \
	"\"volumes\": [], \"exposed\": []"

/* What stands in a record, or does not, is no reason to fall. */
static void test_damaged(void **state)
{
	static const char *const records[] = {
		"",
		"{",
		"[]",
		"{\"format\": 2}",
		"{\"format\": 1}",
		"{\"format\": 1, \"layers\": [1]}",
		"{\"format\": 1, \"layers\": {}, \"entrypoint\": []}",
		"{\"format\": 1, " LISTS
		", \"attached\": {\"profile\": \"../../x\", \"manifest\": \"y\"}}",
	};
	_cleanup_arena struct arena arena = {};
	const char *name = arena_printf(&arena, "records/%s.json", hex(&arena, '2'));
	struct image image;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct error err = {};

		put(&arena, name, records[i]);
		assert_int_equal(image_find(&image, &arena, &paths, "base", &err), -1);
		assert_true(text_ends(err.text, " is damaged"));
		assert_string_equal(err.hint, "remove the image and load it again");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),   cmocka_unit_test(test_digests),
		cmocka_unit_test(test_image),   cmocka_unit_test(test_lists),
		cmocka_unit_test(test_inspect), cmocka_unit_test(test_layers_and_history),
		cmocka_unit_test(test_kept),    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
