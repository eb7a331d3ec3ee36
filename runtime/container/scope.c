#include "runtime/container/scope.h"

#include "runtime/container/bus.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define MANAGER_LEAF "/init.scope"

enum { STRUCT_ALIGNMENT = 8, NUMBER_ALIGNMENT = 4, CGROUP_FILE_MAX = 1 << 16 };

static int connect_manager(pid_t *manager, const char *runtime, struct error *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/systemd/private", runtime) >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "%s", runtime);
	return bus_connect(manager, path, err);
}

/* "0::/user.slice/..." of /proc/PID/cgroup: the v2 hierarchy. */
const char *scope_of_process(struct arena *arena, pid_t pid)
{
	_cleanup_text struct text text = {};
	struct error ignored;
	const char *line;
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/cgroup", (long)pid);
	if (io_read_file(&text, AT_FDCWD, path, CGROUP_FILE_MAX, &ignored) <= 0)
		return NULL;
	line = text_starts(text.data, "0::") ? text.data : strstr(text.data, "\n0::");
	if (line == NULL)
		return NULL;
	line += line[0] == '\n' ? 4 : 3;
	return arena_text(arena, line, strcspn(line, "\n"));
}

const char *scope_manager_cgroup(struct arena *arena, const char *runtime)
{
	struct error ignored;
	const char *cgroup;
	pid_t manager = 0;
	_cleanup_fd int fd = connect_manager(&manager, runtime, &ignored);

	if (fd < 0)
		return NULL;
	cgroup = scope_of_process(arena, manager);
	/* the manager itself sits in a leaf of its tree */
	if (cgroup != NULL && text_ends(cgroup, MANAGER_LEAF))
		cgroup = arena_text(arena, cgroup, strlen(cgroup) - strlen(MANAGER_LEAF));
	return cgroup;
}

/* ---- calling ---- */

/* Our scope is there when its job is done, not when the call returns. */
static bool ends_job(const struct bus_message *message, const char *name, const char **result)
{
	size_t at = message->body;
	const char *job, *unit;
	uint32_t number;

	if (message->type != BUS_SIGNAL || strcmp(message->member, "JobRemoved") != 0 ||
	    !bus_get_number(&number, &message->bytes, &at))
		return false;
	job = bus_get_string(&message->bytes, &at);
	unit = job == NULL ? NULL : bus_get_string(&message->bytes, &at);
	*result = unit == NULL ? NULL : bus_get_string(&message->bytes, &at);
	return *result != NULL && strcmp(unit, name) == 0;
}

static int refused(const struct bus_message *message, struct error *err)
{
	size_t at = message->body;
	const char *text = bus_get_string(&message->bytes, &at);

	error_set(err, 0, "%.200s", text == NULL ? message->error_name : text);
	if (text_ends(message->error_name, ".UnitExists"))
		err->number = EEXIST;
	return -1;
}

/* Sends the call and waits for its answer; with `name`, for the end of that unit's job too. */
static int call_manager(const char *runtime, const struct bus_call *call, const char *name,
                        struct error *err)
{
	_cleanup_message struct bus_message message = {};
	bool answered = false, done = name == NULL;
	const char *result;
	pid_t manager;
	_cleanup_fd int fd = connect_manager(&manager, runtime, err);

	if (fd < 0 || bus_send(fd, call, err) < 0)
		return -1;
	while (!answered || !done) {
		if (bus_receive(&message, fd, err) < 0)
			return -1;
		if (message.type == BUS_ERROR && message.reply_to == 1)
			return refused(&message, err);
		if (message.type == BUS_RETURN && message.reply_to == 1)
			answered = true;
		if (!done && ends_job(&message, name, &result)) {
			if (strcmp(result, "done") != 0)
				return error_set(err, 0, "the job ended with '%.40s'", result);
			done = true;
		}
	}
	return 0;
}

static struct bus_call manager_call(const char *member, const char *signature)
{
	return (struct bus_call){
		.destination = "org.freedesktop.systemd1",
		.path = "/org/freedesktop/systemd1",
		.interface = "org.freedesktop.systemd1.Manager",
		.member = member,
		.signature = signature,
	};
}

static void put_own_pid(struct text *body)
{
	size_t array = bus_open_array(body, NUMBER_ALIGNMENT);

	bus_put_number(body, (uint32_t)getpid());
	bus_close_array(body, array, NUMBER_ALIGNMENT);
}

/* (sv), up to the value. */
static void put_property(struct text *body, const char *name, const char *signature)
{
	bus_align(body, STRUCT_ALIGNMENT);
	bus_put_string(body, name);
	bus_put_signature(body, signature);
}

int scope_start(const char *runtime, const char *name, struct error *err)
{
	static const char *const texts[][2] = {
		{ "Description", "container of cordon" },
		{ "Slice", "app.slice" },
		{ "CollectMode", "inactive-or-failed" }, /* a failed one must not keep its name */
	};
	struct bus_call call = manager_call("StartTransientUnit", "ssa(sv)a(sa(sv))");
	size_t properties;
	int result;

	bus_put_string(&call.body, name);
	bus_put_string(&call.body, "fail");
	properties = bus_open_array(&call.body, STRUCT_ALIGNMENT);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put_property(&call.body, texts[i][0], "s");
		bus_put_string(&call.body, texts[i][1]);
	}
	put_property(&call.body, "Delegate", "b");
	bus_put_number(&call.body, true);
	put_property(&call.body, "PIDs", "au");
	put_own_pid(&call.body);
	bus_close_array(&call.body, properties, STRUCT_ALIGNMENT);
	/* no further units */
	bus_close_array(&call.body, bus_open_array(&call.body, STRUCT_ALIGNMENT), STRUCT_ALIGNMENT);
	result = call_manager(runtime, &call, name, err);
	text_done(&call.body);
	return result < 0 ? error_prefix(err, "systemd --user does not start %s", name) : 0;
}

int scope_join(const char *runtime, const char *name, const char *below, struct error *err)
{
	struct bus_call call = manager_call("AttachProcessesToUnit", "ssau");
	int result;

	bus_put_string(&call.body, name);
	bus_put_string(&call.body, below);
	put_own_pid(&call.body);
	result = call_manager(runtime, &call, NULL, err);
	text_done(&call.body);
	return result < 0 ? error_prefix(err, "systemd --user does not let us into %s", name) : 0;
}
