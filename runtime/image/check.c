#include "runtime/image/check.h"

#include "runtime/image/check_parts.h"
#include "runtime/image/config.h"
#include "runtime/image/kept.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layers.h"
#include "runtime/image/list.h"
#include "runtime/image/manifest.h"
#include "runtime/image/record.h"
#include "runtime/image/sweep.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what an image is made of ---- */

/* One image while it is looked at; the first thing that is wrong with it is what is told. */
struct suspect {
	struct check *check;
	const struct layout_entry *entry;
	struct error *err; /* what is wrong */
};

/* A blob that was found to be damaged, or is not there. */
static int check_blob_named(const struct suspect *suspect, const char *hex, uint64_t *size)
{
	const struct check *check = suspect->check;
	const char *why = check_bad_blob(check, hex);
	struct stat status;

	if (why != NULL)
		return error_set(suspect->err, 0, "its blob sha256:%s is damaged: %s", hex, why);
	if (lstat(arena_printf(check->arena, "%s/images/blobs/sha256/%s", check->paths->data, hex),
	          &status) < 0)
		return error_set(suspect->err, errno, "its blob sha256:%s", hex);
	if (!S_ISREG(status.st_mode))
		return error_set(suspect->err, 0, "its blob sha256:%s is not a file", hex);
	*size = (uint64_t)status.st_size;
	return 0;
}

/* Or is of another size than announced. */
static int check_blob(const struct suspect *suspect, const struct descriptor *blob)
{
	uint64_t size = 0;

	if (check_blob_named(suspect, blob->hex, &size) < 0)
		return -1;
	if (size != blob->size)
		return error_set(suspect->err, 0,
		                 "its blob sha256:%s has %" PRIu64 " bytes; %" PRIu64
		                 " were announced",
		                 blob->hex, size, blob->size);
	return 0;
}

static int read_document(struct text *ret, const struct suspect *suspect,
                         const struct descriptor *blob)
{
	const struct check *check = suspect->check;
	const char *path;

	if (check_blob(suspect, blob) < 0)
		return -1;
	path = arena_printf(check->arena, "%s/images/blobs/sha256/%s", check->paths->data,
	                    blob->hex);
	return io_read_file(ret, AT_FDCWD, path, LIMIT_MANIFEST, suspect->err) == 1 ? 0 : -1;
}

static int check_layer(const struct suspect *suspect, const char *hex, uint64_t *size)
{
	const struct check *check = suspect->check;
	const char *folder = arena_printf(check->arena, "%s/layers/%s", check->paths->data,
	                                  image_record_folder(check->arena, hex));
	struct stat status;
	uint64_t one;

	if (lstat(arena_printf(check->arena, "%s/diff", folder), &status) < 0)
		return error_set(suspect->err, errno, "its layer sha256:%s", hex);
	if (!S_ISDIR(status.st_mode) || layers_read_size(&one, AT_FDCWD, folder) < 0)
		return error_set(suspect->err, 0, "its layer sha256:%s is not whole", hex);
	*size += one;
	return 0;
}

/* A profile that came along is there, and is what came. */
static int check_attached(const struct suspect *suspect, const struct image_attached *attached)
{
	const char *hex[] = { attached->profile, attached->manifest };
	uint64_t size;

	for (size_t i = 0; attached->profile != NULL && i < ARRAY_SIZE(hex); i++)
		if (check_blob_named(suspect, hex[i], &size) < 0)
			return error_prefix(suspect->err, "its profile");
	return 0;
}

