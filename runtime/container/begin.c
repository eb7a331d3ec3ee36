#include "runtime/container/begin.h"

#include "runtime/container/cgroup.h"
#include "runtime/container/process.h"
#include "runtime/container/record.h"
#include "runtime/container/signals.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

/* Connects the network while the child mounts, and lets it go. */
static int release(struct monitor *monitor, struct monitor_request *request, struct error *err)
{
	struct sandbox *sandbox = &monitor->sandbox;

	if (request->plan->network == PLAN_NETWORK_PRIVATE) {
		struct error reason;

		if (network_start(&monitor->pasta, request->paths, request->network, sandbox->pid,
		                  err) < 0) {
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

static int start_sandbox(struct monitor *monitor, struct monitor_request *request,
                         struct error *err)
{
	struct sandbox_request spawn = {
		.plan = request->plan,
		.host = request->host,
		.streams = { -1, -1, -1, request->timing->fd },
		.meanwhile = { request->make_folder, request->context },
	};
	int result = 0;

	if (!request->plan->process.terminal)
		result = relay_pipes(&monitor->relay, &spawn.streams, request->interactive, err);
	if (result == 0)
		result = sandbox_spawn(&monitor->sandbox, &spawn, err);
	relay_close_theirs(&spawn.streams);
	/* it may have been made just now */
	monitor->log.dir = request->folder->dir;
	if (result == 0)
		timing_step(request->timing, "clone, map ids");
	return result;
}

void begin_undo(struct monitor *monitor, struct monitor_request *request)
{
	struct sandbox *sandbox = &monitor->sandbox;

	if (sandbox->pidfd >= 0) {
		pidfd_send_signal(sandbox->pidfd, SIGKILL, NULL, 0);
		while (waitpid(sandbox->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	network_stop(monitor->pasta, true);
	sandbox_done(sandbox);
	relay_finish(&monitor->relay, EXIT_ENGINE);
	if (request->plan->cgroup != NULL)
		cgroup_remove(request->plan->cgroup);
}

/* Field by field: the relay's buffers are not to be touched before they are used. */
static void prepare(struct monitor *monitor, const struct monitor_request *request)
{
	monitor->paths = request->paths;
	monitor->host = request->host;
	monitor->folder = request->folder;
	monitor->sandbox = (struct sandbox){ -1, -1, -1, -1, -1, "" };
	monitor->pasta = 0;
	monitor->kept = false;
	log_init(&monitor->log, request->folder->dir);
	relay_init(&monitor->relay);
	monitor->relay.log = &monitor->log;
}

int begin(struct monitor *ret, struct monitor_request *request, struct error *err)
{
	int result;

	prepare(ret, request);
	ret->relay.signals = signals_open(request->signal_proxy, err);
	result = ret->relay.signals < 0 ? -1
	                                : cgroup_make(request->plan->cgroup, request->plan,
	                                              request->paths->runtime, err);
	if (result == 0)
		result = start_sandbox(ret, request, err);
	if (result == 0)
		result = release(ret, request, err);
	if (result < 0) {
		begin_undo(ret, request);
		return -1;
	}
	request->state->started = state_now();
	if (request->plan->process.terminal)
		relay_set_terminal(&ret->relay, cleanup_take_fd(&ret->sandbox.terminal),
		                   request->interactive);
	ret->relay.process = ret->sandbox.pidfd;
	return 0;
}

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

/* The limits as the kernel has them, in its own words: "max" for none. */
static void put_limits(struct arena *arena, struct value *enforced, const char *cgroup)
{
	static const struct {
		const char *key, *file;
	} rows[] = {
		{ "MemoryMax", "memory.max" },
		{ "MemorySwapMax", "memory.swap.max" },
		{ "PidsMax", "pids.max" },
		{ "CpuMax", "cpu.max" },
	};

	if (cgroup == NULL)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		record_put(arena, enforced, rows[i].key, cgroup_read(arena, cgroup, rows[i].file));
}

/* What the kernel says of the running command, or of the zombie it is already. */
static int fill_state(struct monitor *monitor, struct monitor_request *request, struct error *err)
{
	struct state *state = request->state;
	struct enforced enforced;
	struct value *reported;

	if (sandbox_read_enforced(&enforced, monitor->sandbox.pid, request->host, err) < 0 ||
	    sandbox_check_enforced(&enforced, &request->plan->confinement, err) < 0)
		return -1;
	if (!request->plan->confinement.landlock.enabled)
		enforced.landlock_abi = 0;
	state->status = CONTAINER_RUNNING;
	state->finished = state->exit_status = 0;
	state->error = "";
	state->skipped = monitor->sandbox.notes;
	state->pid = monitor->sandbox.pid;
	state->pid_start = (int64_t)process_start_time(monitor->sandbox.pid);
	state->monitor = getpid();
	state->monitor_start = (int64_t)process_start_time(getpid());
	state->pasta = monitor->pasta;
	state->pasta_start = (int64_t)process_start_time(monitor->pasta);
	state->cgroup = request->plan->cgroup;
	reported = enforced_value(request->arena, &enforced);
	put_limits(request->arena, reported, state->cgroup);
	state->enforced = reported;
	if (monitor->pasta > 0)
		record_ports(state, request->arena, request->network);
	return 0;
}

static int write_pidfile(const char *path, pid_t pid, struct error *err)
{
	_cleanup_fd int fd = -1;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd < 0 || dprintf(fd, "%d\n", (int)pid) < 0)
		return error_set(err, errno, "cannot write the pid to %s", path);
	return 0;
}

int begin_keep(struct monitor *monitor, struct monitor_request *request, struct error *err)
{
	if (request->write_down != NULL && request->write_down(request->context, err) < 0)
		return -1;
	/* A loss of power ends it: only the record and the end must be durable. */
	if (fill_state(monitor, request, err) < 0 ||
	    write_pidfile(request->pidfile, monitor->sandbox.pid, err) < 0 ||
	    state_write(request->folder->dir, request->state, IO_VOLATILE, err) < 0)
		return -1;
	if (request->confirm != NULL && request->confirm(request->context, err) < 0)
		return -1;
	monitor->kept = true;
	return 0;
}
