/*
 * progress: what a pull or a push looks like while it goes on, on standard error: a line a layer
 * with a bar, bytes, rate and the time that is left on a terminal; a plain line for every change of
 * state elsewhere, and on a terminal that cannot move its cursor (TERM=dumb).
 *
 * Of this machine's own bytes (work.h) lines are shown on a terminal only, not before they have
 * taken a while, and they go at the end.
 *
 * What is drawn anew is never higher than the terminal: the lines of layers that have come stay
 * above it, and where many are under way at once, some are not shown until the end.
 */
#ifndef CORDON_CLI_PROGRESS_H
#define CORDON_CLI_PROGRESS_H

#include "runtime/image/image.h"

struct progress;

/* Writes to `fd`; bars where that is a terminal. */
struct progress *progress_open(struct arena *arena, int fd);
/* For struct image_watch: the context is the progress. */
void progress_tell(void *progress, const struct image_news *news);
/* Leaves the lines as they are, but for those of this machine's bytes. */
void progress_close(struct progress *progress);

/* Whether bars are drawn there: a terminal that can go up a line. */
bool progress_is_shown(int fd);

/* One line of a layer, `columns` wide at most; pure. seconds: since its first byte. */
struct progress_line {
	const char *hex;   /* or a word */
	const char *state; /* "Downloading" */
	uint64_t bytes, total,
	        before; /* total: 0 where it is not known; before: of an earlier pull */
	double seconds;
	bool moving;
};
void progress_format(struct text *ret, const struct progress_line *line, unsigned columns);

#endif
