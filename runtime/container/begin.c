#include "runtime/container/begin.h"

#include "runtime/container/cgroup.h"
#include "runtime/container/process.h"
#include "runtime/container/record.h"
#include "runtime/container/signals.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/spawn.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

static struct value *enforced_value(struct arena *arena, const struct enforced *enforced)
{
	struct value *object = value_new_object(arena);
	const struct {
		const char *key;
		uint64_t number;
	} numbers[] = {
		{ "Seccomp", (uint64_t)enforced->seccomp },
		{ "SeccompFilters", (uint64_t)enforced->seccomp_filters },
		{ "NoNewPrivs", (uint64_t)enforced->no_new_privileges },
		{ "CapInh", enforced->capabilities.inheritable },
		{ "CapPrm", enforced->capabilities.permitted },
		{ "CapEff", enforced->capabilities.effective },
		{ "CapBnd", enforced->capabilities.bounding },
		{ "CapAmb", enforced->capabilities.ambient },
		{ "Uid", enforced->uid },
		{ "Gid", enforced->gid },
		{ "LandlockABI", (uint64_t)enforced->landlock_abi },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		value_set(arena, object, numbers[i].key,
		          value_new_integer(arena, (int64_t)numbers[i].number));
	record_put(arena, object, "Label", enforced->label);
	return object;
}

/* What the kernel says of the running command, or of the zombie it is already. */
static int record_running(struct monitor_request *request, const struct sandbox *sandbox,
                          pid_t pasta, struct error *err)
{
	struct state *state = request->state;
	struct enforced enforced;

	if (sandbox_read_enforced(&enforced, sandbox->pid, request->host, err) < 0)
		return -1;
	state->status = CONTAINER_RUNNING;
	state->started = state_now();
	state->finished = state->exit_status = 0;
	state->error = "";
	state->skipped = sandbox->notes;
	state->pid = sandbox->pid;
	state->pid_start = (int64_t)process_start_time(sandbox->pid);
	state->monitor = getpid();
	state->monitor_start = (int64_t)process_start_time(getpid());
	state->pasta = pasta;
	state->pasta_start = (int64_t)process_start_time(pasta);
	state->cgroup = request->plan->cgroup;
	state->enforced = enforced_value(request->arena, &enforced);
	if (pasta > 0)
		record_ports(state, request->arena, request->network);
	/* A loss of power ends it: only the end must be durable. */
	return state_write(request->folder->dir, state, IO_VOLATILE, err);
}

/* Connects the network while the child mounts, and lets it go. */
static int release(struct sandbox *sandbox, pid_t *pasta, struct monitor_request *request,
                   struct error *err)
{
	if (request->plan->network == PLAN_NETWORK_PRIVATE) {
		struct error reason;

		if (network_start(pasta, request->paths, request->network, sandbox->pid, err) < 0) {
			/* A child that failed by itself is why it could not be connected. */
			pidfd_send_signal(sandbox->pidfd, SIGKILL, NULL, 0);
			if (!request->plan->process.terminal &&
			    sandbox_start(sandbox, request->plan, &reason) < 0)
				*err = reason;
			return -1;
		}
		timing_step(request->timing, "connect the network");
	}
	if (sandbox_start(sandbox, request->plan, err) < 0)
		return -1;
	timing_step(request->timing, "mount, confine, exec");
	return 0;
}

static int start_sandbox(struct sandbox *sandbox, struct monitor *monitor,
                         struct monitor_request *request, struct error *err)
{
	struct sandbox_streams streams = { -1, -1, -1, request->timing->fd };
	int result = 0;

	if (!request->plan->process.terminal)
		result = relay_pipes(&monitor->relay, &streams, request->interactive, err);
	if (result == 0)
		result = sandbox_spawn(sandbox, request->plan, request->host, &streams, err);
	relay_close_theirs(&streams);
	if (result == 0)
		timing_step(request->timing, "clone, map ids");
	return result;
}

static void undo(struct monitor *monitor, struct sandbox *sandbox, pid_t pasta,
                 const struct plan *plan)
{
	if (sandbox->pidfd >= 0) {
		pidfd_send_signal(sandbox->pidfd, SIGKILL, NULL, 0);
		while (waitpid(sandbox->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (pasta > 0)
		process_kill(pasta, process_start_time(pasta), SIGTERM);
	sandbox_done(sandbox);
	relay_finish(&monitor->relay, EXIT_ENGINE);
	if (plan->cgroup != NULL)
		cgroup_remove(plan->cgroup);
}

int begin(struct monitor *ret, struct monitor_request *request, struct error *err)
{
	struct sandbox sandbox = { -1, -1, -1, -1, -1, "" };
	pid_t pasta = 0;
	int result;

	/* field by field: the relay's buffers are not to be touched before they are used */
	ret->paths = request->paths;
	ret->host = request->host;
	ret->folder = request->folder;
	log_init(&ret->log, request->folder->dir);
	relay_init(&ret->relay);
	ret->relay.log = &ret->log;
	ret->relay.signals = signals_open(request->signal_proxy, err);
	result = ret->relay.signals < 0 ? -1
	                                : cgroup_make(request->plan->cgroup, request->plan, err);
	if (result == 0)
		result = start_sandbox(&sandbox, ret, request, err);
	if (result == 0)
		result = release(&sandbox, &pasta, request, err);
	if (result == 0) {
		if (request->plan->process.terminal)
			relay_set_terminal(&ret->relay, cleanup_take_fd(&sandbox.terminal),
			                   request->interactive);
		result = record_running(request, &sandbox, pasta, err);
		timing_step(request->timing, "write down that it runs");
	}
	if (result < 0) {
		undo(ret, &sandbox, pasta, request->plan);
		return -1;
	}
	ret->relay.process = sandbox.pidfd;
	return 0;
}
