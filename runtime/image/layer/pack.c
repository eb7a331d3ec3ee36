/*
 * pack: a tree becomes an archive: the root of a container (export), or what a container changed
 * (commit: `marks`), where overlayfs' whiteouts and opaque folders become those of OCI layers.
 *
 * Sockets have no place in an archive and are counted. A file that loses bytes while it is read
 * (its container runs) is filled with zeros, as tar(1) does: the header has promised them.
 */
#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/header.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/links.h"
#include "runtime/image/layer/sink.h"
#include "runtime/image/layer/walk.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { EXTENTS_MAX = 4096, ATTRIBUTES_MAX = 256, LIST_MAX = 65536 };

/* What else is told of a file or a folder. */
struct body {
	struct header_extra extra;
	struct header_extent extents[EXTENTS_MAX];
	struct header_attribute attributes[ATTRIBUTES_MAX];
	size_t offsets[ATTRIBUTES_MAX]; /* of their values, in `values` */
	struct text values;
	char names[LIST_MAX];
};

struct pack {
	struct layer_answer *answer;
	struct sink *sink;
	struct links *links;
	bool marks;
	struct body body; /* of the entry at hand */
};

static int put_header(struct pack *pack, const struct tar_entry *entry,
                      const struct header_extra *extra, struct error *err)
{
	_cleanup_text struct text header = {};

	if (++pack->answer->entries > LIMIT_ENTRIES)
		return error_set(err, 0, "there are more than %d entries", LIMIT_ENTRIES);
	header_append(&header, entry, extra);
	return sink_write(pack->sink, header.data, header.length, err);
}

static int put_plain(struct pack *pack, const struct tar_entry *entry, struct error *err)
{
	static const struct header_extra nothing;

	return put_header(pack, entry, &nothing, err);
}

/* ---- extended attributes ---- */

static int read_attribute(struct body *body, int fd, const char *name, struct error *err)
{
	size_t count = body->extra.attribute_count;
	char value[LIMIT_XATTR];
	ssize_t length = fgetxattr(fd, name, value, sizeof value);

	if (length < 0)
		return errno == ENODATA || errno == ENOTSUP
		               ? 0
		               : error_set(err, errno, "cannot read its attribute %.80s", name);
	if (!attribute_is_taken(name, value, (size_t)length))
		return 0;
	if (count == ATTRIBUTES_MAX)
		return error_set(err, 0, "it has more than %d extended attributes", ATTRIBUTES_MAX);
	body->attributes[count] = (struct header_attribute){ name, NULL, (size_t)length };
	body->offsets[count] = body->values.length;
	text_append_bytes(&body->values, value, (size_t)length);
	body->extra.attribute_count++;
	return 0;
}

static int read_attributes(struct body *body, int fd, struct error *err)
{
	ssize_t length = flistxattr(fd, body->names, sizeof body->names);

	if (length < 0)
		return errno == ENOTSUP ? 0 : error_set(err, errno, "cannot list its attributes");
	for (const char *name = body->names; name < body->names + length; name += strlen(name) + 1)
		if (read_attribute(body, fd, name, err) < 0)
			return -1;
	for (size_t i = 0; i < body->extra.attribute_count; i++)
		body->attributes[i].value = text_string(&body->values) + body->offsets[i];
	body->extra.attributes = body->attributes;
	return 0;
}

/* ---- holes ---- */

static bool add_extent(struct body *body, off_t offset, off_t end)
{
	if (body->extra.extent_count == EXTENTS_MAX)
		return false;
	body->extents[body->extra.extent_count++] =
	        (struct header_extent){ (uint64_t)offset, (uint64_t)(end - offset) };
	return true;
}

