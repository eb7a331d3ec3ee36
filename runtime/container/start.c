/*
 * start: from a request to a running container: look everything up, write it down, publish the
 * folder, and hand over to the monitor: in this process, or in a forked one for -d and -t.
 */
#include "runtime/container/monitor.h"

#include "runtime/container/channel.h"
#include "runtime/container/identity.h"
#include "runtime/container/record.h"
#include "runtime/container/terminal.h"
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Everything of one launch. */
struct start {
	struct arena arena;
	const struct paths *paths;
	const struct host *host;
	const struct run_request *request;
	struct image image;
	struct launch launch;
	struct plan plan;
	struct folder folder;
	struct value *state;
	char name[CONTAINER_ID_LENGTH];
	struct text notes;
	uint64_t clock;
};

static void trace(struct start *start, const char *what)
{
	uint64_t now;

	if (start->request->trace < 0)
		return;
	now = io_now();
	dprintf(start->request->trace, "%8.1f us  %s\n", (double)(now - start->clock) / 1000, what);
	start->clock = now;
}

static int find_image(struct start *start, struct error *err)
{
	const struct run_request *request = start->request;
	int found;

	if (request->rootfs != NULL) {
		struct stat status;
		char *full = realpath(request->rootfs, NULL);

		if (full == NULL || stat(full, &status) < 0)
			return error_set(err, errno, "--rootfs %s", request->rootfs);
		free(full);
		if (!S_ISDIR(status.st_mode))
			return error_set(err, ENOTDIR, "--rootfs %s", request->rootfs);
		return 0;
	}
	found = image_find(&start->image, &start->arena, start->paths, request->image, err);
	if (found == 0) {
		error_set(err, 0, "no such image: %.200s", request->image);
		return error_hint(
		        err,
		        "see cordon images; get one with cordon load -i FILE, cordon pull oci:DIR or "
		        "cordon import ROOTFS.tar NAME");
	}
	start->launch.image = found > 0 ? &start->image : NULL;
	return found < 0 ? -1 : 0;
}

static int find_profile(struct start *start, struct error *err)
{
	const struct run_request *request = start->request;
	bool hit = false;

	return profile_confinement(&start->plan.confinement, &hit, &start->arena, start->paths,
	                           start->host, request->profile, request->seccomp_file,
	                           start->launch.image == NULL ? NULL : start->image.reference,
	                           &request->flags, err);
}

static int write_down(struct start *start, struct error *err)
{
	if (launch_plan(&start->plan, &start->arena, &start->launch, &start->notes, err) < 0)
		return -1;
	if (start->notes.length > 0)
		dprintf(STDERR_FILENO, "cordon: warning: %s\n", start->notes.data);
	start->state = record_state(&start->arena, &start->launch, &start->plan);
	if (record_write(&start->folder, &start->arena, &start->launch, &start->plan,
	                 text_string(&start->notes), err) < 0)
		return -1;
	return folder_publish(&start->folder, start->paths, start->name, err);
}

static int prepare(struct start *start, struct error *err)
{
	const struct run_request *request = start->request;

	start->clock = request->trace >= 0 ? io_now() : 0;
	start->launch =
	        (struct launch){ .paths = start->paths, .host = start->host, .request = request };
	if (request->name != NULL && identity_check_name(request->name, err) < 0)
		return -1;
	if (find_image(start, err) < 0)
		return -1;
	trace(start, "find the image");
	if (find_profile(start, err) < 0)
		return -1;
	trace(start, "compile the profile (or take it from the cache)");
	if (folder_make(&start->folder, start->paths, err) < 0)
		return -1;
	if (request->name != NULL)
		snprintf(start->name, sizeof start->name, "%s", request->name);
	else
		identity_make_name(start->name, sizeof start->name, start->folder.id);
	start->launch.id = start->folder.id;
	start->launch.name = start->name;
	start->launch.folder = arena_printf(&start->arena, "%s/containers/%s", start->paths->data,
	                                    start->folder.id);
	if (write_down(start, err) < 0) {
		folder_discard(&start->folder, start->paths, start->name);
		folder_close(&start->folder);
		return -1;
	}
	trace(start, "write the container down");
	return 0;
}

static void start_done(struct start *start)
{
	folder_close(&start->folder);
	text_done(&start->notes);
	arena_done(&start->arena);
}

static struct monitor_request monitor_request(struct start *start)
{
	const struct run_request *request = start->request;

	return (struct monitor_request){ .paths = start->paths,
		                         .host = start->host,
		                         .plan = &start->plan,
		                         .folder = &start->folder,
		                         .network = &start->launch.network,
		                         .arena = &start->arena,
		                         .state = start->state,
		                         .name = start->name,
		                         .interactive = request->interactive,
		                         .remove = request->remove,
		                         .client = -1,
		                         .ready = -1,
		                         .trace = request->trace };
}

/* ---- the forked monitor ---- */

static void become_background(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/") < 0)
		_exit(EXIT_ENGINE);
}

/* Forks a monitor; returns once the command runs. Its pid, or -1 with the reason. */
static pid_t fork_monitor(struct monitor_request *request, struct error *err)
{
	struct monitor_answer answer = {};
	int ready[2];
	ssize_t count;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		close(ready[0]);
		request->ready = ready[1];
		become_background();
		_exit(monitor_run(request, err) < 0 ? EXIT_ENGINE : 0);
	}
	close(ready[1]);
	if (pid < 0) {
		close(ready[0]);
		return error_set(err, errno, "cannot fork a monitor");
	}
	do
		count = read(ready[0], &answer, sizeof answer);
	while (count < 0 && errno == EINTR);
	close(ready[0]);
	if (count == sizeof answer && answer.started)
		return pid;
	waitpid(pid, NULL, 0);
	if (count != sizeof answer)
		return error_set(err, 0, "the container's monitor ended before the container ran");
	*err = answer.error;
	return -1;
}

