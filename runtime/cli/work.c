#include "runtime/cli/work.h"

#include "runtime/image/helper.h"

#include <sys/stat.h>
#include <unistd.h>

void work_begin(struct work *ret)
{
	sigset_t interruptions = helper_interruptions();

	*ret = (struct work){};
	sigprocmask(SIG_BLOCK, &interruptions, &ret->before);
}

const struct image_watch *work_watch(struct work *work, struct arena *arena, bool quiet)
{
	if (quiet || !progress_is_shown(STDERR_FILENO))
		return NULL;
	work->progress = progress_open(arena, STDERR_FILENO);
	work->watch = (struct image_watch){ progress_tell, work->progress };
	return &work->watch;
}

void work_end(struct work *work)
{
	if (work->progress != NULL)
		progress_close(work->progress);
	sigprocmask(SIG_SETMASK, &work->before, NULL);
}

bool work_is_piped(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
}
