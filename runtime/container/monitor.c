#include "runtime/container/monitor.h"

#include "runtime/container/background.h"
#include "runtime/container/begin.h"
#include "runtime/container/cgroup.h"
#include "runtime/container/client.h"
#include "runtime/container/process.h"
#include "runtime/container/remove.h"
#include "runtime/container/signals.h"
#include "sandbox/base/cleanup.h"

#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- the end ---- */

static void record_end(const struct monitor *monitor, struct state *state, int status)
{
	enum io_durability durability = state->remove ? IO_VOLATILE : IO_DURABLE;
	char note[128] = "";
	struct error ignored;

	state->status = CONTAINER_EXITED;
	state->exit_status = status;
	state->finished = state_now();
	state->pid = state->pid_start = state->monitor = state->monitor_start = 0;
	state->pasta = state->pasta_start = 0;
	if (monitor->log.failure != 0) {
		snprintf(note, sizeof note, "the log is not complete: %s",
		         strerror(monitor->log.failure));
		state->error = note;
	}
	/* On a full disk the lock goes free with this process, and the next command finds out by
	 * itself. */
	if (state_write(monitor->folder->dir, state, durability, &ignored) < 0)
		return;
}

static void end(struct monitor *monitor, struct state *state, int status)
{
	struct error ignored;

	log_close(&monitor->log);
	network_stop(monitor->pasta, state->ports != NULL && state->ports[0] != '\0');
	if (state_cgroup(state) != NULL) {
		state->out_of_memory = cgroup_ran_out_of_memory(state->cgroup);
		cgroup_remove(state->cgroup);
	}
	if (monitor->relay.listener >= 0)
		channel_remove(monitor->paths->run, monitor->folder->id);
	if (!state->remove || remove_container(monitor->folder, monitor->paths, monitor->host,
	                                       state, true, &ignored) < 0)
		record_end(monitor, state, status);
	/* Clients hear of the end when it is true for everyone. */
	relay_finish(&monitor->relay, status);
	cleanup_close(&monitor->relay.process);
}

/* ---- in the foreground ---- */

struct foreground {
	struct monitor monitor;
	struct monitor_request *request;
	struct error *err;
	bool failed;
};

/* Before others can have heard of it: the container is written down. */
static bool keep(void *context)
{
	struct foreground *foreground = context;

	if (foreground->monitor.kept)
		return true;
	foreground->failed =
	        begin_keep(&foreground->monitor, foreground->request, foreground->err) < 0;
	timing_step(foreground->request->timing, "write it down");
	return !foreground->failed;
}

/* Who attaches to a container comes when it has lived for a while: a short one need not pay for the
 * socket. */
static bool settle(void *context)
{
	struct foreground *foreground = context;
	struct monitor *monitor = &foreground->monitor;
	struct error ignored;

	if (!keep(foreground))
		return false;
	monitor->relay.listener =
	        channel_listen(monitor->paths->run, monitor->folder->id, &ignored);
	folder_sweep(monitor->paths, monitor->host);
	return true;
}

/* It may have another name by now: that changes only while the monitor can be spoken to
 * (rename.c). Returns the lock of the state, which is for the end. */
static int take_name(struct monitor_request *request)
{
	int lock = state_lock(request->folder->dir);
	struct state state = {};
	struct error ignored;

	if (state_read(&state, request->arena, request->folder->dir, &ignored) > 0)
		request->state->name = state.name;
	return lock;
}

int monitor_foreground(struct monitor_request *request, struct error *err)
{
	struct foreground foreground;
	struct relay *relay = &foreground.monitor.relay;
	int status, lock = -1;

	foreground.request = request;
	foreground.err = err;
	foreground.failed = false;
	if (begin(&foreground.monitor, request, err) < 0)
		return -1;
	if (!request->late && !keep(&foreground)) {
		begin_undo(&foreground.monitor, request);
		return -1;
	}
	relay->speaks = keep;
	relay->settled = settle;
	relay->context = &foreground;
	relay->own_output = true;
	if (request->interactive)
		relay->own_input = STDIN_FILENO;
	status = relay_run(relay);
	timing_step(request->timing, "run");
	if (relay->listener >= 0)
		lock = take_name(request);
	end(&foreground.monitor, request->state, status);
	cleanup_close(&lock);
	timing_step(request->timing, "clean up");
	return foreground.failed ? -1 : relay_report(relay, status);
}

