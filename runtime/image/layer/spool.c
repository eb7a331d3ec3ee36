/*
 * spool: an outer archive (docker save, OCI archive) becomes files named by what they hold and a
 * listing of what the archive called them, so that no name of the archive is ever a path here.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/member.h"
#include "runtime/image/layer/name.h"
#include "runtime/image/layer/tar.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

struct spool {
	struct layer_answer *answer;
	struct tar *tar;
	FILE *listing;
	uint64_t size;
};

static int copy_data(struct spool *spool, struct member *member, uint64_t size, struct error *err)
{
	struct tar_block block;
	int status;

	while ((status = tar_read(&block, spool->tar, err)) == 1) {
		if (block.offset != member->size || block.length > size - member->size)
			return error_set(err, 0, "sparse files are not taken in an image archive");
		if (member_write(member, block.bytes, block.length, err) < 0)
			return -1;
	}
	if (status == 0 && member->size != size)
		return error_set(err, 0, "the archive is damaged: a member is not whole");
	return status;
}

static int take_file(struct spool *spool, const struct tar_entry *entry, const struct name *name,
                     struct error *err)
{
	char hex[LAYER_HEX + 1];
	struct member member;
	int result;

	spool->size += entry->size;
	if (entry->size > LIMIT_BLOB || spool->size > LIMIT_TREE)
		return error_set(err, 0, "the archive holds more than %d GiB",
		                 (int)(LIMIT_TREE >> 30));
	if (member_open(&member, true, err) < 0)
		return -1;
	result = copy_data(spool, &member, entry->size, err);
	if (result == 0)
		result = member_keep(hex, &member, err);
	member_done(&member);
	if (result == 0)
		fprintf(spool->listing, "%s %llu %s\n", hex, (unsigned long long)entry->size,
		        name->path);
	return result;
}

static int take_link(struct spool *spool, const struct tar_entry *entry, const struct name *name,
                     struct error *err)
{
	char target[LIMIT_PATH + 1];
	struct name plain;

	if (entry->kind == TAR_SYMLINK) {
		if (name_resolve(target, name, entry->link, err) < 0)
			return -1;
		fprintf(spool->listing, "- %s\t%s\n", target, name->path);
		return 0;
	}
	if (name_parse_plain(&plain, entry->link, err) < 0)
		return -1;
	fprintf(spool->listing, "- %s\t%s\n", plain.path, name->path);
	return 0;
}

static int take(struct spool *spool, const struct tar_entry *entry, struct error *err)
{
	struct name name;

	if (++spool->answer->entries > LIMIT_ENTRIES)
		return error_set(err, 0, "the archive has more than %d entries", LIMIT_ENTRIES);
	if (name_parse_plain(&name, entry->path, err) < 0)
		return -1;
	switch (entry->kind) {
	case TAR_FOLDER:
		return 0;
	case TAR_FILE:
		return take_file(spool, entry, &name, err);
	case TAR_SYMLINK:
	case TAR_HARDLINK:
		return take_link(spool, entry, &name, err);
	default:
		return error_set(err, 0, "neither a file nor a link");
	}
}

static int take_all(struct spool *spool, struct error *err)
{
	struct tar_entry entry;
	char shown[160];
	int status;

	while ((status = tar_next(&entry, spool->tar, err)) == 1) {
		if (take(spool, &entry, err) == 0)
			continue;
		name_show(shown, sizeof shown, entry.path);
		return error_prefix(err, "%s", shown);
	}
	return status;
}

static int run(struct spool *spool, struct stream *stream, struct error *err)
{
	int result = tar_open(&spool->tar, stream, err);

	if (result == 0)
		result = take_all(spool, err);
	tar_close(spool->tar);
	if (result == 0)
		result = stream_finish(spool->answer, stream, err);
	spool->answer->tree_size = spool->size;
	return result;
}

int spool_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct stream_source source = { .input = LAYER_FD_INPUT,
		                              .keep = -1,
		                              .limit = request->limit,
		                              .tally = request->tally };
	struct spool spool = { .answer = ret };
	struct stream *stream;
	int result;

	spool.listing = fdopen(LAYER_FD_LISTING, "w");
	if (spool.listing == NULL)
		return error_set(err, errno, "cannot write the listing");
	if (stream_open(&stream, &source, err) < 0)
		return -1;
	result = run(&spool, stream, err);
	stream_close(stream);
	if (fclose(spool.listing) != 0 && result == 0)
		return error_set(err, errno, "cannot write the listing");
	return result;
}
