/*
 * work: what the commands have in common that move bytes of this machine (load, save, import,
 * export, cp, commit): bars on a terminal while they last, and an end that leaves nothing behind
 * where somebody interrupts them.
 *
 * Until work_end, SIGINT, SIGTERM and SIGHUP only wait: helpers are ended by them
 * (image/helper.h), what the command has begun is taken back as after any failure, and work_end
 * lets them do what they do, which ends the process.
 */
#ifndef CORDON_CLI_WORK_H
#define CORDON_CLI_WORK_H

#include "runtime/cli/progress.h"

#include <signal.h>

struct work {
	struct image_watch watch;
	struct progress *progress;
	sigset_t before;
};

/* Before the first thing is made that would be left behind. */
void work_begin(struct work *ret);
/* For what does the work: NULL where nothing is shown: quiet, or standard error is no terminal. */
const struct image_watch *work_watch(struct work *work, struct arena *arena, bool quiet);
/* Takes the bars away. */
void work_end(struct work *work);

/* An archive goes to this descriptor: whether whoever reads it there may write to the terminal,
 * too.
 */
bool work_is_piped(int fd);

#endif
