/*
 * tar: the door to libarchive, opened as little as it goes: one format, no filter, names as bytes.
 * The bytes pass the guard (guard.h) on their way in, which sees what libarchive's C strings hide.
 */
#include "runtime/image/layer/tar.h"

#include "runtime/image/layer/guard.h"
#include "sandbox/base/cleanup.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <sys/sysmacros.h>

struct tar {
	struct archive *archive;
	struct archive_entry *entry;
	struct stream *stream;
	struct guard guard;
	struct error error; /* of the stream or the guard, which is better than libarchive's word */
	bool failed;
};

static la_ssize_t read_block(struct archive *archive, void *context, const void **block)
{
	struct tar *tar = context;
	ssize_t length = stream_read(block, tar->stream, &tar->error);

	if (length > 0 && guard_feed(&tar->guard, *block, (size_t)length, &tar->error) < 0)
		length = -1;
	if (length >= 0)
		return length;
	tar->failed = true;
	archive_set_error(archive, EIO, "%s", tar->error.text);
	return -1;
}

static int complain(struct tar *tar, struct error *err)
{
	const char *text = archive_error_string(tar->archive);

	if (tar->failed) {
		*err = tar->error;
		return -1;
	}
	return error_set(err, 0, "the archive is damaged: %s", text != NULL ? text : "no reason");
}

int tar_open(struct tar **ret, struct stream *stream, struct error *err)
{
	struct tar *tar = calloc(1, sizeof *tar);

	if (tar == NULL)
		abort();
	tar->stream = stream;
	tar->archive = archive_read_new();
	tar->entry = archive_entry_new();
	if (tar->archive == NULL || tar->entry == NULL)
		abort();
	if (archive_read_support_format_tar(tar->archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(tar->archive) != ARCHIVE_OK ||
	    archive_read_open(tar->archive, tar, NULL, read_block, NULL) != ARCHIVE_OK) {
		complain(tar, err);
		tar_close(tar);
		return -1;
	}
	*ret = tar;
	return 0;
}

void tar_close(struct tar *tar)
{
	if (tar == NULL)
		return;
	archive_entry_free(tar->entry);
	archive_read_free(tar->archive);
	free(tar);
}

static enum tar_kind kind_of(struct archive_entry *entry)
{
	static const struct {
		mode_t type;
		enum tar_kind kind;
	} kinds[] = {
		{ AE_IFREG, TAR_FILE }, { AE_IFDIR, TAR_FOLDER },    { AE_IFLNK, TAR_SYMLINK },
		{ AE_IFIFO, TAR_FIFO }, { AE_IFCHR, TAR_CHARACTER }, { AE_IFBLK, TAR_BLOCK },
	};

	if (archive_entry_hardlink(entry) != NULL)
		return TAR_HARDLINK;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (archive_entry_filetype(entry) == kinds[i].type)
			return kinds[i].kind;
	return TAR_OTHER;
}

static int take_entry(struct tar_entry *ret, struct tar *tar, struct error *err)
{
	struct archive_entry *entry = tar->entry;
	int64_t size = archive_entry_size(entry);
	dev_t device = archive_entry_rdev(entry);

	*ret = (struct tar_entry){
		.kind = kind_of(entry),
		.path = archive_entry_pathname(entry),
		.mode = archive_entry_perm(entry) & 07777,
		.uid = archive_entry_uid(entry),
		.gid = archive_entry_gid(entry),
		.modified = { archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) },
		.major = major(device),
		.minor = minor(device),
	};
	if (ret->path == NULL)
		return error_set(err, 0, "an entry has no name, or one in no known encoding");
	if (ret->kind == TAR_HARDLINK)
		ret->link = archive_entry_hardlink(entry);
	if (ret->kind == TAR_SYMLINK)
		ret->link = archive_entry_symlink(entry);
	if (ret->kind == TAR_SYMLINK && ret->link == NULL)
		return error_set(err, 0, "a link has no target, or one in no known encoding");
	if (size < 0)
		return error_set(err, 0, "an entry has the size %" PRId64, size);
	ret->size = (uint64_t)size;
	archive_entry_xattr_reset(entry);
	return 1;
}

int tar_next(struct tar_entry *ret, struct tar *tar, struct error *err)
{
	int status = archive_read_next_header2(tar->archive, tar->entry);

	if (status == ARCHIVE_EOF)
		return 0;
	/* A warning means that a name was changed to fit an encoding: it is not the name any more.
	 */
	if (status != ARCHIVE_OK)
		return complain(tar, err);
	return take_entry(ret, tar, err);
}

int tar_read(struct tar_block *ret, struct tar *tar, struct error *err)
{
	const void *bytes;
	size_t length;
	la_int64_t offset;
	int status = archive_read_data_block(tar->archive, &bytes, &length, &offset);

	if (status == ARCHIVE_EOF)
		return 0;
	if (status != ARCHIVE_OK)
		return complain(tar, err);
	if (offset < 0)
		return error_set(err, 0, "the archive is damaged: an offset below zero");
	*ret = (struct tar_block){ bytes, length, (uint64_t)offset };
	return 1;
}

int tar_attribute(const char **name, const void **value, size_t *length, struct tar *tar)
{
	return archive_entry_xattr_next(tar->entry, name, value, length) == ARCHIVE_OK;
}
