/* progress: one line of a layer, as wide as the terminal at most; all of them, on terminals of many
 * sizes. */
#include "runtime/cli/progress.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

static const struct progress_line half = {
	.hex = "0123456789abcdef",
	.state = "Downloading",
	.bytes = 30000000,
	.total = 50000000,
	.before = 10000000,
	.seconds = 4,
	.moving = true,
};

static void test_line(void **state)
{
	_cleanup_text struct text text = {};

	(void)state;
	progress_format(&text, &half, 100);
	assert_string_equal(text_string(&text),
	                    "0123456789ab: Downloading [========================>               ] "
	                    "30MB/50MB  5MB/s  0:04");
}

static void test_done(void **state)
{
	struct progress_line line = half;
	_cleanup_text struct text text = {};

	(void)state;
	line.moving = false;
	line.state = "Done";
	progress_format(&text, &line, 100);
	assert_string_equal(text_string(&text), "0123456789ab: Done       ");
}

static void test_every_width(void **state)
{
	struct progress_line line = half;

	(void)state;
	for (unsigned columns = 60; columns < 200; columns++)
		for (line.bytes = line.before; line.bytes <= line.total; line.bytes += 999999) {
			_cleanup_text struct text text = {};

			progress_format(&text, &line, columns);
			assert_in_range(text.length, 30, columns);
		}
}

static void test_nothing_known(void **state)
{
	const struct progress_line line = { .hex = "01", .state = "Waiting", .moving = true };
	_cleanup_text struct text text = {};

	(void)state;
	progress_format(&text, &line, 80);
	assert_memory_equal(text_string(&text), "01:           Waiting", 21);
	assert_null(strstr(text_string(&text), "/s"));
}

/* A pull that went on begins anew: less is there than before. And a registry may send more than it
 * said. */
static void test_numbers_that_do_not_fit(void **state)
{
	struct progress_line line = half;
	_cleanup_text struct text text = {};

	(void)state;
	line.bytes = 100;
	progress_format(&text, &line, 100);
	assert_null(strstr(text_string(&text), "/s"));
	assert_non_null(strstr(text_string(&text), "100B/50MB"));
	text_clear(&text);
	line.bytes = UINT64_MAX;
	line.total = 1;
	line.before = 0;
	progress_format(&text, &line, 100);
	assert_non_null(strstr(text_string(&text), "[===="));
	assert_non_null(strstr(text_string(&text), "=]"));
	assert_null(strstr(text_string(&text), ":00"));
}

/* The bar does not change its length with the numbers. */
static void test_steady(void **state)
{
	static const uint64_t totals[] = { 9, 999, 99900, 999000000, 1230000000000 };
	struct progress_line line = half;

	(void)state;
	for (unsigned columns = 72; columns < 140; columns++) {
		size_t length = 0;

		for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
			for (line.bytes = line.before = 0; line.bytes <= totals[i];
			     line.bytes += totals[i] / 9 + 1) {
				_cleanup_text struct text text = {};
				const char *bar;

				line.total = totals[i];
				progress_format(&text, &line, columns);
				bar = strchr(text_string(&text), '[');
				assert_non_null(bar);
				assert_true(length == 0 || length == strcspn(bar, "]"));
				length = strcspn(bar, "]");
				assert_in_range(text.length, 30, columns);
			}
	}
}

/* ---- on a terminal ---- */

enum { WIDE = 120, HISTORY = 400 };

/* What somebody sees who scrolls up as far as it goes: enough of a terminal for what is drawn. */
struct screen {
	char cells[HISTORY][WIDE + 1];
	unsigned columns, lines;
	unsigned top, line, column; /* of the history; top is the screen's first line */
};

static void clear_from(struct screen *screen, unsigned line, unsigned column)
{
	memset(screen->cells[line] + column, ' ', WIDE - column);
}