/* The record says what would be written down if the image were loaded now. */
static int check_record(const struct suspect *suspect, const struct image_record *loaded)
{
	struct arena *arena = suspect->check->arena;
	_cleanup_text struct text have = {}, want = {};
	struct image_record record, wanted = *loaded;
	int found = image_record_read(&record, arena, suspect->check->paths, suspect->entry->hex,
	                              suspect->err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(suspect->err, 0, "its record is missing");
	if (check_attached(suspect, &record.attached) < 0)
		return -1;
	if (suspect->entry->noted &&
	    (suspect->entry->bytes != record.size || suspect->entry->created != record.created))
		return error_set(suspect->err, 0,
		                 "index.json notes another size or date than its record");
	wanted.attached = record.attached;
	image_record_encode(&have, &record);
	image_record_encode(&want, &wanted);
	if (strcmp(text_string(&have), text_string(&want)) != 0)
		return error_set(suspect->err, 0, "its record does not say what its config says");
	return 0;
}

static int check_manifest(const struct suspect *suspect, const struct document *manifest)
{
	struct arena *arena = suspect->check->arena;
	_cleanup_text struct text text = {};
	struct image_record record = {};
	struct config config;

	for (size_t i = 0; i < manifest->count; i++)
		if (check_blob(suspect, &manifest->items[i]) < 0)
			return -1;
	if (read_document(&text, suspect, &manifest->config) < 0)
		return -1;
	if (suspect->entry->id[0] == '\0')
		return 0; /* another tool's: what its config says is its own business */
	if (config_parse(&config, arena, &text, suspect->err) < 0)
		return -1;
	if (strcmp(manifest->config.hex, suspect->entry->id) != 0)
		return error_set(suspect->err, 0,
		                 "index.json says its id is %.12s, its manifest %.12s",
		                 suspect->entry->id, manifest->config.hex);
	if (config.layers.count != manifest->count)
		return error_set(suspect->err, 0, "its manifest has %zu layers, its config %zu",
		                 manifest->count, config.layers.count);
	record = (struct image_record){ .id = manifest->config.hex,
		                        .layers = config.layers,
		                        .config = config.launch,
		                        .created = config.created };
	for (size_t i = 0; i < config.layers.count; i++)
		if (check_layer(suspect, config.layers.items[i], &record.size) < 0)
			return -1;
	return check_record(suspect, &record);
}

static int check_entry(const struct suspect *suspect, const struct descriptor *descriptor,
                       unsigned depth)
{
	_cleanup_text struct text text = {};
	struct document document;

	if (read_document(&text, suspect, descriptor) < 0 ||
	    document_parse(&document, suspect->check->arena, "its manifest", &text,
	                   descriptor->media_type, suspect->err) < 0)
		return -1;
	if (document.media == MEDIA_MANIFEST)
		return check_manifest(suspect, &document);
	if (suspect->entry->id[0] != '\0')
		return error_set(suspect->err, 0, "its manifest is an index");
	for (size_t i = 0; i < document.count && depth < LIMIT_NESTING; i++)
		if (check_entry(suspect, &document.items[i], depth + 1) < 0)
			return -1;
	return 0;
}

/* ---- all images ---- */

static const char *title(struct arena *arena, const struct layout_entry *entry)
{
	return entry->name != NULL ? entry->name : arena_printf(arena, "sha256:%s", entry->hex);
}

static bool was_seen(const struct layout *layout, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (strcmp(layout->entries[i].hex, layout->entries[place].hex) == 0)
			return true;
	return false;
}

static void check_images(struct check *check, const struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct layout_entry *entry = &layout->entries[i];
		const struct descriptor manifest = { .hex = entry->hex,
			                             .media_type = entry->media_type,
			                             .size = entry->size };
		struct error wrong = {};
		struct suspect suspect = { check, entry, &wrong };

		if (was_seen(layout, i))
			continue;
		check->findings->seen[FINDING_IMAGE]++;
		if (check_entry(&suspect, &manifest, 0) == 0)
			continue;
		findings_add(check->findings, FINDING_IMAGE, title(check->arena, entry), "%s",
		             wrong.text);
		list_append(&check->damaged, check->arena, entry->hex);
	}
}

/* ---- the frame ---- */

