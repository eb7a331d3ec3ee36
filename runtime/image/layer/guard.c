#include "runtime/image/layer/guard.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <errno.h>
#include <string.h>

/* Offsets in a header block (tar(5)). */
enum {
	AT_NAME = 0,
	AT_SIZE = 124,
	AT_CHECKSUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_PREFIX = 345,
	AT_SPARSE_MORE = 482,      /* old GNU sparse: a map block follows */
	AT_SPARSE_MORE_NEXT = 504, /* the same in that block */
	SIZE_NAME = 100,
	SIZE_NUMBER = 12,
	SIZE_CHECKSUM = 8,
	SIZE_PREFIX = 155,
	SIZE_PREFIX_STAR = 131, /* star keeps two times behind it, and "tar" at the very end */
	AT_STAR = 508,
};

/* Octal digits between blanks, ended by a blank, a NUL or the field; or base-256. */
static bool read_number(uint64_t *ret, const unsigned char *field, size_t length)
{
	uint64_t value = 0;
	size_t i = 0;

	if (field[0] & 0x80) {
		value = field[0] & 0x3f;
		if (field[0] & 0x40) /* negative */
			return false;
		for (i = 1; i < length; i++) {
			if (value >> 55 != 0)
				return false;
			value = value << 8 | field[i];
		}
		*ret = value;
		return true;
	}
	while (i < length && field[i] == ' ')
		i++;
	for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	if (i < length && field[i] != '\0' && field[i] != ' ')
		return false;
	*ret = value;
	return true;
}

static bool checksum_holds(const unsigned char *block)
{
	uint64_t wanted, sum = 0;
	int64_t signed_sum = 0; /* old writers summed signed characters */

	if (!read_number(&wanted, block + AT_CHECKSUM, SIZE_CHECKSUM))
		return false;
	for (size_t i = 0; i < GUARD_BLOCK; i++) {
		bool blank = i >= AT_CHECKSUM && i < AT_CHECKSUM + SIZE_CHECKSUM;
		unsigned char byte = blank ? ' ' : block[i];

		sum += byte;
		signed_sum += (signed char)byte;
	}
	return wanted == sum || (int64_t)wanted == signed_sum;
}

/* Nothing but NULs behind the first one. */
static bool ends_clean(const unsigned char *field, size_t length)
{
	const unsigned char *end = memchr(field, '\0', length);

	for (; end != NULL && end < field + length; end++)
		if (*end != '\0')
			return false;
	return true;
}

static int refuse_nul(struct error *err)
{
	return error_set(err, 0, "an entry's name holds a NUL byte");
}

static int check_names(const unsigned char *block, struct error *err)
{
	bool posix = memcmp(block + AT_MAGIC, "ustar\0", 6) == 0;
	bool star = memcmp(block + AT_STAR, "tar", 4) == 0;

	if (!ends_clean(block + AT_NAME, SIZE_NAME) || !ends_clean(block + AT_LINK, SIZE_NAME) ||
	    (posix && !ends_clean(block + AT_PREFIX, star ? SIZE_PREFIX_STAR : SIZE_PREFIX)))
		return refuse_nul(err);
	return 0;
}

static uint64_t padded(uint64_t size)
{
	return (size + GUARD_BLOCK - 1) / GUARD_BLOCK * GUARD_BLOCK;
}

static void expect(struct guard *guard, enum guard_place place, size_t want)
{
	guard->place = place;
	guard->have = 0;
	guard->want = want;
}

static void expect_data(struct guard *guard, uint64_t size)
{
	guard->left = padded(size);
	expect(guard, guard->left > 0 ? GUARD_DATA : GUARD_HEADER, GUARD_BLOCK);
}

static int begin_extension(struct guard *guard, unsigned char type, uint64_t size,
                           struct error *err)
{
	if (size > LIMIT_HEADER)
		return error_set(err, 0, "an extension header of %llu bytes; %d are taken",
		                 (unsigned long long)size, LIMIT_HEADER);
	guard->type = type;
	guard->body = size;
	if (size > 0)
		expect(guard, GUARD_EXTENSION, padded(size));
	else
		expect(guard, GUARD_HEADER, GUARD_BLOCK);
	return 0;
}

