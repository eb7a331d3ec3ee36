/* The other half of a trace: its records are read, and every question is asked again. */
#include "runtime/profile/trace_parts.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool take_bytes(struct cursor *cursor, const char **ret, size_t *length)
{
	uint32_t number;

	if ((size_t)(cursor->end - cursor->next) < sizeof number)
		return false;
	memcpy(&number, cursor->next, sizeof number);
	cursor->next += sizeof number;
	if ((size_t)(cursor->end - cursor->next) < number)
		return false;
	*ret = cursor->next;
	*length = number;
	cursor->next += number;
	return true;
}

int record_next(struct record *ret, struct cursor *cursor)
{
	unsigned char kind;
	size_t length;

	if (cursor->next >= cursor->end)
		return 0;
	kind = (unsigned char)*cursor->next++;
	if (kind >= RECORD_KINDS || !take_bytes(cursor, &ret->path, &length) || length == 0 ||
	    ret->path[length - 1] != '\0' || !take_bytes(cursor, &ret->answer, &ret->length))
		return -1;
	ret->kind = (enum record_kind)kind;
	return 1;
}

int record_name_next(struct record_name *ret, struct cursor *cursor)
{
	size_t room, size;

	if (cursor->next >= cursor->end)
		return 0;
	room = (size_t)(cursor->end - cursor->next);
	size = strnlen(cursor->next, room) + 1;
	if (room < size + sizeof ret->stamp)
		return -1;
	ret->name = cursor->next;
	memcpy(&ret->stamp, cursor->next + size, sizeof ret->stamp);
	cursor->next += size + sizeof ret->stamp;
	return 1;
}

static bool stamp_holds(const char *path, const struct trace_stamp *then)
{
	struct trace_stamp now = stamp_of(AT_FDCWD, path);

	return memcmp(&now, then, sizeof now) == 0;
}

/* A file that has become something else holds, if that reads the same. */
static bool text_holds(const char *path, const char *text, size_t length)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free char *now = fd < 0 ? NULL : malloc(length + 1);

	return now != NULL && trace_read_exactly(fd, now, length) && memcmp(now, text, length) == 0;
}

static bool file_holds(const struct record *record)
{
	struct trace_stamp then;

	if (record->length < sizeof then)
		return false;
	memcpy(&then, record->answer, sizeof then);
	if (then.changed != 0 && stamp_holds(record->path, &then))
		return true;
	return text_holds(record->path, record->answer + sizeof then, record->length - sizeof then);
}

static bool absent_holds(const struct record *record)
{
	return record->length == 0 && access(record->path, F_OK) < 0 &&
	       (errno == ENOENT || errno == ENOTDIR);
}

/* The names are the same if the folder is; the files have to be asked one by one. */
static bool folder_holds(const struct record *record)
{
	struct cursor cursor = { record->answer, record->answer + record->length };
	struct trace_stamp then;
	struct record_name row;
	char file[PATH_MAX];
	int status;

	if (record->length == 0)
		return absent_holds(record);
	if (record->length < sizeof then)
		return false;
	memcpy(&then, record->answer, sizeof then);
	cursor.next += sizeof then;
	if (!stamp_holds(record->path, &then))
		return false;
	while ((status = record_name_next(&row, &cursor)) == 1)
		if ((size_t)snprintf(file, sizeof file, "%s/%s%s", record->path, row.name,
		                     TRACE_SUFFIX) >= sizeof file ||
		    !stamp_holds(file, &row.stamp))
			return false;
	return status == 0;
}

bool trace_holds(const char *records, size_t length)
{
	static bool (*const holds[])(const struct record *) = {
		[RECORD_FILE] = file_holds,
		[RECORD_ABSENT] = absent_holds,
		[RECORD_FOLDER] = folder_holds,
	};
	struct cursor cursor = { records, records + length };
	struct record record;
	int status;

	_Static_assert(ARRAY_SIZE(holds) == RECORD_KINDS, "an answer for every question");
	while ((status = record_next(&record, &cursor)) == 1)
		if (!holds[record.kind](&record))
			return false;
	return status == 0;
}
