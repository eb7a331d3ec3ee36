/* trace: see trace.h, and trace_parts.h for the records. */
#include "runtime/profile/trace_parts.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	TEXT_LIMIT = 1 << 20,
	NAMES_LIMIT = 4096,
	/* Two ticks of the slowest clock file times are taken from (CONFIG_HZ=100). */
	SETTLE_NS = 20000000,
};

struct listed {
	const char *name; /* without the suffix */
	struct trace_stamp stamp;
};

struct listing {
	struct listed *items;
	size_t count, room;
	bool there;
	struct trace_stamp folder;
};

void trace_done(struct trace *trace)
{
	text_done(&trace->records);
}

static void put_bytes(struct text *records, const void *bytes, size_t length)
{
	uint32_t number = (uint32_t)length;

	text_append_bytes(records, &number, sizeof number);
	text_append_bytes(records, bytes, length);
}

static void put_record(struct trace *trace, enum record_kind kind, const char *path,
                       const void *answer, size_t length)
{
	text_append_char(&trace->records, (char)kind);
	put_bytes(&trace->records, path, strlen(path) + 1);
	put_bytes(&trace->records, answer, length);
}

/* What the list of a folder says of one name: that it is not there (stamp NULL), or that it is
 * this. */
static bool lists(const struct record *folder, const char *name, const struct trace_stamp *stamp)
{
	struct cursor cursor = { folder->answer, folder->answer + folder->length };
	size_t stem = strlen(name) - (sizeof TRACE_SUFFIX - 1);
	struct record_name row;

	if (folder->length == 0)
		return stamp == NULL;
	cursor.next += sizeof(struct trace_stamp);
	while (record_name_next(&row, &cursor) == 1)
		if (strncmp(row.name, name, stem) == 0 && row.name[stem] == '\0')
			return stamp != NULL && stamp->changed != 0 &&
			       memcmp(stamp, &row.stamp, sizeof row.stamp) == 0;
	return stamp == NULL;
}

/* Who asks a folder again has asked for its profiles: most of what is looked for by name then. */
static bool is_answered(const struct trace *trace, const char *path,
                        const struct trace_stamp *stamp)
{
	struct cursor cursor = { trace->records.data, trace->records.data + trace->records.length };
	const char *slash = strrchr(path, '/');
	struct record record;

	if (slash == NULL || slash[1] == '.' || !text_ends(slash, TRACE_SUFFIX))
		return false;
	while (record_next(&record, &cursor) == 1)
		if (record.kind == RECORD_FOLDER && strlen(record.path) == (size_t)(slash - path) &&
		    memcmp(record.path, path, (size_t)(slash - path)) == 0)
			return lists(&record, slash + 1, stamp);
	return false;
}

void trace_add_file(struct trace *trace, const struct trace_file *file)
{
	_cleanup_text struct text answer = {};

	if (is_answered(trace, file->path, &file->stamp))
		return;
	text_append_bytes(&answer, &file->stamp, sizeof file->stamp);
	text_append_bytes(&answer, file->text, file->length);
	put_record(trace, RECORD_FILE, file->path, answer.data, answer.length);
}

void trace_add_absent(struct trace *trace, const char *path)
{
	if (!is_answered(trace, path, NULL))
		put_record(trace, RECORD_ABSENT, path, "", 0);
}

static int64_t to_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static struct trace_stamp stamp_from(const struct stat *status)
{
	return (struct trace_stamp){
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.modified = to_ns(&status->st_mtim),
		.changed = to_ns(&status->st_ctim),
	};
}

/* A change after this moment has another time than all that is settled. */
static int64_t settled_before(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return to_ns(&now) - SETTLE_NS;
}

/* 1, 0 where there is none, -1 with errno (0: not a regular file). */
static int open_text(int *ret, struct trace_stamp *stamp, const char *path)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return -1;
	errno = S_ISREG(status.st_mode) ? EFBIG : 0;
	if (!S_ISREG(status.st_mode) || status.st_size > TEXT_LIMIT)
		return -1;
	*stamp = stamp_from(&status);
	*ret = cleanup_take_fd(&fd);
	return 1;
}