static void check_frame(struct check *check)
{
	static const char wanted[] = "\"imageLayoutVersion\"";
	const char *path = arena_printf(check->arena, "%s/images/oci-layout", check->paths->data);
	_cleanup_text struct text text = {};
	struct error wrong = {};
	int found = io_read_file(&text, AT_FDCWD, path, LIMIT_MANIFEST, &wrong);

	/* a store that nothing was ever put into has neither */
	if (found == 0 &&
	    access(arena_printf(check->arena, "%s/images/index.json", check->paths->data), F_OK) <
	            0)
		return;
	check->findings->seen[FINDING_STORE]++;
	if (found == 0)
		findings_add(check->findings, FINDING_STORE, "oci-layout", "it is missing");
	else if (found < 0 || strstr(text_string(&text), wanted) == NULL)
		findings_add(check->findings, FINDING_STORE, "oci-layout", "%s",
		             found < 0 ? wrong.text : "it does not say what it should");
}

/* Without index.json there is no telling what belongs to what: nothing is removed then. */
static int read_index(struct layout *ret, struct check *check)
{
	struct error wrong;

	if (layout_read(ret, check->arena, check->paths, &wrong) == 0)
		return 0;
	findings_add(check->findings, FINDING_STORE, "index.json", "%s", wrong.text);
	return -1;
}

/* ---- repairing ---- */

/* Damaged images leave index.json; what they were made of goes in the sweep. */
static int forget_damaged(struct check *check, struct layout *layout, struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < layout->count; i++) {
		const struct layout_entry *entry = &layout->entries[i];

		if (plan_strings_has(&check->damaged, entry->hex) &&
		    !check->request->spare(check->request->context, entry->id)) {
			findings_repaired(check->findings, FINDING_IMAGE,
			                  title(check->arena, entry));
			continue;
		}
		layout->entries[kept++] = *entry;
	}
	if (kept == layout->count)
		return 0;
	layout->count = kept;
	return layout_write(layout, check->arena, check->paths, err);
}

static int repair_frame(struct check *check, struct error *err)
{
	const char *path = arena_printf(check->arena, "%s/images/oci-layout", check->paths->data);

	for (size_t i = 0; i < check->findings->count; i++) {
		const struct finding *finding = &check->findings->items[i];

		if (finding->kind != FINDING_STORE || strcmp(finding->name, "oci-layout") != 0)
			continue;
		if ((unlink(path) < 0 && errno != ENOENT) || layout_create(check->paths, err) < 0)
			return error_set(err, errno, "cannot replace %s", path);
		findings_repaired(check->findings, FINDING_STORE, "oci-layout");
	}
	return 0;
}

/* ---- the whole ---- */

/* Names stay as they are meanwhile, but may be read: containers start. */
static int look(struct check *check, struct error *err)
{
	_cleanup_fd int names = store_lock(check->paths, STORE_LOCK_INDEX, STORE_SHARED, err);
	struct layout layout;

	if (names < 0)
		return -1;
	check_frame(check);
	if (check_blobs(check, err) < 0)
		return -1;
	if (read_index(&layout, check) < 0)
		return 0;
	check_images(check, &layout);
	if (check_orphans(check, err) < 0)
		return -1;
	check->swept = check->request->repair;
	return 0;
}

/* What was looked at may have lost a name since; nothing can have come in. */
static int repair(struct check *check, struct error *err)
{
	_cleanup_fd int names = store_lock(check->paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	struct layout layout;

	if (names < 0 || repair_frame(check, err) < 0 ||
	    layout_read(&layout, check->arena, check->paths, err) < 0)
		return -1;
	return forget_damaged(check, &layout, err);
}

int image_check(struct findings *findings, const struct paths *paths, const struct host *host,
                const struct image_check *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct check check = { .arena = &arena,
		               .findings = findings,
		               .paths = paths,
		               .host = host,
		               .request = request };
	_cleanup_fd int use = store_lock(paths, STORE_LOCK_USE, STORE_EXCLUSIVE, err);
	struct error wrong;

	if (use < 0 || look(&check, err) < 0)
		return -1;
	if (!check.swept)
		return 0;
	if (repair(&check, err) < 0)
		return -1;
	cleanup_close(&use);
	use = -1;
	/* 0: somebody is adding by now, and sweeps when he is done */
	if (sweep(paths, host, &wrong) < 0)
		findings_add(findings, FINDING_STORE, "sweep", "%s", wrong.text);
	check_note_swept(&check);
	return 0;
}