/* A terminal in the foreground: the monitor holds the container's pty, this process is its first
 * client. */
static int run_attached(struct start *start, struct monitor_request *request, struct error *err)
{
	int ends[2], result;
	pid_t monitor;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket pair");
	request->client = ends[1];
	monitor = fork_monitor(request, err);
	close(ends[1]);
	/* the monitor holds the lock now; ours is the same open file description */
	folder_close(&start->folder);
	result = monitor < 0 ? -1
	                     : terminal_attach(ends[0], start->request->terminal,
	                                       start->request->interactive,
	                                       start->request->detach_keys, err);
	close(ends[0]);
	return result;
}

static int launch(struct start *start, struct error *err)
{
	struct monitor_request request = monitor_request(start);

	if (start->request->detach) {
		if (fork_monitor(&request, err) < 0)
			return -1;
		if (dprintf(STDOUT_FILENO, "%s\n", start->folder.id) < 0)
			return 0;
		return 0;
	}
	if (start->request->terminal)
		return run_attached(start, &request, err);
	request.foreground = true;
	return monitor_run(&request, err);
}

static int write_cidfile(const struct run_request *request, const char *id, struct error *err)
{
	_cleanup_fd int fd = -1;

	if (request->cidfile == NULL)
		return 0;
	fd = open(request->cidfile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, id, strlen(id)) < 0)
		return error_set(err, errno, "cannot write the id to %s", request->cidfile);
	return 0;
}

int container_run(const struct paths *paths, const struct host *host,
                  const struct run_request *request, struct error *err)
{
	struct start start = { .paths = paths,
		               .host = host,
		               .request = request,
		               .folder = { .containers = -1, .dir = -1, .lock = -1 } };
	int result = prepare(&start, err);

	if (result == 0) {
		char id[CONTAINER_ID_LENGTH + 1];
		struct folder own = { .containers = -1, .dir = -1, .lock = -1 };
		struct error ignored;

		memcpy(id, start.folder.id, sizeof id);
		result = write_cidfile(request, id, err);
		if (result == 0)
			result = launch(&start, err);
		trace(&start, "run");
		/* What was never started leaves nothing behind. */
		if (result < 0 && start.folder.dir < 0) {
			own.containers = paths_open_dir(paths->data, "containers", &ignored);
			memcpy(own.id, id, sizeof id);
			folder_discard(&own, paths, start.name);
			folder_close(&own);
		} else if (result < 0) {
			folder_discard(&start.folder, paths, start.name);
		}
	}
	start_done(&start);
	return result;
}

int container_create(const char **id, struct arena *arena, const struct paths *paths,
                     const struct host *host, const struct run_request *request, struct error *err)
{
	struct start start = { .paths = paths,
		               .host = host,
		               .request = request,
		               .folder = { .containers = -1, .dir = -1, .lock = -1 } };
	int result = prepare(&start, err);

	if (result == 0)
		result = state_write(start.folder.dir, start.state, CONTAINER_CREATED, err);
	if (result == 0)
		result = write_cidfile(request, start.folder.id, err);
	if (result == 0)
		*id = arena_strdup(arena, start.folder.id);
	else if (start.folder.dir >= 0)
		folder_discard(&start.folder, paths, start.name);
	start_done(&start);
	return result;
}

/* Takes the folder of a container that is not running, for `start`. */
static int take_folder(struct start *start, struct container *container, const char *name,
                       struct error *err)
{
	int found = container_open(container, &start->arena, start->paths, name, err);

	if (found == 0)
		return error_set(err, 0, "no such container: %.200s", name);
	if (found < 0)
		return -1;
	if (container->status == CONTAINER_RUNNING)
		return error_set(err, 0, "container %s is running already", name);
	memcpy(start->folder.id, container->id, sizeof start->folder.id);
	snprintf(start->name, sizeof start->name, "%s", container->name);
	start->folder.dir = container->dir;
	container->dir = -1;
	start->folder.containers = paths_open_dir(start->paths->data, "containers", err);
	if (start->folder.containers < 0)
		return -1;
	start->folder.lock = folder_lock(start->folder.dir);
	start->state = value_copy(&start->arena, container->state);
	return record_read(&start->plan, &start->launch.network, &start->arena, start->folder.dir,
	                   err);
}

int container_start(const struct paths *paths, const struct host *host, const char *name,
                    bool attach, bool interactive, struct error *err)
{
	struct run_request request = { .trace = -1 };
	struct start start = { .paths = paths,
		               .host = host,
		               .request = &request,
		               .folder = { .containers = -1, .dir = -1, .lock = -1 } };
	struct container container = { .dir = -1 };
	int result = take_folder(&start, &container, name, err);

	if (result == 0) {
		struct monitor_request monitor;

		request.interactive =
		        interactive ||
		        value_boolean(value_get(container.record, "interactive"), false);
		request.remove = value_boolean(value_get(container.record, "remove"), false);
		request.terminal = start.plan.process.terminal;
		monitor = monitor_request(&start);
		if (attach)
			result = run_attached(&start, &monitor, err);
		else
			result = fork_monitor(&monitor, err) < 0 ? -1 : 0;
	}
	container_close(&container);
	start_done(&start);
	return result;
}