static void new_line(struct screen *screen)
{
	screen->line++;
	assert_in_range(screen->line, 0, HISTORY - 1);
	if (screen->line - screen->top == screen->lines)
		screen->top++;
}

static const char *control(struct screen *screen, const char *at)
{
	unsigned number = 0;

	assert_int_equal(*at++, '[');
	while (*at >= '0' && *at <= '9')
		number = number * 10 + (unsigned)(*at++ - '0');
	switch (*at) {
	case 'A': /* not above the screen, whatever was asked for */
		screen->line -=
		        number < screen->line - screen->top ? number : screen->line - screen->top;
		break;
	case 'K':
		clear_from(screen, screen->line, screen->column);
		break;
	case 'J':
		for (unsigned line = screen->line; line < HISTORY; line++)
			clear_from(screen, line, line == screen->line ? screen->column : 0);
		break;
	default:
		fail_msg("\\033[%u%c", number, *at);
	}
	return at + 1;
}

static void show(struct screen *screen, const char *at)
{
	while (*at != '\0') {
		char c = *at++;

		if (c == '\033') {
			at = control(screen, at);
		} else if (c == '\r') {
			screen->column = 0;
		} else if (c == '\n') {
			new_line(screen);
			screen->column = 0; /* as the kernel does on a terminal that is not raw */
		} else {
			if (screen->column == screen->columns) {
				new_line(screen);
				screen->column = 0;
			}
			screen->cells[screen->line][screen->column++] = c;
		}
	}
}

struct stage {
	int master, slave;
	struct progress *progress;
	struct arena arena;
	struct screen screen;
};

static void set_size(struct stage *stage, unsigned columns, unsigned lines)
{
	const struct winsize size = { .ws_col = (unsigned short)columns,
		                      .ws_row = (unsigned short)lines };

	assert_int_equal(ioctl(stage->master, TIOCSWINSZ, &size), 0);
	stage->screen.columns = columns;
	stage->screen.lines = lines;
}

