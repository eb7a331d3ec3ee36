/*
 * save: blobs become an archive. The engine says in what order and under what names (protocol.h);
 * each is hashed while it goes out, and one that is not what its name says ends the archive before
 * its end: no reader takes it for whole.
 */
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/header.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/sink.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

struct save {
	struct layer_answer *answer;
	struct sink *sink;
	struct digest *digest;
};

static int begin_member(struct save *save, const char *name, uint64_t size, struct error *err)
{
	static const struct header_extra nothing;
	bool folder = text_ends(name, "/");
	const struct tar_entry entry = {
		.kind = folder ? TAR_FOLDER : TAR_FILE,
		.path = name,
		.mode = folder ? 0755 : 0644,
		.size = size,
	};
	_cleanup_text struct text header = {};

	header_append(&header, &entry, &nothing);
	save->answer->entries++;
	return sink_write(save->sink, header.data, header.length, err);
}

static int end_member(struct save *save, uint64_t size, struct error *err)
{
	return sink_zeros(save->sink, header_padding(size), err);
}

static int copy(struct save *save, int fd, uint64_t size, struct error *err)
{
	unsigned char *room = sink_room(save->sink);
	uint64_t left = size;

	while (left > 0) {
		ssize_t count = read(fd, room, left < SINK_BLOCK ? (size_t)left : SINK_BLOCK);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, errno, "cannot read it");
		if (count == 0)
			return error_set(err, 0, "it has lost bytes while it was read");
		digest_update(save->digest, room, (size_t)count);
		if (sink_write(save->sink, room, (size_t)count, err) < 0)
			return -1;
		left -= (uint64_t)count;
	}
	return 0;
}

static int save_open(struct save *save, int fd, const struct layer_member *member,
                     struct error *err)
{
	char hex[LAYER_HEX + 1];
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot look at it");
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != member->size)
		return error_set(err, 0, "it has %lld bytes; %" PRIu64 " were announced",
		                 (long long)status.st_size, member->size);
	if (begin_member(save, member->name, member->size, err) < 0 ||
	    copy(save, fd, member->size, err) < 0)
		return -1;
	digest_finish(hex, save->digest);
	if (strcmp(hex, member->hex) != 0)
		return error_set(err, 0, "it is damaged: it hashes to sha256:%s", hex);
	return end_member(save, member->size, err);
}

static int save_blob(struct save *save, const struct layer_member *member, struct error *err)
{
	_cleanup_fd int fd =
	        io_open_beneath(LAYER_FD_FOLDER, member->hex, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return error_set(err, errno, "the blob sha256:%s", member->hex);
	if (save_open(save, fd, member, err) < 0)
		return error_prefix(err, "the blob sha256:%s", member->hex);
	return 0;
}

/* The bytes follow in the input. */
static int save_text(struct save *save, const struct layer_member *member, struct error *err)
{
	_cleanup_free char *bytes = malloc(member->size + 1);

	if (bytes == NULL)
		abort();
	for (size_t have = 0; have < member->size;) {
		ssize_t count = read(LAYER_FD_INPUT, bytes + have, member->size - have);

		if (count <= 0 && !(count < 0 && errno == EINTR))
			return error_set(err, count < 0 ? errno : 0, "cannot read %s",
			                 member->name);
		have += count > 0 ? (size_t)count : 0;
	}
	if (begin_member(save, member->name, member->size, err) < 0 ||
	    sink_write(save->sink, bytes, member->size, err) < 0)
		return -1;
	return end_member(save, member->size, err);
}

static int save_all(struct save *save, struct error *err)
{
	_cleanup_text struct text end = {};
	struct layer_member member;
	ssize_t count;

	while ((count = read(LAYER_FD_INPUT, &member, sizeof member)) == (ssize_t)sizeof member) {
		member.hex[LAYER_HEX] = member.name[sizeof member.name - 1] = '\0';
		if (member.hex[0] == '\0' && member.size > LIMIT_INDEX)
			return error_set(err, 0, "%s is too long", member.name);
		if ((member.hex[0] != '\0' ? save_blob : save_text)(save, &member, err) < 0)
			return -1;
	}
	if (count != 0)
		return error_set(err, 0, "the engine and its helper are of different builds");
	header_end(&end);
	if (sink_write(save->sink, end.data, end.length, err) < 0)
		return -1;
	return sink_finish(save->answer, save->sink, err);
}

int save_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct sink_target target = { .output = LAYER_FD_OUTPUT, .tally = request->tally };
	struct save save = { ret, sink_open(&target), digest_new() };
	int result;

	result = save_all(&save, err);
	sink_close(save.sink);
	digest_free(save.digest);
	return result;
}