/* ---- in the background ---- */

struct detached {
	struct monitor_request *request;
	int client;
};

static int begin_detached(struct monitor *monitor, struct detached *detached, struct error *err)
{
	struct monitor_request *request = detached->request;
	int listener = channel_listen(request->paths->run, request->folder->id, err);

	if (listener < 0)
		return -1;
	if (begin(monitor, request, err) < 0) {
		close(listener);
		channel_remove(request->paths->run, request->folder->id);
		return -1;
	}
	monitor->relay.listener = listener;
	if (begin_keep(monitor, request, err) < 0) {
		begin_undo(monitor, request);
		channel_remove(request->paths->run, request->folder->id);
		return -1;
	}
	if (detached->client >= 0)
		monitor->relay.clients[0] = (struct relay_client){ .fd = detached->client };
	return 0;
}

/* What was in memory was given back; the state is on disk. */
static void end_detached(struct monitor *monitor, int status)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int lock = state_lock(monitor->folder->dir);
	struct state state = {};
	struct error ignored;

	(void)lock; /* held to the end; clang takes it for unused */
	/* without it: the lock goes free, and the next command says what can be said */
	if (state_read(&state, &arena, monitor->folder->dir, &ignored) > 0)
		end(monitor, &state, status);
	else
		relay_finish(&monitor->relay, status);
}

/* The buffer for slow clients is most of what a monitor could hold on to. */
static _waiting void give_memory_back(struct relay *relay)
{
	if (relay->log != NULL)
		log_rest(relay->log);
	background_shrink(relay->said, relay->said_length == 0 ? sizeof relay->said : 0);
}

static void run_detached(void *context, int ready)
{
	struct detached *detached = context;
	struct background_answer answer = {};
	struct monitor monitor;

	/* --trace-time ends here: the descriptor is gone */
	detached->request->timing->fd = -1;
	if (begin_detached(&monitor, detached, &answer.error) < 0) {
		background_tell(ready, &answer);
		return;
	}
	answer.started = true;
	answer.pid = monitor.sandbox.pid;
	answer.pid_start = (uint64_t)detached->request->state->pid_start;
	arena_done(detached->request->arena);
	background_tell(ready, &answer);
	close(ready);
	monitor.relay.quiet = give_memory_back;
	end_detached(&monitor, relay_run(&monitor.relay));
}

static int start_detached(struct background_answer *answer, struct monitor_request *request,
                          int client, struct error *err)
{
	struct detached detached = { request, client };
	const int keep[] = { request->folder->dir, request->folder->containers, client };
	const struct background background = { run_detached, &detached, keep, ARRAY_SIZE(keep) };

	return background_start(answer, &background, err);
}

int monitor_detached(struct monitor_request *request, struct error *err)
{
	struct background_answer answer;

	return start_detached(&answer, request, -1, err);
}

int monitor_attached(struct monitor_request *request, struct error *err)
{
	struct background_answer answer = {};
	struct client_request client = {
		.terminal = request->plan->process.terminal,
		.interactive = request->interactive,
		.detach_keys = request->detach_keys,
	};
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket pair");
	result = start_detached(&answer, request, ends[1], err);
	close(ends[1]);
	if (result == 0) {
		/* The lock is the monitor's alone from here on: two descriptors of one open file
		 * would keep it while only this process lives. */
		folder_close(request->folder);
		client.channel = ends[0];
		client.process =
		        request->signal_proxy ? process_open(answer.pid, answer.pid_start) : -1;
		result = client_run(&client, err);
		cleanup_close(&client.process);
	}
	close(ends[0]);
	return result;
}
