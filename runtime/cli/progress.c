#include "runtime/cli/progress.h"

#include "runtime/cli/format.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	LINES_MAX = 128,
	SHOWN = 12,       /* digits of a layer */
	DRAW_EVERY = 100, /* ms */
	COLUMNS = 80,
	LINES = 24,
	BAR_MAX = 40,
	NARROW = 60,    /* columns below which there is no room for a bar */
	NUMBERS = 31,   /* columns for bytes, rate and time, so that the bar keeps its length */
	PATIENCE = 300, /* ms before this machine's own work is shown */
};
#define SECOND      UINT64_C(1000000000)
#define MILLISECOND UINT64_C(1000000)

struct row {
	char hex[SHOWN + 1];
	const char *state;
	const char *active; /* what it is again when it moves after a wait */
	uint64_t bytes, total, before;
	uint64_t began, ended; /* io_now() */
	bool moving, final;    /* final: nothing more will be told of it */
};

struct progress {
	int fd;
	bool terminal;
	struct row rows[LINES_MAX];
	size_t count;
	size_t settled;       /* rows that are drawn for good, above all others */
	size_t drawn;         /* lines above the cursor that are drawn anew */
	unsigned columns;     /* of the terminal when they were drawn */
	uint64_t begun, last; /* io_now() */
	bool local;           /* what is shown is this machine's own work */
};

bool progress_is_shown(int fd)
{
	const char *kind = getenv("TERM");

	return isatty(fd) && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

struct progress *progress_open(struct arena *arena, int fd)
{
	struct progress *progress = arena_alloc(arena, sizeof *progress);

	progress->fd = fd;
	progress->terminal = progress_is_shown(fd);
	progress->begun = io_now();
	return progress;
}

static void measure(unsigned *columns, unsigned *lines, int fd)
{
	struct winsize size = {};

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){};
	*columns = size.ws_col > 0 ? size.ws_col : COLUMNS;
	*lines = size.ws_row > 0 ? size.ws_row : LINES;
}

static void put(const struct progress *progress, const struct text *text)
{
	/* What cannot be shown is not worth an error. */
	if (io_write_all(progress->fd, text_string(text), text->length) < 0)
		return;
}

/* ---- one line ---- */

static void append_bar(struct text *ret, uint64_t bytes, uint64_t total, unsigned width)
{
	unsigned filled =
	        bytes >= total ? width : (unsigned)((double)bytes / (double)total * width);

	text_append_char(ret, '[');
	for (unsigned i = 0; i < width; i++)
		text_append_char(ret, i < filled ? '=' : i == filled ? '>' : ' ');
	text_append_char(ret, ']');
}

static void append_pace(struct text *ret, struct arena *arena, const struct progress_line *line)
{
	double moved = line->bytes > line->before ? (double)(line->bytes - line->before) : 0;
	double rate = line->seconds > 0 ? moved / line->seconds : 0;
	uint64_t left;

	if (rate < 1)
		return;
	text_printf(ret, "  %s/s", human_size(arena, rate < 1e18 ? (uint64_t)rate : UINT64_MAX));
	if (line->bytes >= line->total)
		return;
	left = (uint64_t)((double)(line->total - line->bytes) / rate);
	text_printf(ret, "  %" PRIu64 ":%02" PRIu64, left / 60, left % 60);
}

void progress_format(struct text *ret, const struct progress_line *line, unsigned columns)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text numbers = {};
	unsigned used = SHOWN + 2 + 11 + 3 + NUMBERS;
	unsigned width = columns > used ? columns - used : 0;

	text_printf(ret, "%.12s:", line->hex);
	text_printf(ret, "%*s%-11s", ret->length < SHOWN + 2 ? (int)(SHOWN + 2 - ret->length) : 1,
	            "", line->state);
	if (!line->moving)
		return;
	text_printf(&numbers, " %s", human_size(&arena, line->bytes));
	if (line->total > 0)
		text_printf(&numbers, "/%s", human_size(&arena, line->total));
	append_pace(&numbers, &arena, line);
	if (columns >= NARROW && width > 0 && line->total > 0) {
		text_append_char(ret, ' ');
		append_bar(ret, line->bytes, line->total, width > BAR_MAX ? BAR_MAX : width);
	}
	text_append(ret, text_string(&numbers));
}

/* ---- all of them, on a terminal ---- */

static void draw_row(struct text *ret, const struct row *row, unsigned columns, uint64_t now)
{
	uint64_t until = row->ended != 0 ? row->ended : now;
	const struct progress_line line = {
		.hex = row->hex,
		.state = row->state,
		.bytes = row->bytes,
		.total = row->total,
		.before = row->before,
		.seconds = (double)(until - row->began) / (double)SECOND,
		.moving = row->moving,
	};
	_cleanup_text struct text one = {};

	progress_format(&one, &line, columns);
	text_append(ret, "\r");
	text_append_visible(ret, text_string(&one),
	                    one.length < columns ? one.length : columns - 1);
	text_append(ret, "\033[K\n");
}

/* Back to the first line that may change. Where the terminal has become narrower, lines may have
 * been folded, and nobody can say how many there are now: they are left as they are. */
static void go_up(struct text *ret, struct progress *progress, unsigned columns)
{
	if (columns < progress->columns)
		progress->drawn = 0;
	progress->columns = columns;
	if (progress->drawn > 0)
		text_printf(ret, "\033[%zuA", progress->drawn);
	progress->drawn = 0;
}

/* Each line is written anew to its end, and what was below them goes. all: whatever room there is;
 * it is the last time. */