static void open_stage(struct stage *stage, unsigned columns, unsigned lines)
{
	struct termios raw;

	*stage = (struct stage){};
	assert_int_equal(openpty(&stage->master, &stage->slave, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(stage->slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(stage->slave, TCSANOW, &raw), 0);
	assert_int_equal(fcntl(stage->master, F_SETFL, O_NONBLOCK), 0);
	set_size(stage, columns, lines);
	for (unsigned i = 0; i < HISTORY; i++)
		clear_from(&stage->screen, i, 0);
	stage->progress = progress_open(&stage->arena, stage->slave);
}

/* What was written since. */
static void look(struct stage *stage)
{
	char piece[4096];
	ssize_t count;

	while ((count = read(stage->master, piece, sizeof piece - 1)) > 0) {
		piece[count] = '\0';
		show(&stage->screen, piece);
	}
}

static void close_stage(struct stage *stage)
{
	progress_close(stage->progress);
	look(stage);
	close(stage->master);
	close(stage->slave);
	arena_done(&stage->arena);
}

static void tell(struct stage *stage, enum image_news_kind kind, unsigned layer)
{
	char hex[65];
	const struct image_news news = { .kind = kind,
		                         .hex = hex,
		                         .bytes = layer * 1000,
		                         .total = 5000000,
		                         .text = "a reason" };

	snprintf(hex, sizeof hex, "%012x%052x", layer, 0);
	progress_tell(stage->progress, &news);
	look(stage);
}

/* Lines, in all that was ever shown, that begin with a layer's digits and its state. */
static unsigned count_lines(const struct screen *screen, unsigned layer, const char *state)
{
	char begin[64];
	unsigned count = 0;

	snprintf(begin, sizeof begin, "%012x: %s", layer, state);
	for (unsigned i = 0; i < HISTORY; i++)
		count += strncmp(screen->cells[i], begin, strlen(begin)) == 0;
	return count;
}

/* Eight layers come, four at a time, the later ones first. */
static void play(struct stage *stage, unsigned layers)
{
	for (unsigned base = 0; base < layers; base += 4) {
		for (unsigned i = base; i < base + 4; i++)
			tell(stage, LAYER_BEGUN, i);
		for (unsigned i = base; i < base + 4; i++)
			tell(stage, LAYER_WAITS, i);
		for (unsigned i = base + 4; i-- > base;)
			tell(stage, LAYER_FETCHED, i);
		for (unsigned i = base + 4; i-- > base;)
			tell(stage, LAYER_DONE, i);
	}
}

/* However small the terminal: at the end every layer has one line, in their order, and nothing else
 * is there. */
static void test_terminal(void **state)
{
	static const unsigned heights[] = { 1, 2, 3, 5, 8, 9, 24 };

	(void)state;
	setenv("TERM", "xterm", 1);
	for (size_t i = 0; i < ARRAY_SIZE(heights); i++)
		for (unsigned columns = 20; columns <= WIDE; columns += 20) {
			struct stage stage;

			open_stage(&stage, columns, heights[i]);
			play(&stage, 16);
			close_stage(&stage);
			for (unsigned layer = 0; layer < 16; layer++) {
				char begin[16];

				snprintf(begin, sizeof begin, "%012x: D", layer);
				if (strncmp(stage.screen.cells[layer], begin, strlen(begin)) != 0)
					fail_msg("%ux%u, line %u: %s", columns, heights[i], layer,
					         stage.screen.cells[layer]);
				assert_int_equal(count_lines(&stage.screen, layer, ""), 1);
			}
			assert_int_equal(stage.screen.line, 16);
			assert_int_equal(stage.screen.column, 0);
		}
}

/* While it goes on, no more lines are drawn anew than there are. */
static void test_height(void **state)
{
	struct stage stage;

	(void)state;
	setenv("TERM", "xterm", 1);
	open_stage(&stage, 80, 4);
	for (unsigned i = 0; i < 8; i++)
		tell(&stage, LAYER_BEGUN, i);
	for (unsigned round = 0; round < 20; round++)
		tell(&stage, LAYER_WAITS, 5);
	assert_int_equal(stage.screen.line, 3);
	assert_int_equal(count_lines(&stage.screen, 0, "Downloading"), 1);
	close_stage(&stage);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(count_lines(&stage.screen, i, ""), 1);
}

/* Narrower: what was there stays, once, and below it all goes on. Wider: nothing is doubled. */
static void test_resize(void **state)
{
	struct stage stage;

	(void)state;
	setenv("TERM", "xterm", 1);
	open_stage(&stage, 100, 24);
	for (unsigned i = 0; i < 4; i++)
		tell(&stage, LAYER_BEGUN, i);
	set_size(&stage, 60, 24);
	for (unsigned round = 0; round < 5; round++)
		for (unsigned i = 0; i < 4; i++)
			tell(&stage, LAYER_WAITS, i);
	assert_int_equal(count_lines(&stage.screen, 3, "Downloading"), 1);
	assert_int_equal(count_lines(&stage.screen, 3, "Waiting"), 1);
	set_size(&stage, 110, 24);
	for (unsigned i = 0; i < 4; i++)
		tell(&stage, LAYER_DONE, i);
	close_stage(&stage);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(count_lines(&stage.screen, i, "Done"), 1);
		assert_int_equal(count_lines(&stage.screen, i, ""), 2);
	}
}

/* Lines, and no way to move a cursor, where nobody could see it. */
static void test_dumb(void **state)
{
	static const char *const kinds[] = { "dumb", "", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct stage stage;
		char text[4096] = {};

		if (kinds[i] != NULL)
			setenv("TERM", kinds[i], 1);
		else
			unsetenv("TERM");
		open_stage(&stage, 80, 24);
		const struct image_news news = { .kind = LAYER_BEGUN, .hex = "0123456789abcdef" };

		progress_tell(stage.progress, &news);
		assert_true(read(stage.master, text, sizeof text - 1) > 0);
		assert_string_equal(text, "0123456789ab: Downloading\n");
		close_stage(&stage);
	}
}

/* Of a size that nobody knows: no bar, no time that is left. */
static void test_no_total(void **state)
{
	struct progress_line line = half;
	_cleanup_text struct text text = {};

	(void)state;
	line.hex = "archive";
	line.state = "Reading";
	line.total = line.before = 0;
	progress_format(&text, &line, 100);
	assert_string_equal(text_string(&text), "archive:      Reading     30MB  7.5MB/s");
}

/* ---- this machine's own work ---- */

static bool is_blank(const struct screen *screen)
{
	for (unsigned i = 0; i < HISTORY; i++)
		if (strspn(screen->cells[i], " ") < WIDE)
			return false;
	return true;
}

/* Nothing is seen of what is quickly done; of what lasts nothing is left. */
static void test_local(void **state)
{
	static const enum image_news_kind kinds[] = { LAYER_READING, LAYER_UNPACKING, LAYER_WRITING,
		                                      LAYER_COPYING };
	static const char *const words[] = { "Reading", "Unpacking", "Writing", "Copying" };

	(void)state;
	setenv("TERM", "xterm", 1);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct stage stage;

		open_stage(&stage, 100, 3);
		tell(&stage, LAYER_READING, 1);
		tell(&stage, LAYER_MOVED, 1);
		tell(&stage, LAYER_DONE, 1);
		tell(&stage, kinds[i], 2);
		tell(&stage, LAYER_MOVED, 2);
		assert_true(is_blank(&stage.screen));
		usleep(310000);
		tell(&stage, LAYER_MOVED, 2);
		assert_int_equal(count_lines(&stage.screen, 2, words[i]), 1);
		for (unsigned layer = 3; layer < 20; layer++) {
			tell(&stage, kinds[i], layer);
			tell(&stage, LAYER_DONE, layer);
			assert_in_range(stage.screen.line, 1, 2);
		}
		close_stage(&stage);
		assert_true(is_blank(&stage.screen));
		assert_int_equal(stage.screen.line, 0);
	}
}

