/* Headers that are written: byte for byte where it matters, and read by the guard, which knows what
 * a header may be; what other readers make of them is tests/integration/save.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/image/layer/guard.h"
#include "runtime/image/layer/header.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct header_extra nothing;

static struct tar_entry file(const char *path, uint64_t size)
{
	return (struct tar_entry){ .kind = TAR_FILE, .path = path, .mode = 0644, .size = size };
}

/* The record of an extension header, NULL-terminated in `ret`. */
static const char *record(const struct text *text, const char *key)
{
	static char found[8192];
	const char *at = memmem(text->data, text->length, key, strlen(key));
	const char *end;

	if (at == NULL)
		return NULL;
	at += strlen(key);
	end = memchr(at, '\n', text->length - (size_t)(at - text->data));
	assert_non_null(end);
	memcpy(found, at, (size_t)(end - at));
	found[end - at] = '\0';
	return found;
}

static void assert_guarded(const struct text *text)
{
	struct guard *guard = calloc(1, sizeof *guard);
	struct error err = {};

	assert_int_equal(text->length % HEADER_BLOCK, 0);
	assert_int_equal(guard_feed(guard, text->data, text->length, &err), 0);
	free(guard);
}

static void test_plain(void **state)
{
	_cleanup_text struct text text = {};
	struct tar_entry entry = file("usr/bin/env", 1234);

	(void)state;
	entry.uid = 1000;
	entry.gid = 50;
	entry.mode = 04755;
	entry.modified.tv_sec = 1577934245;
	header_append(&text, &entry, &nothing);
	assert_int_equal(text.length, HEADER_BLOCK);
	assert_string_equal(text.data, "usr/bin/env");
	assert_string_equal(text.data + 100, "0004755");
	assert_string_equal(text.data + 108, "0001750");
	assert_string_equal(text.data + 116, "0000062");
	assert_string_equal(text.data + 124, "00000002322");
	assert_string_equal(text.data + 136, "13603256645");
	assert_int_equal(text.data[156], '0');
	assert_memory_equal(text.data + 257, "ustar\00000", 8);
	text_append_bytes(&text, (char[1536]){ 0 }, 1536);
	header_end(&text);
	assert_guarded(&text);
}

static void test_kinds(void **state)
{
	static const struct {
		enum tar_kind kind;
		char type;
		const char *name;
	} rows[] = {
		{ TAR_FOLDER, '5', "a/" }, { TAR_SYMLINK, '2', "a" },   { TAR_HARDLINK, '1', "a" },
		{ TAR_FIFO, '6', "a" },    { TAR_CHARACTER, '3', "a" }, { TAR_BLOCK, '4', "a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text text = {};
		struct tar_entry entry = {
			.kind = rows[i].kind,
			.path = "a",
			.link = "to",
			.size = 77,
			.major = 5,
			.minor = 9,
		};

		header_append(&text, &entry, &nothing);
		assert_int_equal(text.length, HEADER_BLOCK);
		assert_string_equal(text.data, rows[i].name);
		assert_int_equal(text.data[156], rows[i].type);
		assert_string_equal(text.data + 124, "00000000000");
		assert_string_equal(text.data + 157, "to");
		if (rows[i].kind == TAR_CHARACTER)
			assert_string_equal(text.data + 337, "0000011");
		header_end(&text);
		assert_guarded(&text);
	}
}

/* The length of a record counts itself, at every place where it gains a digit. */
static void test_record_lengths(void **state)
{
	char path[1200];

	(void)state;
	for (size_t length = 101; length < sizeof path - 1; length++) {
		_cleanup_text struct text text = {};
		struct tar_entry entry;
		unsigned long told;
		const char *at;

		memset(path, 'n', length);
		path[length] = '\0';
		entry = file(path, 0);
		header_append(&text, &entry, &nothing);
		at = text.data + HEADER_BLOCK;
		told = strtoul(at, NULL, 10);
		assert_int_equal(at[told - 1], '\n');
		assert_int_equal(told, strlen(" path=\n") + length + (told < 1000 ? 3 : 4));
		assert_string_equal(record(&text, "path="), path);
		header_end(&text);
		assert_guarded(&text);
	}
}

static void test_large(void **state)
{
	_cleanup_text struct text text = {};
	struct tar_entry entry = file("f", UINT64_C(077777777777) + 1);

	(void)state;
	entry.uid = 2097152;
	entry.gid = 2097151;
	entry.modified.tv_sec = -1;
	header_append(&text, &entry, &nothing);
	assert_string_equal(record(&text, " size="), "8589934592");
	assert_string_equal(record(&text, " uid="), "2097152");
	assert_null(record(&text, " gid="));
	assert_string_equal(record(&text, " mtime="), "-1");
}

/* Bytes that are no text say so; short ones stand in the header as they are. */
static void test_bytes(void **state)
{
	_cleanup_text struct text brief = {}, lengthy = {};
	char path[200];
	struct tar_entry entry = file("a\xff\nb", 0);

	(void)state;
	header_append(&brief, &entry, &nothing);
	assert_int_equal(brief.length, HEADER_BLOCK);
	assert_string_equal(brief.data, "a\xff\nb");
	memset(path, 0xe9, sizeof path);
	path[sizeof path - 1] = '\0';
	entry = file(path, 0);
	header_append(&lengthy, &entry, &nothing);
	assert_string_equal(record(&lengthy, " hdrcharset="), "BINARY");
	assert_string_equal(record(&lengthy, " path="), path);
}

static void test_attributes(void **state)
{
	static const struct header_attribute attributes[] = { { "user.a", "x\0y", 3 },
		                                              { "user.b", "", 0 } };
	const struct header_extra extra = { .attributes = attributes, .attribute_count = 2 };
	_cleanup_text struct text text = {};
	struct tar_entry entry = file("f", 0);

	(void)state;
	header_append(&text, &entry, &extra);
	assert_non_null(memmem(text.data, text.length, "27 SCHILY.xattr.user.a=x\0y\n", 27));
	assert_non_null(memmem(text.data, text.length, "24 SCHILY.xattr.user.b=\n", 24));
	header_end(&text);
	assert_guarded(&text);
}

static void test_holes(void **state)
{
	static const struct header_extent extents[] = { { 4096, 10 }, { 1 << 20, 0 } };
	const struct header_extra extra = { .extents = extents, .extent_count = 2 };
	_cleanup_text struct text text = {}, map = {};
	struct tar_entry entry = file("dir/f", 1 << 20);

	(void)state;
	header_map(&map, &extra);
	assert_int_equal(map.length, HEADER_BLOCK);
	assert_string_equal(map.data, "2\n4096\n10\n1048576\n0\n");
	header_append(&text, &entry, &extra);
	assert_string_equal(record(&text, " GNU.sparse.name="), "dir/f");
	assert_string_equal(record(&text, " GNU.sparse.realsize="), "1048576");
	assert_string_equal(text.data + text.length - HEADER_BLOCK + 124, "00000001012");
	text_append_bytes(&text, map.data, map.length);
	text_append_bytes(&text, (char[HEADER_BLOCK]){ 0 }, HEADER_BLOCK);
	header_end(&text);
	assert_guarded(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),          cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_record_lengths), cmocka_unit_test(test_large),
		cmocka_unit_test(test_bytes),          cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