static void draw(struct progress *progress, bool all)
{
	_cleanup_text struct text text = {};
	unsigned columns, lines;
	uint64_t now = io_now();
	size_t room;

	if (progress->local && now - progress->begun < PATIENCE * MILLISECOND)
		return;
	measure(&columns, &lines, progress->fd);
	room = all ? LINES_MAX : lines - 1;
	go_up(&text, progress, columns);
	while (!progress->local && progress->settled < progress->count &&
	       progress->rows[progress->settled].final)
		draw_row(&text, &progress->rows[progress->settled++], columns, now);
	for (size_t i = progress->settled; i < progress->count && progress->drawn < room; i++) {
		bool fits = progress->count - progress->settled <= room;

		if (!fits && progress->rows[i].final)
			continue;
		draw_row(&text, &progress->rows[i], columns, now);
		progress->drawn++;
	}
	text_append(&text, "\033[J");
	progress->last = now;
	put(progress, &text);
}

/* As if nothing had been drawn. */
static void wipe(struct progress *progress)
{
	_cleanup_text struct text text = {};
	unsigned columns, lines;

	if (progress->drawn == 0)
		return;
	measure(&columns, &lines, progress->fd);
	go_up(&text, progress, columns);
	text_append(&text, "\r\033[J");
	put(progress, &text);
}

void progress_close(struct progress *progress)
{
	if (progress->local)
		wipe(progress);
	else if (progress->terminal && progress->count > 0)
		draw(progress, true);
	progress->count = progress->drawn = progress->settled = 0;
	progress->local = false;
	progress->begun = io_now();
}

/* ---- what happens ---- */

static const struct event {
	const char *state; /* NULL: the state stays */
	bool moving, ends;
	bool local; /* begins a row of this machine's own work */
} events[] = {
	[LAYER_KNOWN] = { "Already here", false, true },
	[LAYER_BEGUN] = { "Downloading", true, false },
	[LAYER_MOVED] = { NULL, true, false },
	[LAYER_WAITS] = { "Waiting", true, false },
	[LAYER_FETCHED] = { "Unpacking", true, true },
	[LAYER_DONE] = { "Done", false, true },
	[LAYER_SENDING] = { "Pushing", true, false },
	[LAYER_SENT] = { "Pushed", false, true },
	[LAYER_MOUNTED] = { "Mounted", false, true },
	[LAYER_READING] = { "Reading", true, false, true },
	[LAYER_UNPACKING] = { "Unpacking", true, false, true },
	[LAYER_WRITING] = { "Writing", true, false, true },
	[LAYER_COPYING] = { "Copying", true, false, true },
};

static struct row *row_of(struct progress *progress, const char *hex)
{
	struct row *row;

	for (size_t i = 0; i < progress->count; i++)
		if (strncmp(progress->rows[i].hex, hex, SHOWN) == 0)
			return &progress->rows[i];
	if (progress->count == LINES_MAX)
		return NULL;
	row = &progress->rows[progress->count++];
	*row = (struct row){ .state = "", .began = io_now() };
	snprintf(row->hex, sizeof row->hex, "%.12s", hex);
	return row;
}

static void say(struct progress *progress, const char *format, const char *word)
{
	_cleanup_text struct text text = {}, shown = {};

	text_append_visible(&shown, word, strlen(word));
	text_printf(&text, format, text_string(&shown));
	/* above the bars, if there are any */
	if (progress->count > 0)
		progress_close(progress);
	put(progress, &text);
}

static void tell_image(struct progress *progress, const struct image_news *news)
{
	switch (news->kind) {
	case IMAGE_ASKED:
		say(progress, "Trying %s ...\n", news->text);
		break;
	case IMAGE_AWAITED:
		say(progress, "Another cordon is at sha256:%.12s; waiting for it ...\n", news->hex);
		break;
	case IMAGE_NOTE:
		say(progress, "Warning: %s\n", news->text);
		break;
	default:
		break;
	}
}

static void tell_plainly(struct progress *progress, const struct row *row,
                         const struct image_news *news)
{
	_cleanup_text struct text text = {};

	if (progress->local || news->kind == LAYER_MOVED || news->kind == LAYER_FETCHED)
		return;
	text_printf(&text, "%s: %s", row->hex, row->state);
	if (news->kind == LAYER_WAITS) {
		text_append(&text, ": ");
		text_append_visible(&text, news->text, strlen(news->text));
	}
	text_append_char(&text, '\n');
	put(progress, &text);
}

void progress_tell(void *context, const struct image_news *news)
{
	struct progress *progress = context;
	const struct event *event = &events[news->kind];
	struct row *row;

	if (news->kind < LAYER_KNOWN) {
		tell_image(progress, news);
		return;
	}
	row = row_of(progress, news->hex);
	if (row == NULL)
		return;
	if (event->local) {
		progress->local = true;
		row->began = io_now();
		row->ended = row->bytes = 0;
	}
	if (event->state != NULL)
		row->state = event->state;
	else if (row->active != NULL)
		row->state = row->active;
	row->moving = event->moving;
	row->final = event->ends && !event->moving;
	row->total = news->total;
	if (news->kind == LAYER_BEGUN || news->kind == LAYER_SENDING)
		row->active = event->state;
	if (news->kind == LAYER_BEGUN)
		row->before = row->bytes = news->bytes;
	if (news->kind == LAYER_MOVED)
		row->bytes = row->before + news->bytes;
	if (news->kind == LAYER_FETCHED)
		row->bytes = row->total;
	if (event->ends && row->ended == 0)
		row->ended = io_now();
	if (!progress->terminal)
		tell_plainly(progress, row, news);
	else if (news->kind != LAYER_MOVED || io_now() - progress->last > DRAW_EVERY * MILLISECOND)
		draw(progress, false);
}
