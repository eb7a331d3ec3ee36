/* The log as Docker writes it, read back; times; bytes that are no UTF-8; a full disk. */
#include "runtime/container/log.h"

#include "policy/value.h"
#include "runtime/container/stamp.h"
#include "sandbox/base/utf8.h"
#include "tests/runtime/container/scratch.h"

#include <time.h>

static int open_folder(const struct scratch *scratch)
{
	int dir = open(scratch->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(dir >= 0);
	return dir;
}

/* All lines of the log, each checked to be JSON; "o:TEXT|e:TEXT|". */
static void read_back(struct text *ret, int dir)
{
	_cleanup_text struct text text = {};
	struct log_line line = {};
	struct error err;
	char *save = NULL;

	assert_int_equal(io_read_file(&text, dir, "log", 1 << 24, &err), 1);
	for (char *json = strtok_r(text.data, "\n", &save); json != NULL;
	     json = strtok_r(NULL, "\n", &save)) {
		_cleanup_arena struct arena arena = {};
		struct value *value;

		if (value_decode(&value, &arena, "log", json, strlen(json), &err) < 0)
			fail_msg("%s", err.text);
		assert_true(log_parse(&line, json, strlen(json)));
		assert_string_equal(value_string(value_get(value, "log"), "?"),
		                    text_string(&line.text));
		assert_string_equal(value_string(value_get(value, "time"), "?"), line.time);
		text_printf(ret, "%c:%s|", line.stream == LOG_STDOUT ? 'o' : 'e',
		            text_string(&line.text));
	}
	text_done(&line.text);
}

static void test_lines(void **state)
{
	static const char odd[] = "tab\t \"quoted\" \\ \x01 \x7f caf\xc3\xa9 \xff\xfe\n";
	_cleanup_fd int dir = open_folder(*state);
	_cleanup_text struct text text = {};
	struct log_writer log;

	log_init(&log, dir);
	log_write(&log, LOG_STDOUT, "one\ntwo\nth", 10);
	log_write(&log, LOG_STDERR, "err\n", 4);
	log_write(&log, LOG_STDOUT, "ree\n", 4);
	log_write(&log, LOG_STDOUT, odd, sizeof odd - 1);
	log_write(&log, LOG_STDERR, "no end", 6);
	log_close(&log);
	assert_int_equal(log.failure, 0);
	read_back(&text, dir);
	assert_string_equal(text.data,
	                    "o:one\n|o:two\n|e:err\n|o:three\n|o:tab\t \"quoted\" \\ \x01 \x7f "
	                    "caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd\n|e:no end|");
}

/* Pieces of 16 KiB, the newline only on the last, no character cut in two. */
static void test_long_line(void **state)
{
	static char bytes[50001];
	_cleanup_fd int dir = open_folder(*state);
	_cleanup_text struct text text = {};
	struct log_writer log;
	size_t pieces = 0, length = 0;

	for (size_t i = 0; i + 3 <= 50000; i += 3)
		memcpy(bytes + i, "\xe2\x82\xac", 3); /* the euro sign */
	bytes[49998] = '\n';
	log_init(&log, dir);
	for (size_t i = 0; i < 49999; i += 1000)
		log_write(&log, LOG_STDOUT, bytes + i, i + 1000 > 49999 ? 49999 - i : 1000);
	log_close(&log);
	read_back(&text, dir);
	for (char *next = text.data; *next != '\0'; pieces++) {
		size_t piece = strcspn(next += 2, "|");

		assert_true(piece <= LOG_PIECE);
		assert_int_equal(next[piece - 1] == '\n', length + piece == 49999);
		assert_memory_equal(next, bytes + length, piece);
		length += piece;
		next += piece + 1;
	}
	assert_int_equal(length, 49999);
	assert_int_equal(pieces, 4);
}

static void test_nothing_said(void **state)
{
	_cleanup_fd int dir = open_folder(*state);
	struct log_writer log;

	log_init(&log, dir);
	log_close(&log);
	assert_int_equal(faccessat(dir, "log", F_OK, 0), -1);
}

/* A log that cannot be written ends; the writer goes on without it. */
static void test_full_disk(void **state)
{
	_cleanup_fd int dir = open_folder(*state);
	struct log_writer log;

	assert_int_equal(symlinkat("/dev/full", dir, "log"), 0);
	log_init(&log, dir);
	log_write(&log, LOG_STDOUT, "x\n", 2);
	assert_int_equal(log.failure, ELOOP); /* a link in its place is not followed (B13) */
	log_write(&log, LOG_STDOUT, "y\n", 2);
	log_close(&log);
	log_init(&log, dir);
	log.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	log_write(&log, LOG_STDOUT, "x\n", 2);
	assert_int_equal(log.failure, ENOSPC);
	assert_int_equal(log.fd, -1);
	log_close(&log);
}

static void test_damaged_lines(void **state)
{
	static const char *const lines[] = {
		"",
		"{}",
		"{\"log\":\"",
		"{\"log\":\"x\"",
		"{\"log\":\"x\\",
		"{\"log\":\"x\\u00",
		"{\"log\":\"x\",\"stream\":\"std",
		"{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"",
		"{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"yesterday\"}",
		"{\"log\":\"x\",\"stream\":\"stdin\",\"time\":\"2026-01-02T03:04:05Z\"}",
	};
	struct log_line line = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_false(log_parse(&line, lines[i], strlen(lines[i])));
	text_done(&line.text);
}

static void test_stamps(void **state)
{
	static const int64_t seconds[] = { 0,          951782400,  951868799,  1709164800,
		                           1798761599, 4107542400, 16725225599 };
	char stamp[STAMP_SIZE];
	int64_t back;

	(void)state;
	stamp_format(stamp, 1767323045000000006);
	assert_string_equal(stamp, "2026-01-02T03:04:05.000000006Z");
	for (size_t i = 0; i < ARRAY_SIZE(seconds) && seconds[i] < 9000000000; i++) {
		time_t when = (time_t)seconds[i];
		struct tm parts;
		char expected[64];

		gmtime_r(&when, &parts);
		strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000123Z", &parts);
		stamp_format(stamp, seconds[i] * 1000000000 + 123);
		assert_string_equal(stamp, expected);
		assert_true(stamp_parse(&back, stamp));
		assert_int_equal(back, seconds[i] * 1000000000 + 123);
	}
	assert_true(stamp_parse(&back, "1970-01-01T00:00:01Z"));
	assert_int_equal(back, 1000000000);
	assert_true(stamp_parse(&back, "1970-01-01T00:00:00.5Z"));
	assert_int_equal(back, 500000000);
	assert_false(stamp_parse(&back, "1970-13-01T00:00:00Z"));
	assert_false(stamp_parse(&back, "1970-01-01T00:00:00"));
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ "a", 1 },
		{ "\xc3\xa9", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x90\x8b", 4 },
		{ "\x80", 0 },
		{ "\xc0\xaf", 0 },
		{ "\xc3", 0 },
		{ "\xe0\x80\xaf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf8\x88\x80\x80", 0 },
		{ "\xe2\x82(", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(utf8_sequence(rows[i].bytes, strlen(rows[i].bytes)),
		                 rows[i].length);
	assert_int_equal(utf8_unfinished("a\xe2\x82", 3), 2);
	assert_int_equal(utf8_unfinished("a\xe2\x82\xac", 4), 0);
	assert_int_equal(utf8_unfinished("a\xf0", 2), 1);
	assert_int_equal(utf8_unfinished("\x80\x80\x80\x80", 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_long_line, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_nothing_said, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_full_disk, scratch_make, scratch_drop),
		cmocka_unit_test(test_damaged_lines),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
