/*
 * progress: what a pull or a push looks like while it goes on, on standard error: a line a layer
 * with a bar, bytes, rate and the time that is left on a terminal; a plain line for every change of
 * state elsewhere, and on a terminal that cannot move its cursor (TERM=dumb).
 *
 * A command that moves bytes of this machine (load, save, import, export, cp, commit) shows them on
 * a terminal only, not before it has taken a while, and takes the lines away at its end.
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

/* Of a command that moves bytes of this machine. */
struct progress_work {
	struct image_watch watch;
	struct progress *progress;
};
/* NULL where nothing is shown: quiet, or standard error is no terminal. */
const struct image_watch *progress_begin(struct progress_work *ret, struct arena *arena,
                                         bool quiet);
void progress_end(struct progress_work *work);
/* An archive goes to this descriptor: whether whoever reads it there may write to the terminal, too.
 */
bool progress_is_piped(int fd);

/* One line of a layer, `columns` wide at most; pure. seconds: since its first byte. */
struct progress_line {
	const char *hex;               /* or a word */
	const char *state;             /* "Downloading" */
	uint64_t bytes, total, before; /* total: 0 where it is not known; before: of an earlier pull */
	double seconds;
	bool moving;
};
void progress_format(struct text *ret, const struct progress_line *line, unsigned columns);

#endif
