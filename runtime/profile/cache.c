/* cache: see cache.h. */
#include "runtime/profile/cache.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/hash.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

enum {
	ENTRY_FORMAT = 1,
	ENTRY_LIMIT = 16 << 20,
	NAME_LENGTH = 16,
};

static const char folder_name[] = "plans";

struct header {
	char magic[8];
	uint32_t format;
	uint32_t key, trace, confinement; /* lengths */
	uint64_t hash;                    /* of what follows */
};

static const char entry_magic[8] = "cordonE";

static void entry_name(char name[NAME_LENGTH + 1], const struct text *key)
{
	snprintf(name, NAME_LENGTH + 1, "%016" PRIx64,
	         hash_bytes(HASH_START, key->data, key->length));
}

/* A file in one read; NULL where it is not all of a regular file of the caller's that nobody else
 * may write (others must not choose our walls). */
static char *read_entry(struct arena *arena, const char *path, size_t *length)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *bytes;

	if (fd < 0 || fstat(fd, &status) < 0)
		return NULL;
	if (!S_ISREG(status.st_mode) || status.st_uid != getauxval(AT_EUID) ||
	    (status.st_mode & 022) || status.st_size < (off_t)sizeof(struct header) ||
	    status.st_size > ENTRY_LIMIT)
		return NULL;
	*length = (size_t)status.st_size;
	bytes = arena_alloc(arena, *length);
	return read(fd, bytes, *length) == status.st_size ? bytes : NULL;
}

static bool check_entry(struct header *ret, const char *bytes, size_t length)
{
	memcpy(ret, bytes, sizeof *ret);
	return memcmp(ret->magic, entry_magic, sizeof entry_magic) == 0 &&
	       ret->format == ENTRY_FORMAT &&
	       (uint64_t)ret->key + ret->trace + ret->confinement == length - sizeof *ret &&
	       ret->hash == hash_bytes(HASH_START, bytes + sizeof *ret, length - sizeof *ret);
}

bool cache_find(struct confinement *ret, struct arena *arena, const struct paths *paths,
                const struct text *key)
{
	char name[NAME_LENGTH + 1], path[PATH_MAX];
	struct header header;
	struct error ignored;
	size_t length;
	char *bytes;

	entry_name(name, key);
	if ((size_t)snprintf(path, sizeof path, "%s/%s/%s", paths->cache, folder_name, name) >=
	    sizeof path)
		return false;
	bytes = read_entry(arena, path, &length);
	if (bytes == NULL || !check_entry(&header, bytes, length))
		return false;
	bytes += sizeof header;
	if (header.key != key->length || memcmp(bytes, key->data, key->length) != 0)
		return false;
	bytes += header.key;
	if (!trace_holds(bytes, header.trace))
		return false;
	bytes += header.trace;
	return confinement_decode(ret, arena, bytes, header.confinement, &ignored) == 0;
}

struct aged {
	char name[64];
	struct timespec modified;
};

static int compare_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct aged *)a)->modified;
	const struct timespec *y = &((const struct aged *)b)->modified;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Collects at most `most` files; what is more is left to the next time. */
static size_t collect(struct aged *ret, size_t most, DIR *stream)
{
	struct dirent *entry;
	struct stat status;
	size_t count = 0;

	while (count < most && (entry = readdir(stream)) != NULL) {
		if (strlen(entry->d_name) >= sizeof ret->name)
			continue;
		if (fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(status.st_mode))
			continue;
		strcpy(ret[count].name, entry->d_name);
		ret[count++].modified = status.st_mtim;
	}
	return count;
}

/* Temporary files of writers that were killed are files like others, and grow old too. */
static void prune(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	_cleanup_free struct aged *files = NULL;
	size_t most = 8 * (size_t)CACHE_ENTRIES_MAX, count;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	files = calloc(most, sizeof *files);
	if (files == NULL)
		return;
	count = collect(files, most, stream);
	if (count <= CACHE_ENTRIES_MAX)
		return;
	qsort(files, count, sizeof *files, compare_age);
	for (size_t i = 0; i < count - CACHE_ENTRIES_MAX; i++)
		unlinkat(folder, files[i].name, 0);
}

void cache_keep(const struct paths *paths, const struct text *key, const struct trace *trace,
                const struct confinement *confinement)
{
	_cleanup_text struct text entry = {};
	struct header header = { .format = ENTRY_FORMAT };
	char name[NAME_LENGTH + 1];
	struct error ignored;
	_cleanup_fd int folder = -1;

	if (trace->unsettled)
		return;
	memcpy(header.magic, entry_magic, sizeof header.magic);
	text_append_bytes(&entry, &header, sizeof header);
	text_append_bytes(&entry, key->data, key->length);
	text_append_bytes(&entry, trace->records.data, trace->records.length);
	confinement_encode(&entry, confinement);
	if (entry.length > ENTRY_LIMIT)
		return;
	header.key = (uint32_t)key->length;
	header.trace = (uint32_t)trace->records.length;
	header.confinement = (uint32_t)(entry.length - sizeof header - header.key - header.trace);
	header.hash =
	        hash_bytes(HASH_START, entry.data + sizeof header, entry.length - sizeof header);
	memcpy(entry.data, &header, sizeof header);

	folder = paths_open_dir(paths->cache, folder_name, &ignored);
	if (folder < 0)
		return;
	entry_name(name, key);
	if (io_replace_file(folder, name, entry.data, entry.length, IO_VOLATILE, &ignored) == 0)
		prune(folder);
}
