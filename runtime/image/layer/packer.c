#include "runtime/image/layer/packer.h"

#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/header.h"
#include "runtime/image/layer/links.h"
#include "runtime/image/layer/pseudo.h"
#include "sandbox/base/cleanup.h"
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

struct packer {
	struct packer_target target;
	struct links *links;
	struct body body; /* of the entry at hand */
};

static int put_header(struct packer *packer, const struct tar_entry *entry,
                      const struct header_extra *extra, struct error *err)
{
	_cleanup_text struct text header = {};

	packer->target.answer->entries++;
	if (!packer->target.copy && packer->target.answer->entries > LIMIT_ENTRIES)
		return error_set(err, 0, "there are more than %d entries", LIMIT_ENTRIES);
	header_append(&header, entry, extra);
	return sink_write(packer->target.sink, header.data, header.length, err);
}

static int put_plain(struct packer *packer, const struct tar_entry *entry, struct error *err)
{
	static const struct header_extra nothing;

	return put_header(packer, entry, &nothing, err);
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

static int put_range(struct packer *packer, int fd, struct header_extent range, struct error *err)
{
	unsigned char *room = sink_room(packer->target.sink);

	while (range.length > 0) {
		size_t wanted = range.length < SINK_BLOCK ? (size_t)range.length : SINK_BLOCK;
		ssize_t count = pread(fd, room, wanted, (off_t)range.offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, errno, "cannot read it");
		if (count == 0)
			return sink_zeros(packer->target.sink, range.length, err);
		if (sink_write(packer->target.sink, room, (size_t)count, err) < 0)
			return -1;
		range.offset += (uint64_t)count;
		range.length -= (uint64_t)count;
	}
	return 0;
}

static int put_data(struct packer *packer, int fd, const struct body *body, uint64_t size,
                    struct error *err)
{
	_cleanup_text struct text map = {};
	uint64_t stored = 0;

	if (body->extra.extents == NULL)
		return put_range(packer, fd, (struct header_extent){ 0, size }, err) < 0
		               ? -1
		               : sink_zeros(packer->target.sink, header_padding(size), err);
	header_map(&map, &body->extra);
	if (sink_write(packer->target.sink, map.data, map.length, err) < 0)
		return -1;
	for (size_t i = 0; i < body->extra.extent_count; i++) {
		stored += body->extents[i].length;
		if (put_range(packer, fd, body->extents[i], err) < 0)
			return -1;
	}
	return sink_zeros(packer->target.sink, header_padding(stored), err);
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

static struct body *new_body(struct packer *packer)
{
	packer->body.extra = (struct header_extra){};
	text_clear(&packer->body.values);
	return &packer->body;
}

/* A file of another's that is all holes would be written out byte for byte. */
static int check_dense(const struct packer *packer, const struct body *body,
                       const struct stat *status, struct error *err)
{
	if (!packer->target.copy || body->extra.extents != NULL ||
	    (uint64_t)status->st_size <= LIMIT_TREE || status->st_blocks * 512 >= status->st_size)
		return 0;
	return error_set(err, EFBIG,
	                 "it has more than %d holes, and is larger than %d GiB with them",
	                 EXTENTS_MAX, (int)(LIMIT_TREE >> 30));
}

int packer_put_file(struct packer *packer, const struct walk_entry *from, int fd, struct error *err)
{
	struct body *body = new_body(packer);
	struct tar_entry entry = entry_of(from, TAR_FILE);

	entry.size = (uint64_t)from->status.st_size;
	packer->target.answer->tree_size += entry.size;
	find_extents(body, fd, &from->status);
	if (check_dense(packer, body, &from->status, err) < 0)
		return -1;
	if (read_attributes(body, fd, err) < 0 || put_header(packer, &entry, &body->extra, err) < 0)
		return -1;
	return put_data(packer, fd, body, entry.size, err);
}

/* Looked at again once it is open: in a container that runs it may be another by now. */
static int put_file(struct packer *packer, const struct walk_entry *from, struct error *err)
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
	return packer_put_file(packer, &opened, fd, err);
}

/* An empty file, whose name says it all. */
static int put_mark(struct packer *packer, const char *path, struct error *err)
{
	const struct tar_entry mark = { .kind = TAR_FILE, .path = path, .mode = 0644 };

	return put_plain(packer, &mark, err);
}

static int put_folder(struct packer *packer, const struct walk_entry *from, struct error *err)
{
	const struct tar_entry entry = entry_of(from, TAR_FOLDER);
	struct body *body = new_body(packer);
	_cleanup_text struct text path = {};

	if (read_attributes(body, from->fd, err) < 0 ||
	    put_header(packer, &entry, &body->extra, err) < 0)
		return -1;
	if (packer->target.copy && pseudo_is(from->fd))
		return WALK_OVER;
	if (!packer->target.marks || !attribute_is_opaque(from->fd))
		return 0;
	text_printf(&path, "%s/.wh..wh..opq", from->path);
	return put_mark(packer, text_string(&path), err);
}

static int put_symlink(struct packer *packer, const struct walk_entry *from, struct error *err)
{
	struct tar_entry entry = entry_of(from, TAR_SYMLINK);
	char target[LIMIT_PATH + 1];
	ssize_t length = readlinkat(from->parent, from->name, target, sizeof target);

	if (length < 0 || length == (ssize_t)sizeof target)
		return error_set(err, length < 0 ? errno : ENAMETOOLONG, "cannot read the link");
	target[length] = '\0';
	entry.link = target;
	return put_plain(packer, &entry, err);
}

/* Character device 0:0: overlayfs' mark for something that is not there any more. */
static int put_whiteout(struct packer *packer, const struct walk_entry *from, struct error *err)
{
	_cleanup_text struct text path = {};

	text_printf(&path, "%.*s.wh.%s", (int)(strlen(from->path) - strlen(from->name)), from->path,
	            from->name);
	return put_mark(packer, text_string(&path), err);
}

static int put_special(struct packer *packer, const struct walk_entry *from, struct error *err)
{
	const struct stat *status = &from->status;
	struct tar_entry entry = entry_of(from, TAR_FIFO);

	if (S_ISSOCK(status->st_mode) || (packer->target.copy && !S_ISFIFO(status->st_mode))) {
		packer->target.answer->skipped++;
		return 0;
	}
	if (S_ISCHR(status->st_mode) && status->st_rdev == 0)
		return packer->target.marks ? put_whiteout(packer, from, err) : 0;
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		entry.kind = S_ISCHR(status->st_mode) ? TAR_CHARACTER : TAR_BLOCK;
	return put_plain(packer, &entry, err);
}

int packer_put(void *context, const struct walk_entry *from, struct error *err)
{
	struct packer *packer = context;
	struct tar_entry link = entry_of(from, TAR_HARDLINK);

	if (S_ISDIR(from->status.st_mode))
		return put_folder(packer, from, err);
	if (from->status.st_nlink > 1 && S_ISREG(from->status.st_mode)) {
		link.link = links_meet(packer->links, &from->status, from->path);
		if (link.link != NULL)
			return put_plain(packer, &link, err);
	}
	if (S_ISREG(from->status.st_mode))
		return put_file(packer, from, err);
	if (S_ISLNK(from->status.st_mode))
		return put_symlink(packer, from, err);
	return put_special(packer, from, err);
}

struct packer *packer_new(const struct packer_target *target)
{
	struct packer *packer = calloc(1, sizeof *packer);

	if (packer == NULL)
		abort();
	packer->target = *target;
	packer->links = links_new();
	return packer;
}

int packer_finish(struct packer *packer, struct error *err)
{
	_cleanup_text struct text end = {};

	header_end(&end);
	if (sink_write(packer->target.sink, end.data, end.length, err) < 0)
		return -1;
	return sink_finish(packer->target.answer, packer->target.sink, err);
}

void packer_free(struct packer *packer)
{
	links_free(packer->links);
	text_done(&packer->body.values);
	free(packer);
}
