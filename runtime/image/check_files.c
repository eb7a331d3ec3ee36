/*
 * check_files: the files of the image store one by one. They are hashed by the helper, which sees
 * nothing but the folder of the blobs, and that only to read.
 */
#include "runtime/image/check_parts.h"

#include "runtime/image/helper.h"
#include "runtime/image/kept.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layers.h"
#include "runtime/image/list.h"
#include "runtime/image/sweep.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The names in a folder below data/; a folder that is not there is empty. */
static int read_names(struct plan_strings *ret, struct check *check, const char *folder,
                      struct error *err)
{
	const char *path = arena_printf(check->arena, "%s/%s", check->paths->data, folder);
	_cleanup_dir DIR *stream = opendir(path);
	struct dirent *entry;

	if (stream == NULL)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot read %s", path);
	while ((entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			list_append(ret, check->arena, arena_strdup(check->arena, entry->d_name));
	return 0;
}

static bool is_hex(const char *name)
{
	return strlen(name) == LAYER_HEX && strspn(name, "0123456789abcdef") == LAYER_HEX;
}

/* ---- blobs ---- */

static int hash(struct text *ret, struct check *check, const struct text *names, struct error *err)
{
	_cleanup_fd int input =
	        io_memory("the names of the blobs", text_string(names), names->length, err);
	_cleanup_fd int listing = io_memory("the hashes of the blobs", "", 0, err);
	struct plan_id_maps single;
	struct layer_answer answer;
	struct helper_call call = {
		.program = arena_printf(check->arena, "%s/layer", check->paths->libexec),
		.mode = LAYER_HASH,
		.input = input,
		.folder = -1,
		.open_folder = helper_open_to_read,
		.context = arena_printf(check->arena, "%s/images/blobs/sha256", check->paths->data),
		.listing = listing,
		.keep = -1,
		.maps = &single,
	};

	if (input < 0 || listing < 0 ||
	    host_id_maps(&single, check->arena, check->host, IDMAP_SINGLE, 0, err) < 0 ||
	    helper_run(&answer, check->host, &call, err) < 0)
		return -1;
	check->findings->bytes += answer.blob_size;
	if (lseek(listing, 0, SEEK_SET) < 0)
		return error_set(err, errno, "cannot read what the blobs hash to");
	return io_read_all(ret, listing, LIMIT_LISTING, err);
}

static void note_bad(struct check *check, const char *hex, const char *why)
{
	check->bad[check->bad_count++] = (struct bad_blob){ arena_strdup(check->arena, hex), why };
	findings_add(check->findings, FINDING_BLOB, hex, "%s", why);
}

static int compare(struct check *check, const struct plan_strings *names, struct text *hashes,
                   struct error *err)
{
	char *save = NULL;
	char *line = hashes->length == 0 ? NULL : strtok_r(hashes->data, "\n", &save);

	for (size_t i = 0; i < names->count; i++, line = strtok_r(NULL, "\n", &save)) {
		if (line == NULL)
			return error_set(err, 0, "the helper left blobs out");
		if (strncmp(line, "- ", 2) == 0)
			note_bad(check, names->items[i], arena_strdup(check->arena, line + 2));
		else if (strncmp(line, names->items[i], LAYER_HEX) != 0)
			note_bad(check, names->items[i],
			         arena_printf(check->arena, "it hashes to %.64s", line));
	}
	return 0;
}

int check_blobs(struct check *check, struct error *err)
{
	_cleanup_text struct text listing = {}, hashes = {};
	struct plan_strings names = {}, blobs = {};

	if (read_names(&names, check, "images/blobs/sha256", err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (!is_hex(names.items[i])) {
			findings_add(check->findings, FINDING_BLOB, names.items[i],
			             "that is no name of a blob");
			continue;
		}
		list_append(&blobs, check->arena, names.items[i]);
		text_printf(&listing, "%s\n", names.items[i]);
	}
	check->findings->seen[FINDING_BLOB] += names.count;
	check->bad = arena_array(check->arena, blobs.count, sizeof *check->bad);
	if (check->request->quick || blobs.count == 0)
		return 0;
	if (hash(&hashes, check, &listing, err) < 0)
		return -1;
	return compare(check, &blobs, &hashes, err);
}

const char *check_bad_blob(const struct check *check, const char *hex)
{
	for (size_t i = 0; i < check->bad_count; i++)
		if (strcmp(check->bad[i].hex, hex) == 0)
			return check->bad[i].why;
	return NULL;
}

/* ---- what nothing leads to ---- */

static const char orphan[] = "nothing leads to it";

static const struct place {
	const char *folder;
	enum finding_kind kind;
	size_t list;  /* of struct kept */
	bool counted; /* elsewhere */
} places[] = {
	{ "images/blobs/sha256", FINDING_BLOB, offsetof(struct kept, blobs), true },
	{ "layers", FINDING_LAYER, offsetof(struct kept, layers), false },
	{ "records", FINDING_RECORD, offsetof(struct kept, records), false },
};

static int check_place(struct check *check, const struct kept *kept, const struct place *place,
                       struct error *err)
{
	const struct plan_strings *list =
	        (const struct plan_strings *)(const void *)((const char *)kept + place->list);
	struct plan_strings names = {};

	if (read_names(&names, check, place->folder, err) < 0)
		return -1;
	if (!place->counted)
		check->findings->seen[place->kind] += names.count;
	for (size_t i = 0; i < names.count; i++)
		if (names.items[i][0] != '.' && !kept_has(list, names.items[i]))
			findings_add(check->findings, place->kind, names.items[i], orphan);
	return 0;
}

static int check_stages(struct check *check, struct error *err)
{
	struct plan_strings names = {};

	if (read_names(&names, check, "tmp", err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		findings_add(check->findings, FINDING_STAGE, names.items[i],
		             text_starts(names.items[i], SWEEP_PREFIX)
		                     ? "whoever was adding it has died"
		                     : "it is not cordon's");
	check->findings->seen[FINDING_STAGE] += names.count;
	return 0;
}

/* A record that cannot be read is told as its image's; what it keeps is then unknown. */
int check_orphans(struct check *check, struct error *err)
{
	struct kept kept = { .arena = check->arena };
	struct error wrong;

	if (check_stages(check, err) < 0)
		return -1;
	if (kept_find(&kept, check->paths, &wrong) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (check_place(check, &kept, &places[i], err) < 0)
			return -1;
	return 0;
}

/* What is still there was in use, or not cordon's. */
void check_note_swept(struct check *check)
{
	static const char *const folders[FINDING_KINDS] = {
		[FINDING_BLOB] = "images/blobs/sha256",
		[FINDING_LAYER] = "layers",
		[FINDING_RECORD] = "records",
		[FINDING_STAGE] = "tmp",
	};

	for (size_t i = 0; i < check->findings->count; i++) {
		struct finding *finding = &check->findings->items[i];
		const char *folder = folders[finding->kind];

		if (folder == NULL)
			continue;
		finding->repaired = access(arena_printf(check->arena, "%s/%s/%s",
		                                        check->paths->data, folder, finding->name),
		                           F_OK) < 0;
	}
}
