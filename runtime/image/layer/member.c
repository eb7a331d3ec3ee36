#include "runtime/image/layer/member.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>

static const char incoming[] = "incoming";

int member_open(struct member *ret, bool hash, struct error *err)
{
	int fd = openat(LAYER_FD_FOLDER, incoming, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "cannot make a file in the store");
	*ret = (struct member){ .fd = fd, .digest = hash ? digest_new() : NULL };
	return 0;
}

int member_write(struct member *member, const void *bytes, size_t length, struct error *err)
{
	if (member->digest != NULL)
		digest_update(member->digest, bytes, length);
	member->size += length;
	if (io_write_all(member->fd, bytes, length) < 0)
		return error_set(err, errno, "cannot write to the store");
	return 0;
}

int member_keep(char hex[LAYER_HEX + 1], struct member *member, struct error *err)
{
	if (member->digest != NULL)
		digest_finish(hex, member->digest);
	if (renameat(LAYER_FD_FOLDER, incoming, LAYER_FD_FOLDER, hex) < 0)
		return error_set(err, errno, "cannot name a file of the store");
	return 0;
}

void member_done(struct member *member)
{
	cleanup_close(&member->fd);
	digest_free(member->digest);
	*member = (struct member){ .fd = -1 };
}