/* A pull from a folder, then one from a registry: the second is shown as ever. */
static void test_local_and_not(void **state)
{
	struct stage stage;

	(void)state;
	setenv("TERM", "xterm", 1);
	open_stage(&stage, 100, 24);
	tell(&stage, LAYER_READING, 1);
	progress_close(stage.progress);
	tell(&stage, LAYER_BEGUN, 1);
	assert_int_equal(count_lines(&stage.screen, 1, "Downloading"), 1);
	tell(&stage, LAYER_DONE, 1);
	close_stage(&stage);
	assert_int_equal(count_lines(&stage.screen, 1, "Done"), 1);
}

/* Where no terminal is, not a word. */
static void test_local_plain(void **state)
{
	static const struct image_news news[] = {
		{ .kind = LAYER_READING, .hex = "archive" },
		{ .kind = LAYER_MOVED, .hex = "archive", .bytes = 1 },
		{ .kind = LAYER_DONE, .hex = "archive" },
	};
	struct stage stage;

	(void)state;
	setenv("TERM", "dumb", 1);
	open_stage(&stage, 80, 24);
	usleep(310000);
	for (size_t i = 0; i < ARRAY_SIZE(news); i++)
		progress_tell(stage.progress, &news[i]);
	close_stage(&stage);
	assert_true(is_blank(&stage.screen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),        cmocka_unit_test(test_done),
		cmocka_unit_test(test_every_width), cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_steady),      cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_height),      cmocka_unit_test(test_resize),
		cmocka_unit_test(test_dumb),        cmocka_unit_test(test_numbers_that_do_not_fit),
		cmocka_unit_test(test_no_total),    cmocka_unit_test(test_local),
		cmocka_unit_test(test_local_plain), cmocka_unit_test(test_local_and_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