bool trace_read_exactly(int fd, char *buffer, size_t size)
{
	size_t have = 0;

	while (have <= size) {
		ssize_t count = read(fd, buffer + have, size + 1 - have);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		have += (size_t)count;
		/* A regular file gives all there is: less than was asked for is the end. */
		if (have == size)
			return true;
		if (count == 0)
			break;
	}
	errno = EBUSY;
	return false;
}

int trace_read(struct trace_file *ret, struct arena *arena, const char *path, struct error *err)
{
	_cleanup_fd int fd = -1;
	struct trace_stamp stamp = {};
	int found = open_text(&fd, &stamp, path);
	size_t size = stamp.size;
	char *text;

	if (found == 0)
		return 0;
	if (found < 0 && errno == 0)
		return error_set(err, 0, "cannot read the profile %s: not a regular file", path);
	if (found < 0)
		return error_set(err, errno, "cannot read the profile %s", path);
	text = arena_alloc(arena, size + 1);
	if (!trace_read_exactly(fd, text, size))
		return error_set(err, errno, "cannot read the profile %s", path);
	text[size] = '\0';
	if (stamp.changed > settled_before())
		stamp = (struct trace_stamp){};
	*ret = (struct trace_file){ arena_strdup(arena, path), text, size, stamp };
	return 1;
}

struct trace_stamp stamp_of(int folder, const char *name)
{
	struct stat status;

	if (fstatat(folder, name, &status, 0) < 0)
		return (struct trace_stamp){};
	return stamp_from(&status);
}

static int compare_listed(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

static void add_listed(struct listing *listing, struct arena *arena, int folder, const char *name)
{
	size_t length = strlen(name), stem = length - (sizeof TRACE_SUFFIX - 1);

	if (length < sizeof TRACE_SUFFIX || name[0] == '.' || !text_ends(name, TRACE_SUFFIX))
		return;
	listing->items = arena_more(arena, listing->items, listing->count, &listing->room,
	                            sizeof *listing->items);
	listing->items[listing->count++] =
	        (struct listed){ arena_text(arena, name, stem), stamp_of(folder, name) };
}

/* 0, or -1 with errno. An absent folder is an empty list, and not there. */
static int list_folder(struct listing *ret, struct arena *arena, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir DIR *stream = NULL;
	struct listing listing = {};
	struct dirent *entry;

	*ret = listing;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	stream = fdopendir(fd);
	if (stream == NULL) {
		close(fd);
		return -1;
	}
	/* before it is read: what is added meanwhile makes another of it */
	listing.there = true;
	listing.folder = stamp_of(fd, ".");
	while (errno = 0, listing.count < NAMES_LIMIT && (entry = readdir(stream)) != NULL)
		add_listed(&listing, arena, fd, entry->d_name);
	if (listing.count == NAMES_LIMIT)
		errno = E2BIG;
	if (errno != 0)
		return -1;
	if (listing.count > 0)
		qsort(listing.items, listing.count, sizeof *listing.items, compare_listed);
	*ret = listing;
	return 0;
}

static void put_listing(struct text *ret, const struct listing *listing)
{
	if (listing->there)
		text_append_bytes(ret, &listing->folder, sizeof listing->folder);
	for (size_t i = 0; i < listing->count; i++) {
		text_append_bytes(ret, listing->items[i].name, strlen(listing->items[i].name) + 1);
		text_append_bytes(ret, &listing->items[i].stamp, sizeof(struct trace_stamp));
	}
}

static bool is_settled(const struct listing *listing)
{
	int64_t before = settled_before();

	if (listing->folder.changed > before)
		return false;
	for (size_t i = 0; i < listing->count; i++) {
		if (listing->items[i].stamp.changed > before)
			return false;
	}
	return true;
}

int trace_list(const char ***names, size_t *count, struct trace *trace, struct arena *arena,
               const char *folder, struct error *err)
{
	_cleanup_text struct text answer = {};
	struct listing listing;
	const char **list;

	if (list_folder(&listing, arena, folder) < 0)
		return error_set(err, errno, "cannot read the profile folder %s", folder);
	put_listing(&answer, &listing);
	put_record(trace, RECORD_FOLDER, folder, text_string(&answer), answer.length);
	if (!is_settled(&listing))
		trace->unsettled = true;
	list = arena_array(arena, listing.count, sizeof *list);
	for (size_t i = 0; i < listing.count; i++)
		list[i] = listing.items[i].name;
	*names = list;
	*count = listing.count;
	return 0;
}
