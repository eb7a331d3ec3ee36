#include "sandbox/reach.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/mount.h"
#include "sandbox/sync.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int copy_mounts(int pidfd, bool read_only, struct error *err)
{
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
	                      (read_only ? MOUNT_ATTR_RDONLY : 0);
	_cleanup_fd int root = -1, copy = -1;

	/* the engine's memory is still mapped here: root inside must not look into it */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the process undumpable");
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		error_set(err, errno, "cannot reach the container's files");
		return err->number == ESRCH ? error_hint(err, "the container has just ended") : -1;
	}
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "cannot open the container's root");
	copy = mount_clone(root, true, err);
	if (copy < 0 || mount_set_attributes(copy, attributes, true, err) < 0)
		return -1;
	return cleanup_take_fd(&copy);
}

static _Noreturn void run_child(struct sync *sync, int pidfd, bool read_only)
{
	struct error err = {};
	int copy;

	sync_close_parent(sync);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	copy = copy_mounts(pidfd, read_only, &err);
	if (copy < 0 || sync_send_descriptor(sync->gate_child, copy, &err) < 0) {
		sync_report(sync->report_child, REPORT_FAILURE, &err);
		_exit(EXIT_ENGINE);
	}
	_exit(0);
}

int sandbox_reach(int pidfd, bool read_only, struct error *err)
{
	struct report report;
	struct sync sync;
	pid_t child;
	int copy;

	if (sync_open(&sync, err) < 0)
		return -1;
	child = fork();
	if (child == 0)
		run_child(&sync, pidfd, read_only);
	sync_close_child(&sync);
	copy = child < 0 ? error_set(err, errno, "cannot fork")
	                 : sync_receive_descriptor(sync.gate_parent);
	if (child > 0 && copy < 0) {
		if (sync_read_report(&report, sync.report_parent) == 1)
			*err = report.error;
		else
			error_set(err, 0, "the process in the container was killed");
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	sync_close_parent(&sync);
	return copy;
}