/* Where a file has holes; one with too many is written as if it had none. */
static void find_extents(struct body *body, int fd, const struct stat *status)
{
	off_t size = status->st_size, data = 0, hole = 0;

	if (status->st_blocks * 512 >= size)
		return;
	while (hole < size && (data = lseek(fd, hole, SEEK_DATA)) >= 0 && data < size) {
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || !add_extent(body, data, hole < size ? hole : size)) {
			body->extra.extent_count = 0;
			return;
		}
	}
	if (hole < size && !add_extent(body, size, size)) {
		body->extra.extent_count = 0;
		return;
	}
	body->extra.extents = body->extents;
}

/* ---- files ---- */

static int put_range(struct pack *pack, int fd, struct header_extent range, struct error *err)
{
	unsigned char *room = sink_room(pack->sink);

	while (range.length > 0) {
		size_t wanted = range.length < SINK_BLOCK ? (size_t)range.length : SINK_BLOCK;
		ssize_t count = pread(fd, room, wanted, (off_t)range.offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, errno, "cannot read it");
		if (count == 0)
			return sink_zeros(pack->sink, range.length, err);
		if (sink_write(pack->sink, room, (size_t)count, err) < 0)
			return -1;
		range.offset += (uint64_t)count;
		range.length -= (uint64_t)count;
	}
	return 0;
}

static int put_data(struct pack *pack, int fd, const struct body *body, uint64_t size,
                    struct error *err)
{
	_cleanup_text struct text map = {};
	uint64_t stored = 0;

	if (body->extra.extents == NULL)
		return put_range(pack, fd, (struct header_extent){ 0, size }, err) < 0
		               ? -1
		               : sink_zeros(pack->sink, header_padding(size), err);
	header_map(&map, &body->extra);
	if (sink_write(pack->sink, map.data, map.length, err) < 0)
		return -1;
	for (size_t i = 0; i < body->extra.extent_count; i++) {
		stored += body->extents[i].length;
		if (put_range(pack, fd, body->extents[i], err) < 0)
			return -1;
	}
	return sink_zeros(pack->sink, header_padding(stored), err);
}

static struct tar_entry entry_of(const struct walk_entry *from, enum tar_kind kind)
{
	return (struct tar_entry){
		.kind = kind,
		.path = from->path,
		.mode = from->status.st_mode & 07777,
		.uid = from->status.st_uid,
		.gid = from->status.st_gid,
		.modified = from->status.st_mtim,
		.major = major(from->status.st_rdev),
		.minor = minor(from->status.st_rdev),
	};
}

static struct body *new_body(struct pack *pack)
{
	pack->body.extra = (struct header_extra){};
	text_clear(&pack->body.values);
	return &pack->body;
}

static int put_open_file(struct pack *pack, const struct walk_entry *from, int fd,
                         struct error *err)
{
	struct body *body = new_body(pack);
	struct tar_entry entry = entry_of(from, TAR_FILE);

	entry.size = (uint64_t)from->status.st_size;
	pack->answer->tree_size += entry.size;
	find_extents(body, fd, &from->status);
	if (read_attributes(body, fd, err) < 0 || put_header(pack, &entry, &body->extra, err) < 0)
		return -1;
	return put_data(pack, fd, body, entry.size, err);
}

