#include "runtime/image/layer/header.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Places in a ustar header (POSIX.1, pax: "ustar Interchange Format"). */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_CHECKSUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_MAJOR = 329,
	AT_MINOR = 337,
	ROOM_NAME = 100,
	ROOM_NUMBER = 8,
	ROOM_LONG = 12,
};

/* The largest numbers of seven and of eleven octal digits. */
#define MAX_NUMBER UINT64_C(07777777)
#define MAX_LONG   UINT64_C(077777777777)

static const char types[] = {
	[TAR_FILE] = '0', [TAR_FOLDER] = '5',    [TAR_SYMLINK] = '2', [TAR_HARDLINK] = '1',
	[TAR_FIFO] = '6', [TAR_CHARACTER] = '3', [TAR_BLOCK] = '4',   [TAR_OTHER] = '0',
};
static_assert(ARRAY_SIZE(types) == TAR_KINDS, "a type for every kind");

/* ---- records ---- */

static size_t count_digits(size_t number)
{
	size_t digits = 1;

	for (; number >= 10; number /= 10)
		digits++;
	return digits;
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
static void add_record(struct text *records, const char *key, const void *value, size_t length)
{
	size_t rest = 1 + strlen(key) + 1 + length + 1, total = rest + 1;

	while (total != rest + count_digits(total))
		total = rest + count_digits(total);
	text_printf(records, "%zu %s=", total, key);
	text_append_bytes(records, value, length);
	text_append_char(records, '\n');
}

static void add_text(struct text *records, const char *key, const char *value)
{
	add_record(records, key, value, strlen(value));
}

static void add_number(struct text *records, const char *key, int64_t number)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%" PRId64, number);
	add_text(records, key, digits);
}

static bool is_text(const char *name)
{
	size_t left = name == NULL ? 0 : strlen(name);

	while (left > 0) {
		size_t length = utf8_sequence(name, left);

		if (length == 0)
			return false;
		name += length;
		left -= length;
	}
	return true;
}

static void add_names(struct text *records, const struct tar_entry *entry, const char *path,
                      bool sparse)
{
	bool long_path = strlen(path) > ROOM_NAME;
	bool long_link = entry->link != NULL && strlen(entry->link) > ROOM_NAME;

	if ((long_path || sparse || long_link) && (!is_text(path) || !is_text(entry->link)))
		add_text(records, "hdrcharset", "BINARY");
	if (sparse)
		add_text(records, "GNU.sparse.name", path);
	else if (long_path)
		add_text(records, "path", path);
	if (long_link)
		add_text(records, "linkpath", entry->link);
}

/* What is stored behind the header. */
static uint64_t stored_size(const struct tar_entry *entry, const struct header_extra *extra)
{
	_cleanup_text struct text map = {};
	uint64_t size = 0;

	if (entry->kind != TAR_FILE)
		return 0;
	if (extra->extents == NULL)
		return entry->size;
	header_map(&map, extra);
	for (size_t i = 0; i < extra->extent_count; i++)
		size += extra->extents[i].length;
	return map.length + size;
}

static void add_numbers(struct text *records, const struct tar_entry *entry, uint64_t stored)
{
	if ((uint64_t)entry->uid > MAX_NUMBER)
		add_number(records, "uid", entry->uid);
	if ((uint64_t)entry->gid > MAX_NUMBER)
		add_number(records, "gid", entry->gid);
	if (stored > MAX_LONG)
		add_number(records, "size", (int64_t)stored);
	if (entry->modified.tv_sec < 0 || (uint64_t)entry->modified.tv_sec > MAX_LONG)
		add_number(records, "mtime", entry->modified.tv_sec);
}

static void add_attributes(struct text *records, const struct header_extra *extra)
{
	for (size_t i = 0; i < extra->attribute_count; i++) {
		const struct header_attribute *attribute = &extra->attributes[i];
		_cleanup_text struct text key = {};

		text_printf(&key, "SCHILY.xattr.%s", attribute->name);
		add_record(records, key.data, attribute->value, attribute->length);
	}
}

/* ---- blocks ---- */

