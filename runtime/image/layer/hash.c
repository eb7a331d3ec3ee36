/*
 * hash: do files still hold what their names say? Each is read once and only compared; what stands
 * in its place and is no file is not opened any further.
 */
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 256 << 10 };

struct hasher {
	struct digest *digest;
	FILE *listing;
	struct layer_answer *answer;
	unsigned char block[BLOCK];
};

static void complain(struct hasher *hasher, const char *why)
{
	fprintf(hasher->listing, "- %s\n", why);
}

/* 0, or -1 with errno. */
static int hash_file(struct hasher *hasher, uint64_t *size, char hex[LAYER_HEX + 1], int fd)
{
	ssize_t count = 1;

	*size = 0;
	while (count != 0) {
		count = read(fd, hasher->block, BLOCK);
		if (count < 0 && errno != EINTR)
			break;
		if (count > 0) {
			digest_update(hasher->digest, hasher->block, (size_t)count);
			*size += (uint64_t)count;
		}
	}
	digest_finish(hex, hasher->digest);
	return count < 0 ? -1 : 0;
}

static void hash_one(struct hasher *hasher, const char *name)
{
	_cleanup_fd int fd = io_open_beneath(LAYER_FD_FOLDER, name, O_RDONLY | O_NONBLOCK, 0);
	char hex[LAYER_HEX + 1];
	struct stat status;
	uint64_t size;

	if (fd < 0 || fstat(fd, &status) < 0) {
		complain(hasher, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		complain(hasher, "it is not a file");
	} else if (hash_file(hasher, &size, hex, fd) < 0) {
		complain(hasher, strerror(errno));
	} else {
		fprintf(hasher->listing, "%s %llu\n", hex, (unsigned long long)size);
		hasher->answer->entries++;
		hasher->answer->blob_size += size;
	}
}

static void hash_all(struct hasher *hasher, char *names)
{
	char *save = NULL;

	for (char *name = strtok_r(names, "\n", &save); name != NULL;
	     name = strtok_r(NULL, "\n", &save))
		hash_one(hasher, name);
}

int hash_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	struct hasher *hasher = calloc(1, sizeof *hasher);
	_cleanup_text struct text names = {};
	int result;

	(void)request;
	if (hasher == NULL)
		abort();
	hasher->answer = ret;
	hasher->listing = fdopen(LAYER_FD_LISTING, "w");
	if (hasher->listing == NULL) {
		free(hasher);
		return error_set(err, errno, "cannot write the listing");
	}
	hasher->digest = digest_new();
	result = io_read_all(&names, LAYER_FD_INPUT, LIMIT_LISTING, err);
	if (result == 0 && names.length > 0)
		hash_all(hasher, names.data);
	if (fclose(hasher->listing) != 0 && result == 0)
		result = error_set(err, errno, "cannot write the listing");
	digest_free(hasher->digest);
	free(hasher);
	return result;
}
