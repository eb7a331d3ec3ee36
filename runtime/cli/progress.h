/*
 * progress: what a pull or a push looks like while it goes on, on standard error: a line a layer
 * with a bar, bytes, rate and the time that is left on a terminal; a plain line for every change of
 * state elsewhere, and on a terminal that cannot move its cursor (TERM=dumb).
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
/* Leaves the lines as they are. */
void progress_close(struct progress *progress);

/* One line of a layer, `columns` wide; pure. seconds: since its first byte. */
struct progress_line {
	const char *hex;
	const char *state;             /* "Downloading" */
	uint64_t bytes, total, before; /* before: bytes of an earlier pull */
	double seconds;
	bool moving;
};
void progress_format(struct text *ret, const struct progress_line *line, unsigned columns);

#endif
