/*
 * place: an archive is put to a path among what is there (cp). Docker's rules, for an archive that
 * holds one thing (NAME, or "." for what is in a folder):
 *
 *	the path is        a file comes               a folder comes            its content comes
 *	a folder           path/NAME                  path/NAME                 path
 *	something else     in its place               refused                   refused
 *	nothing            as it, in its folder       as it, in its folder      as it, in its folder
 *
 * An archive of the caller's own (LAYER_ORDER_ARCHIVE) is unpacked into the path, a folder.
 *
 * The entries are not believed to be what was asked for: of one that holds NAME, all must be NAME
 * or beneath it, and so must what hard links lead to.
 */
#include "runtime/image/layer/graft.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/locate.h"
#include "runtime/image/layer/order.h"
#include "runtime/image/layer/pseudo.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>

struct place {
	const struct layer_order *order;
	struct layer_answer *answer;
	struct location location;
	struct graft graft;
	struct tar *tar;
	bool begun, tally;
	char to[LIMIT_COMPONENT + 1]; /* what stands in the place of the order's name; "": itself */
};

/* What the first entry and the path make of each other. */
static int begin(struct place *place, bool folder, struct error *err)
{
	const struct location *location = &place->location;
	bool at_folder = location->name[0] == '\0';

	place->begun = true;
	if (place->order->flags & LAYER_ORDER_ARCHIVE)
		return 0;
	if (at_folder)
		return 0;
	place->graft.root = -1; /* its path is not that of the tree */
	if (location->exists && folder)
		return error_set(err, 0, "cannot copy a folder to what is none");
	if (!folder && (place->order->flags & LAYER_ORDER_FOLDER))
		return error_set(err, 0,
		                 location->exists ? "it is not a folder"
		                                  : "there is no such folder");
	strcpy(place->to, location->name);
	return 0;
}

/* The entry's name where it is put. */
static int rename_entry(struct name *ret, const struct place *place, const char *path,
                        struct error *err)
{
	_cleanup_text struct text renamed = {};
	const char *asked = place->order->name; /* "": entries may be called anything */
	size_t length = strlen(asked);
	struct name name;

	if (name_parse_copy(&name, path, err) < 0)
		return -1;
	if (strncmp(name.path, asked, length) != 0 ||
	    (length > 0 && name.path[length] != '/' && name.path[length] != '\0'))
		return error_set(err, 0, "the archive holds what was not asked for");
	if (place->to[0] == '\0') {
		*ret = name;
		ret->base = ret->path + (name.base - name.path);
		return 0;
	}
	text_append(&renamed, place->to);
	if (name.path[length] != '\0' && name.path[length] != '/')
		text_append_char(&renamed, '/');
	text_append(&renamed, name.path + length);
	return name_parse_copy(ret, text_string(&renamed), err);
}

static int add(struct place *place, const struct tar_entry *entry, struct error *err)
{
	struct name name, target = {};

	if (!place->begun && begin(place, entry->kind == TAR_FOLDER, err) < 0)
		return -1;
	place->answer->entries++;
	if (rename_entry(&name, place, entry->path, err) < 0)
		return -1;
	if (entry->kind == TAR_HARDLINK && rename_entry(&target, place, entry->link, err) < 0)
		return error_prefix(err, "its target");
	if (entry->kind == TAR_FILE)
		place->answer->tree_size += entry->size;
	return graft_add(&place->graft, &name, entry, &target, place->tar, err);
}

static int add_all(struct place *place, struct error *err)
{
	struct tar_entry entry;
	char shown[160];
	int status;

	while ((status = tar_next(&entry, place->tar, err)) == 1) {
		if (add(place, &entry, err) == 0)
			continue;
		name_show(shown, sizeof shown, entry.path);
		return error_prefix(err, "%s", shown);
	}
	return status < 0 ? -1 : graft_finish(&place->graft, err);
}

static int read_archive(struct place *place, struct error *err)
{
	const struct stream_source source = { .input = LAYER_FD_INPUT,
		                              .keep = -1,
		                              .limit = UINT64_MAX,
		                              .unlimited = true,
		                              .tally = place->tally };
	struct stream *stream;
	int result = stream_open(&stream, &source, err);

	if (result < 0)
		return -1;
	result = tar_open(&place->tar, stream, err);
	if (result == 0) {
		result = add_all(place, err);
		tar_close(place->tar);
	}
	if (result == 0)
		result = stream_finish(place->answer, stream, err);
	stream_close(stream);
	return result;
}

static int find(struct place *place, struct error *err)
{
	const struct layer_order *order = place->order;
	bool host = order->flags & LAYER_ORDER_HOST;

	if (locate_place(&place->location, LAYER_FD_FOLDER, order->path, !host, err) < 0)
		return -1;
	place->graft = (struct graft){
		.folder = place->location.folder,
		.root = host ? -1 : LAYER_FD_FOLDER,
		.path = order->path,
		.owners = order->flags & LAYER_ORDER_OWNERS,
		.host = host,
	};
	if ((order->flags & LAYER_ORDER_ARCHIVE) && place->location.name[0] != '\0')
		return error_set(err, 0,
		                 place->location.exists ? "it is not a folder"
		                                        : "there is no such folder");
	if (pseudo_refuse(place->location.folder, err) < 0)
		return -1;
	return graft_open(&place->graft, err);
}

int place_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	struct place place = { .answer = ret, .tally = request->tally, .location.folder = -1 };
	struct layer_order order;
	int result;

	if (order_read(&order, err) < 0)
		return -1;
	place.order = &order;
	if (find(&place, err) < 0) {
		cleanup_close(&place.location.folder);
		return -1;
	}
	result = read_archive(&place, err);
	ret->skipped = place.graft.skipped;
	graft_done(&place.graft);
	cleanup_close(&place.location.folder);
	return result;
}
