/*
 * exec: a further command in a running container: the plan that container was started with, and
 * another process in it, so the same policy, never more; less, where the ceiling is lower by now.
 *
 * This process is the command's parent and carries its streams. With a terminal or detached a
 * process in the background is, so that the person can leave it running.
 */
#include "runtime/container/background.h"
#include "runtime/container/cgroup.h"
#include "runtime/container/client.h"
#include "runtime/container/control.h"
#include "runtime/container/narrow.h"
#include "runtime/container/process.h"
#include "runtime/container/record.h"
#include "runtime/container/relay.h"
#include "runtime/container/seal.h"
#include "runtime/container/signals.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/spawn.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct exec {
	const struct exec_request *request;
	const struct host *host;
	const char *runtime; /* $XDG_RUNTIME_DIR */
	struct container container;
	struct plan plan;
	int target; /* pidfd of a process of the container */
	int client; /* the monitor's end of the caller's channel, -1 */
	struct sandbox sandbox;
	struct relay relay;
};

static int set_process(struct plan *plan, struct arena *arena, const struct exec_request *request,
                       struct error *err)
{
	struct plan_process *process = &plan->process;
	struct winsize size = {};

	process->arguments = request->command;
	process->terminal = request->terminal;
	process->init = false;
	process->rows = process->columns = 0;
	if (request->terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		process->rows = size.ws_row;
		process->columns = size.ws_col;
	}
	if (request->user != NULL)
		process->user = request->user;
	if (request->directory != NULL)
		process->directory = request->directory;
	process->environment = launch_copy(arena, &process->environment);
	if (request->terminal)
		launch_set_variable(&process->environment, arena, "TERM=xterm");
	return launch_set_environment(&process->environment, arena, &request->environment, err);
}

/* The plan of the running container, under the ceiling of now; its cgroup is where the container is
 * now, which a restart may have changed. */
static int read_plan(struct exec *exec, struct arena *arena, const struct paths *paths,
                     struct error *err)
{
	const struct narrow_request request = { paths, exec->host, &exec->container };
	const char *cgroup = state_cgroup(exec->container.details);

	if (record_read_plan(&exec->plan, arena, exec->container.dir, err) < 0)
		return -1;
	if (cgroup != NULL)
		exec->plan.cgroup = cgroup;
	return narrow_exec(&exec->plan, arena, &request, err);
}

static int enter(struct exec *exec, struct error *err)
{
	struct sandbox_streams streams = { -1, -1, -1, -1 };
	bool interactive = exec->request->interactive;
	int result = 0;

	if (cgroup_approach(exec->plan.cgroup, exec->runtime, err) < 0)
		return -1;
	if (!exec->request->terminal && !exec->request->detach)
		result = relay_pipes(&exec->relay, &streams, interactive, err);
	if (result == 0)
		result = sandbox_enter(&exec->sandbox, &exec->plan, exec->target, &streams,
		                       exec->host, err);
	relay_close_theirs(&streams);
	if (result < 0)
		return -1;
	exec->relay.process = exec->sandbox.pidfd;
	if (exec->request->terminal)
		relay_set_terminal(&exec->relay, cleanup_take_fd(&exec->sandbox.terminal),
		                   interactive);
	return 0;
}

/* ---- in the background ---- */

static void run_background(void *context, int ready)
{
	struct exec *exec = context;
	struct background_answer answer = {};

	exec->relay.signals = signals_open(true, &answer.error);
	if (exec->relay.signals < 0 || enter(exec, &answer.error) < 0) {
		background_tell(ready, &answer);
		return;
	}
	answer.started = true;
	answer.pid = exec->sandbox.pid;
	answer.pid_start = process_start_time(exec->sandbox.pid);
	background_tell(ready, &answer);
	close(ready);
	if (exec->client >= 0)
		exec->relay.clients[0] = (struct relay_client){ .fd = exec->client };
	relay_finish(&exec->relay, relay_run(&exec->relay));
}

static int start_background(struct background_answer *answer, struct exec *exec, struct error *err)
{
	const int keep[] = { exec->target, exec->client };
	const struct background background = { run_background, exec, keep, ARRAY_SIZE(keep) };

	return background_start(answer, &background, err);
}

static int run_attached(struct exec *exec, struct error *err)
{
	struct client_request client = {
		.process = -1,
		.terminal = true,
		.interactive = exec->request->interactive,
		.detach_keys = exec->request->detach_keys,
		.hangs_up = true,
	};
	struct background_answer answer;
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket pair");
	exec->client = ends[1];
	client.channel = ends[0];
	result = start_background(&answer, exec, err);
	close(ends[1]);
	if (result == 0) {
		client.process = process_open(answer.pid, answer.pid_start);
		result = client_run(&client, err);
		cleanup_close(&client.process);
	}
	close(ends[0]);
	return result;
}

/* ---- in the foreground ---- */

static int run_foreground(struct exec *exec, struct error *err)
{
	int status;

	exec->relay.signals = signals_open(true, err);
	if (exec->relay.signals < 0 || enter(exec, err) < 0) {
		relay_finish(&exec->relay, EXIT_ENGINE);
		return -1;
	}
	exec->relay.own_output = true;
	if (exec->request->interactive)
		exec->relay.own_input = STDIN_FILENO;
	status = relay_run(&exec->relay);
	relay_finish(&exec->relay, status);
	return relay_report(&exec->relay, status);
}

static int run(struct exec *exec, struct error *err)
{
	struct background_answer answer;

	if (exec->request->detach)
		return start_background(&answer, exec, err);
	return exec->request->terminal ? run_attached(exec, err) : run_foreground(exec, err);
}

static int find_target(struct exec *exec, struct error *err)
{
	exec->target = control_member(&exec->container, &exec->plan);
	return exec->target < 0
	               ? error_set(err, 0, "container %s has just ended", exec->request->name)
	               : 0;
}

int container_exec(const struct paths *paths, const struct host *host,
                   const struct exec_request *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_free struct exec *exec = malloc(sizeof *exec);
	int result;

	if (exec == NULL)
		return error_set(err, errno, "cannot exec");
	if (control_open_going(&exec->container, &arena, paths, request->name, err) < 0)
		return -1;
	background_guard_descriptors();
	exec->request = request;
	exec->host = host;
	exec->runtime = paths->runtime;
	exec->client = -1;
	exec->sandbox = (struct sandbox){ -1, -1, -1, -1, -1, "" };
	relay_init(&exec->relay);
	exec->target = -1;
	result = read_plan(exec, &arena, paths, err);
	if (result == 0)
		result = find_target(exec, err);
	if (result == 0)
		result = seal_program(paths, host, &exec->plan.confinement.landlock, err);
	if (result == 0)
		result = set_process(&exec->plan, &arena, request, err);
	if (result == 0)
		result = run(exec, err);
	cleanup_close(&exec->target);
	sandbox_done(&exec->sandbox);
	container_close(&exec->container);
	return result;
}