/* Octal, with a NUL behind; what does not fit stands in a record, and here is 0. */
static void put_number(char *field, size_t room, uint64_t number)
{
	char digits[32];

	if (number > (room == ROOM_LONG ? MAX_LONG : MAX_NUMBER))
		number = 0;
	snprintf(digits, sizeof digits, "%0*" PRIo64, (int)room - 1, number);
	memcpy(field, digits, room);
}

static void put_text(char *field, const char *text)
{
	size_t length = strlen(text);

	memcpy(field, text, length > ROOM_NAME ? ROOM_NAME : length);
}

static void put_checksum(char *block)
{
	unsigned sum = 0;
	char digits[16];

	memset(block + AT_CHECKSUM, ' ', ROOM_NUMBER);
	for (size_t i = 0; i < HEADER_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(digits, sizeof digits, "%06o", sum);
	memcpy(block + AT_CHECKSUM, digits, 7); /* six digits, a NUL, and the blank that is there */
}

/* Behind `size` bytes. */
static void pad(struct text *ret, size_t size)
{
	static const char zeros[HEADER_BLOCK];

	text_append_bytes(ret, zeros, header_padding(size));
}

static void add_block(struct text *ret, const struct tar_entry *entry, const char *path,
                      uint64_t stored, char type)
{
	char block[HEADER_BLOCK] = "";

	put_text(block + AT_NAME, path);
	put_number(block + AT_MODE, ROOM_NUMBER, entry->mode & 07777);
	put_number(block + AT_UID, ROOM_NUMBER, (uint64_t)entry->uid);
	put_number(block + AT_GID, ROOM_NUMBER, (uint64_t)entry->gid);
	put_number(block + AT_SIZE, ROOM_LONG, stored);
	put_number(block + AT_MTIME, ROOM_LONG, (uint64_t)entry->modified.tv_sec);
	block[AT_TYPE] = type;
	if (entry->link != NULL)
		put_text(block + AT_LINK, entry->link);
	memcpy(block + AT_MAGIC, "ustar\00000", 8);
	if (entry->kind == TAR_CHARACTER || entry->kind == TAR_BLOCK) {
		put_number(block + AT_MAJOR, ROOM_NUMBER, entry->major);
		put_number(block + AT_MINOR, ROOM_NUMBER, entry->minor);
	}
	put_checksum(block);
	text_append_bytes(ret, block, sizeof block);
}

static void add_extension(struct text *ret, const struct text *records)
{
	const struct tar_entry header = { .kind = TAR_OTHER, .mode = 0644 };

	if (records->length == 0)
		return;
	add_block(ret, &header, "PaxHeaders/entry", records->length, 'x');
	text_append_bytes(ret, records->data, records->length);
	pad(ret, records->length);
}

void header_append(struct text *ret, const struct tar_entry *entry,
                   const struct header_extra *extra)
{
	_cleanup_text struct text records = {}, path = {};
	bool sparse = extra->extents != NULL;
	uint64_t stored = stored_size(entry, extra);

	text_append(&path, entry->path);
	if (entry->kind == TAR_FOLDER && !text_ends(entry->path, "/"))
		text_append_char(&path, '/');
	add_names(&records, entry, text_string(&path), sparse);
	if (sparse) {
		add_text(&records, "GNU.sparse.major", "1");
		add_text(&records, "GNU.sparse.minor", "0");
		add_number(&records, "GNU.sparse.realsize", (int64_t)entry->size);
	}
	add_numbers(&records, entry, stored);
	add_attributes(&records, extra);
	add_extension(ret, &records);
	/* GNU tar's own choice: who does not know sparse files gets the map and data under a name
	 * that nothing else has */
	add_block(ret, entry, sparse ? "GNUSparseFile.0/entry" : text_string(&path), stored,
	          types[entry->kind]);
}

void header_map(struct text *ret, const struct header_extra *extra)
{
	_cleanup_text struct text map = {};

	text_printf(&map, "%zu\n", extra->extent_count);
	for (size_t i = 0; i < extra->extent_count; i++)
		text_printf(&map, "%" PRIu64 "\n%" PRIu64 "\n", extra->extents[i].offset,
		            extra->extents[i].length);
	pad(&map, map.length);
	text_append_bytes(ret, map.data, map.length);
}

void header_end(struct text *ret)
{
	static const char zeros[2 * HEADER_BLOCK];

	text_append_bytes(ret, zeros, sizeof zeros);
}
