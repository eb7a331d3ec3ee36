/*
 * recover: after kill -9 of a monitor, or a loss of power, the state on disk still says "running";
 * the lock of the folder, which died with the monitor, says the truth. Whoever sees that takes the
 * lock, so that only one tidies up, ends what is left (the container and pasta die with their
 * monitor, a moment later), and writes down what is known: ended by a signal no later than now.
 */
#include "runtime/container/recover.h"

#include "runtime/container/cgroup.h"
#include "runtime/container/channel.h"
#include "runtime/container/folder.h"
#include "runtime/container/process.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

enum { KILLED = EXIT_SIGNAL_BASE + SIGKILL };

static bool is_there(struct state *state, int found)
{
	if (found < 0)
		*state = (struct state){ .status = CONTAINER_DEAD };
	return found != 0;
}

static bool read_or_dead(struct state *ret, struct arena *arena, int dir)
{
	struct error ignored;

	*ret = (struct state){};
	return is_there(ret, state_read(ret, arena, dir, &ignored));
}

static void bury(struct state *state, const struct paths *paths, const char *id, int dir)
{
	struct error ignored;

	process_kill((pid_t)state->pid, (uint64_t)state->pid_start, SIGKILL);
	process_kill((pid_t)state->pasta, (uint64_t)state->pasta_start, SIGKILL);
	if (state_cgroup(state) != NULL)
		cgroup_remove(state->cgroup);
	channel_remove(paths->run, id);
	state->status = CONTAINER_EXITED;
	state->exit_status = KILLED;
	state->finished = state_now();
	state->error = "the container's monitor was killed";
	state->pid = state->pid_start = state->monitor = state->monitor_start = 0;
	state->pasta = state->pasta_start = 0;
	/* on a full or read-only disk the answer is true all the same */
	if (state_write(dir, state, IO_VOLATILE, &ignored) < 0)
		return;
}

/* Of one whose state says "running". */
static bool look_closer(struct state *ret, struct arena *arena, const struct paths *paths,
                        const char *id, int dir)
{
	_cleanup_fd int own = -1, lock = -1;

	if (folder_is_locked(dir))
		return true;
	/* A lock is of an open file: a descriptor of our own, which nobody else asks through. */
	own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0 || flock(own, LOCK_EX | LOCK_NB) < 0) {
		/* somebody else is at it, or has just started it again */
		ret->status = folder_is_locked(dir) ? ret->status : CONTAINER_EXITED;
		return true;
	}
	lock = state_lock(dir);
	/* between the first look and the lock another may have tidied up, or the monitor ended */
	if (!read_or_dead(ret, arena, dir))
		return false;
	if (ret->status == CONTAINER_RUNNING)
		bury(ret, paths, id, own);
	return true;
}

bool recover_state(struct state *ret, struct arena *arena, const struct paths *paths,
                   const char *id, int dir)
{
	if (!read_or_dead(ret, arena, dir))
		return false;
	return ret->status != CONTAINER_RUNNING || look_closer(ret, arena, paths, id, dir);
}

bool recover_listed(struct state *ret, struct arena *arena, const struct paths *paths,
                    int containers, const char *id)
{
	_cleanup_fd int dir = -1;
	struct error ignored;

	*ret = (struct state){};
	if (!is_there(ret, state_read_listed(ret, arena, containers, id, &ignored)))
		return false;
	if (ret->status != CONTAINER_RUNNING)
		return true;
	dir = openat(containers, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return dir >= 0 && look_closer(ret, arena, paths, id, dir);
}