static int take_header(struct guard *guard, struct error *err)
{
	static const unsigned char zeros[GUARD_BLOCK];
	const unsigned char *block = guard->bytes;
	unsigned char type = block[AT_TYPE];
	uint64_t size;

	if (memcmp(block, zeros, GUARD_BLOCK) == 0) {
		guard->place = GUARD_END;
		return 0;
	}
	if (!checksum_holds(block))
		return error_set(err, 0, "the archive is damaged: no header where one must stand");
	if (!read_number(&size, block + AT_SIZE, SIZE_NUMBER) || size > INT64_MAX)
		return error_set(err, 0, "the archive is damaged: a size that is no number");
	if (check_names(block, err) < 0)
		return -1;
	if (strchr("xgXLK", type) != NULL && type != '\0')
		return begin_extension(guard, type, size, err);
	if (guard->has_size)
		size = guard->size;
	guard->has_size = false;
	if (type >= '1' && type <= '6') /* links, devices, folders, fifos have no data */
		size = 0;
	if (size > LIMIT_TREE)
		return error_set(err, 0, "an entry of %llu bytes; a layer may have %llu GiB",
		                 (unsigned long long)size, (unsigned long long)(LIMIT_TREE >> 30));
	if (type == 'S' && block[AT_SPARSE_MORE] != 0) {
		guard->size = size;
		expect(guard, GUARD_SPARSE, GUARD_BLOCK);
		return 0;
	}
	expect_data(guard, size);
	return 0;
}

static void take_sparse(struct guard *guard)
{
	if (guard->bytes[AT_SPARSE_MORE_NEXT] != 0)
		expect(guard, GUARD_SPARSE, GUARD_BLOCK);
	else
		expect_data(guard, guard->size);
}

/* Decimal numbers, of which libarchive reads as much as it can ("1e3" is 1); other readers refuse
 * them, or read something else. */
static bool is_number_key(const char *key)
{
	static const char *const keys[] = { "size", "uid", "gid" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* One record, "LENGTH KEY=VALUE\n", with its newline already a NUL. */
static int take_record(struct guard *guard, char *key, char *end, struct error *err)
{
	char *equals = memchr(key, '=', (size_t)(end - key));
	size_t length = equals == NULL ? 0 : (size_t)(end - equals - 1);
	char *value = equals == NULL ? end : equals + 1;
	uint64_t number;

	if (equals == NULL || equals == key)
		return error_set(err, 0, "the archive is damaged: a PAX record without a key");
	*equals = '\0';
	if (strlen(key) != (size_t)(equals - key))
		return refuse_nul(err);
	if ((strcmp(key, "path") == 0 || strcmp(key, "linkpath") == 0) && strlen(value) != length)
		return refuse_nul(err);
	if (!is_number_key(key))
		return 0;
	if (strcmp(key, "size") == 0 && guard->type == 'g')
		return error_set(err, 0, "the archive gives one size to all of its entries");
	if (strlen(value) != length || !text_to_number(&number, value, INT64_MAX))
		return error_set(err, 0, "the archive is damaged: a %s that is no number", key);
	if (strcmp(key, "size") == 0) {
		guard->size = number;
		guard->has_size = true;
	}
	return 0;
}

static int take_records(struct guard *guard, struct error *err)
{
	char *next = (char *)guard->bytes, *end = next + guard->body;

	while (next < end) {
		char *blank =
		        memchr(next, ' ', (size_t)(end - next) < 20 ? (size_t)(end - next) : 20);
		uint64_t length;

		if (blank == NULL)
			return error_set(err, 0,
			                 "the archive is damaged: a PAX record without a length");
		*blank = '\0';
		if (!text_to_number(&length, next, (uint64_t)(end - next)) ||
		    length < (uint64_t)(blank - next) + 2 || next[length - 1] != '\n')
			return error_set(err, 0,
			                 "the archive is damaged: a PAX record of a wrong length");
		next[length - 1] = '\0';
		if (take_record(guard, blank + 1, next + length - 1, err) < 0)
			return -1;
		next += length;
	}
	return 0;
}

static int take_extension(struct guard *guard, struct error *err)
{
	bool is_name = guard->type == 'L' || guard->type == 'K';

	if (is_name && !ends_clean(guard->bytes, guard->body))
		return refuse_nul(err);
	if (!is_name && take_records(guard, err) < 0)
		return -1;
	expect(guard, GUARD_HEADER, GUARD_BLOCK);
	return 0;
}

static int take(struct guard *guard, struct error *err)
{
	switch (guard->place) {
	case GUARD_HEADER:
		return take_header(guard, err);
	case GUARD_EXTENSION:
		return take_extension(guard, err);
	default:
		take_sparse(guard);
		return 0;
	}
}

int guard_feed(struct guard *guard, const void *bytes, size_t length, struct error *err)
{
	const unsigned char *next = bytes;

	if (guard->want == 0)
		guard->want = GUARD_BLOCK;
	while (length > 0 && guard->place != GUARD_END) {
		bool data = guard->place == GUARD_DATA;
		uint64_t wanted = data ? guard->left : guard->want - guard->have;
		size_t taken = length < wanted ? length : (size_t)wanted;

		if (data) {
			guard->left -= taken;
		} else {
			memcpy(guard->bytes + guard->have, next, taken);
			guard->have += taken;
		}
		next += taken;
		length -= taken;
		if (data && guard->left == 0)
			expect(guard, GUARD_HEADER, GUARD_BLOCK);
		else if (!data && guard->have == guard->want && take(guard, err) < 0)
			return -1;
	}
	return 0;
}