/* Looked at again once it is open: in a container that runs it may be another by now. */
static int put_file(struct pack *pack, const struct walk_entry *from, struct error *err)
{
	_cleanup_fd int fd = openat(from->parent, from->name,
	                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct walk_entry opened = *from;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open it");
	if (fstat(fd, &opened.status) < 0)
		return error_set(err, errno, "cannot look at it");
	if (!S_ISREG(opened.status.st_mode))
		return error_set(err, 0, "it was another kind of file a moment ago");
	return put_open_file(pack, &opened, fd, err);
}

/* An empty file, whose name says it all. */
static int put_mark(struct pack *pack, const char *path, struct error *err)
{
	const struct tar_entry mark = { .kind = TAR_FILE, .path = path, .mode = 0644 };

	return put_plain(pack, &mark, err);
}

static int put_folder(struct pack *pack, const struct walk_entry *from, struct error *err)
{
	const struct tar_entry entry = entry_of(from, TAR_FOLDER);
	struct body *body = new_body(pack);
	_cleanup_text struct text path = {};

	if (read_attributes(body, from->fd, err) < 0 ||
	    put_header(pack, &entry, &body->extra, err) < 0)
		return -1;
	if (!pack->marks || !attribute_is_opaque(from->fd))
		return 0;
	text_printf(&path, "%s/.wh..wh..opq", from->path);
	return put_mark(pack, text_string(&path), err);
}

static int put_symlink(struct pack *pack, const struct walk_entry *from, struct error *err)
{
	struct tar_entry entry = entry_of(from, TAR_SYMLINK);
	char target[LIMIT_PATH + 1];
	ssize_t length = readlinkat(from->parent, from->name, target, sizeof target);

	if (length < 0 || length == (ssize_t)sizeof target)
		return error_set(err, length < 0 ? errno : ENAMETOOLONG, "cannot read the link");
	target[length] = '\0';
	entry.link = target;
	return put_plain(pack, &entry, err);
}

/* Character device 0:0: overlayfs' mark for something that is not there any more. */
static int put_whiteout(struct pack *pack, const struct walk_entry *from, struct error *err)
{
	_cleanup_text struct text path = {};

	text_printf(&path, "%.*s.wh.%s", (int)(strlen(from->path) - strlen(from->name)), from->path,
	            from->name);
	return put_mark(pack, text_string(&path), err);
}

static int put_special(struct pack *pack, const struct walk_entry *from, struct error *err)
{
	const struct stat *status = &from->status;
	struct tar_entry entry = entry_of(from, TAR_FIFO);

	if (S_ISSOCK(status->st_mode)) {
		pack->answer->skipped++;
		return 0;
	}
	if (S_ISCHR(status->st_mode) && status->st_rdev == 0)
		return pack->marks ? put_whiteout(pack, from, err) : 0;
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		entry.kind = S_ISCHR(status->st_mode) ? TAR_CHARACTER : TAR_BLOCK;
	return put_plain(pack, &entry, err);
}

static int visit(void *context, const struct walk_entry *from, struct error *err)
{
	struct pack *pack = context;
	struct tar_entry link = entry_of(from, TAR_HARDLINK);

	if (S_ISDIR(from->status.st_mode))
		return put_folder(pack, from, err);
	if (from->status.st_nlink > 1 && S_ISREG(from->status.st_mode)) {
		link.link = links_meet(pack->links, &from->status, from->path);
		if (link.link != NULL)
			return put_plain(pack, &link, err);
	}
	if (S_ISREG(from->status.st_mode))
		return put_file(pack, from, err);
	if (S_ISLNK(from->status.st_mode))
		return put_symlink(pack, from, err);
	return put_special(pack, from, err);
}

static int pack_all(struct pack *pack, const char *without, struct error *err)
{
	const struct walk walk = {
		.root = LAYER_FD_FOLDER, .without = without, .visit = visit, .context = pack
	};
	_cleanup_text struct text end = {};

	if (walk_tree(&walk, err) < 0)
		return -1;
	header_end(&end);
	if (sink_write(pack->sink, end.data, end.length, err) < 0)
		return -1;
	return sink_finish(pack->answer, pack->sink, err);
}

int pack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct sink_target target = { .output = LAYER_FD_OUTPUT,
		                            .hash = request->marks,
		                            .gzip = request->marks };
	struct pack *pack = calloc(1, sizeof *pack);
	_cleanup_text struct text without = {};
	int result = io_read_all(&without, LAYER_FD_INPUT, LIMIT_LISTING, err);

	if (pack == NULL)
		abort();
	pack->answer = ret;
	pack->sink = sink_open(&target);
	pack->links = links_new();
	pack->marks = request->marks;
	text_append_char(&without, '\0'); /* the empty one at the end of the list */
	if (result == 0)
		result = pack_all(pack, without.data, err);
	sink_close(pack->sink);
	links_free(pack->links);
	text_done(&pack->body.values);
	free(pack);
	return result;
}
