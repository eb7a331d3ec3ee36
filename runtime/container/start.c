/*
 * start: from a request to a running container: look everything up, write it down, hand over to a
 * monitor: this process, or a forked one for -d and -t. In the foreground the folder is made while
 * the helpers write the maps of the ids: they take longer.
 */
#include "runtime/container/background.h"
#include "runtime/container/cgroup.h"
#include "runtime/container/cidfile.h"
#include "runtime/container/control.h"
#include "runtime/container/fresh.h"
#include "runtime/container/identity.h"
#include "runtime/container/monitor.h"
#include "runtime/container/narrow.h"
#include "runtime/container/record.h"
#include "runtime/container/remove.h"
#include "runtime/container/seal.h"
#include "runtime/container/source.h"
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>

enum { NAME_SIZE = 160, NAME_ATTEMPTS = 8 };

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
	struct state state;
	struct text notes;
	struct timing timing;
	char name[NAME_SIZE];
	const char *pidfile; /* of a container that is started again */
};

static void start_init(struct start *start, const struct paths *paths, const struct host *host,
                       const struct run_request *request)
{
	*start = (struct start){
		.paths = paths,
		.host = host,
		.request = request,
		.folder = FOLDER_NONE,
		.timing = timing_start(request->trace),
	};
	start->launch = (struct launch){
		.paths = paths,
		.host = host,
		.request = request,
		.notes = &start->notes,
	};
}

static void start_done(struct start *start)
{
	folder_close(&start->folder);
	cleanup_close(&start->timing.fd);
	text_done(&start->notes);
	arena_done(&start->arena);
}

/* ---- looking up ---- */

static int find_profile(struct start *start, struct error *err)
{
	const struct run_request *request = start->request;
	const struct image *image = start->launch.image;
	const struct profile_request profile = {
		.paths = start->paths,
		.host = start->host,
		.given = request->profile,
		.reference = image == NULL ? NULL : image->reference,
		.seccomp_file = request->seccomp_file,
		.attaching = request->image_profile,
		.attached = image == NULL ? NULL : image->profile,
		.flags = &request->flags,
	};
	bool hit = false;

	if (profile_confinement(&start->plan.confinement, &hit, &start->arena, &profile, err) < 0)
		return -1;
	timing_step(&start->timing, hit ? "find the compiled profile" : "compile the profile");
	return 0;
}

static int look_up(struct start *start, struct error *err)
{
	const struct run_request *request = start->request;

	if ((request->name != NULL && identity_check_name(request->name, err) < 0) ||
	    cidfile_check(request->cidfile, err) < 0)
		return -1;
	if (source_find(&start->launch, &start->image, &start->arena, err) < 0)
		return -1;
	timing_step(&start->timing, "find the image");
	return find_profile(start, err);
}

/* ---- writing down ---- */

static int find_cgroup(struct start *start, enum run_cgroups when, struct error *err)
{
	const struct cgroup_request request = {
		.resources = &start->plan.confinement.resources,
		.id = start->folder.id,
		.runtime = start->paths->runtime,
		.when = when,
	};

	start->plan.cgroup = NULL;
	return cgroup_find(&start->plan.cgroup, &start->arena, &request, &start->notes, err);
}

static int make_plan(struct start *start, struct error *err)
{
	if (launch_plan(&start->plan, &start->arena, &start->launch, err) < 0 ||
	    fresh_fill(&start->arena, &start->launch, &start->plan, err) < 0 ||
	    find_cgroup(start, start->request->cgroups, err) < 0)
		return -1;
	record_state(&start->state, &start->arena, &start->launch, &start->plan);
	return 0;
}

/* A name made up may be in use by chance: then another is. */
static int claim_name(struct start *start, struct error *err)
{
	const char *given = start->request->name;
	unsigned attempt = 0;

	if (given != NULL)
		snprintf(start->name, sizeof start->name, "%s", given);
	else
		identity_make_name(start->name, sizeof start->name, start->folder.id, attempt++);
	while (folder_claim(&start->folder, start->paths, start->name, err) < 0) {
		if (given != NULL || err->number != EEXIST || attempt == NAME_ATTEMPTS)
			return -1;
		identity_make_name(start->name, sizeof start->name, start->folder.id, attempt++);
	}
	return 0;
}

/* Where there is none yet. */
static int make_folder(void *context, struct error *err)
{
	struct start *start = context;

	if (start->folder.dir >= 0)
		return 0;
	return folder_make(&start->folder, start->paths, start->request->rootfs == NULL, err);
}

/* Everything but the state, with which the container begins to exist. */
static int write_down(void *context, struct error *err)
{
	struct start *start = context;

	if (start->name[0] == '\0' && claim_name(start, err) < 0)
		return -1;
	return record_write(&start->folder, &start->arena, &start->launch, &start->plan, err);
}

static int confirm_image(void *context, struct error *err)
{
	return source_confirm(&((const struct start *)context)->launch, err);
}

static void warn(const struct start *start)
{
	char *copy = start->notes.length > 0 ? strdup(start->notes.data) : NULL, *save = NULL;

	for (char *line = copy == NULL ? NULL : strtok_r(copy, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		dprintf(STDERR_FILENO, "cordon: warning: %s\n", line);
	free(copy);
}

/* What never ran leaves neither its folder nor the volumes made for it alone. */
static void undo(struct start *start)
{
	struct error ignored;

	start->state.name = start->name;
	start->state.anonymous = record_strings(&start->arena, &start->launch.anonymous);
	if (remove_container(&start->folder, start->paths, start->host, &start->state, true,
	                     &ignored) < 0)
		return; /* the next sweep tries again */
}

/* A name is claimed for a folder that is there. */
static int claim_given_name(struct start *start, struct error *err)
{
	if (start->request->name == NULL)
		return 0;
	return make_folder(start, err) < 0 ? -1 : claim_name(start, err);
}

/* All that a container needs to start, but its folder, which only a name needs now, or nothing. */
static int prepare(struct start *start, struct error *err)
{
	if (look_up(start, err) < 0 ||
	    seal_program(start->paths, start->host, &start->plan.confinement.landlock, err) < 0)
		return -1;
	if (folder_choose(&start->folder, start->paths, err) < 0)
		return -1;
	start->launch.id = start->folder.id;
	start->launch.name = start->name;
	start->launch.folder = arena_printf(&start->arena, "%s/containers/%s", start->paths->data,
	                                    start->folder.id);
	if (claim_given_name(start, err) < 0 || make_plan(start, err) < 0 ||
	    cidfile_write(start->request->cidfile, start->folder.id, err) < 0) {
		undo(start);
		return -1;
	}
	warn(start);
	timing_step(&start->timing, "make the plan");
	return 0;
}

/* ---- running ---- */

/* Nobody can have heard of a container that has neither said a word nor anything of the caller's:
 * it need not be written down before it has lived for a moment, and most of what is run by scripts
 * has not. kill -9 in that moment leaves what the next sweep takes away. */
static bool may_be_late(const struct start *start)
{
	const struct run_request *request = start->request;
	const struct image *image = start->launch.image;

	return request->remove && request->cidfile == NULL && request->pidfile == NULL &&
	       request->volumes.count == 0 && request->mount_count == 0 &&
	       start->plan.network == PLAN_NETWORK_NONE && start->plan.cgroup == NULL &&
	       image != NULL && image->config.volumes.count == 0;
}

static struct monitor_request monitor_request(struct start *start)
{
	const struct run_request *request = start->request;

	return (struct monitor_request){
		.paths = start->paths,
		.host = start->host,
		.arena = &start->arena,
		.folder = &start->folder,
		.plan = &start->plan,
		.network = &start->launch.network,
		.state = &start->state,
		.detach_keys = request->detach_keys,
		.pidfile = request->pidfile,
		.timing = &start->timing,
		.interactive = request->interactive,
		.signal_proxy = !request->no_signal_proxy,
		.late = may_be_late(start),
	};
}

static int run(struct start *start, struct error *err)
{
	struct monitor_request request = monitor_request(start);

	request.write_down = write_down;
	request.confirm = confirm_image;
	request.context = start;
	if (!start->request->terminal && !start->request->detach) {
		/* while the maps of its ids are written */
		request.make_folder = make_folder;
		return monitor_foreground(&request, err);
	}
	/* the lock is to be this process's too until the monitor has it, and the name known here */
	if (make_folder(start, err) < 0 || (start->name[0] == '\0' && claim_name(start, err) < 0))
		return -1;
	if (!start->request->detach)
		return monitor_attached(&request, err);
	if (monitor_detached(&request, err) < 0)
		return -1;
	return identity_tell(start->folder.id);
}

int container_run(const struct paths *paths, const struct host *host,
                  const struct run_request *request, struct error *err)
{
	struct start start;
	int result;

	background_guard_descriptors();
	start_init(&start, paths, host, request);
	result = prepare(&start, err);
	if (result == 0) {
		result = run(&start, err);
		/* nor the file that names it */
		if (result < 0 && start.folder.containers >= 0) {
			undo(&start);
			if (request->cidfile != NULL)
				unlink(request->cidfile);
		}
	}
	start_done(&start);
	return result;
}

int container_create(const char **id, struct arena *arena, const struct paths *paths,
                     const struct host *host, const struct run_request *request, struct error *err)
{
	struct start start;
	int result;

	start_init(&start, paths, host, request);
	result = prepare(&start, err);
	if (result == 0 && (make_folder(&start, err) < 0 || write_down(&start, err) < 0 ||
	                    state_write(start.folder.dir, &start.state, IO_DURABLE, err) < 0 ||
	                    confirm_image(&start, err) < 0)) {
		undo(&start);
		result = -1;
	}
	folder_sweep(paths, host);
	if (result == 0)
		*id = arena_strdup(arena, start.folder.id);
	start_done(&start);
	return result;
}

/* ---- starting again ---- */

/* Under the ceiling of now; and the session in whose cgroup it was may be over. */
static int take_plan(struct start *start, const struct container *container, struct error *err)
{
	const struct narrow_request request = { start->paths, start->host, container };

	if (narrow_start(&start->plan, &start->arena, &request, start->folder.dir, &start->notes,
	                 err) < 0)
		return -1;
	return find_cgroup(start, start->plan.cgroup == NULL ? CGROUPS_BY_LIMIT : CGROUPS_ENABLED,
	                   err);
}

/* Takes the folder of a container that does not run, and what was written down of it. */
static int take(struct start *start, const char *name, struct error *err)
{
	struct container container;
	int result;

	if (control_open(&container, &start->arena, start->paths, name, err) < 0)
		return -1;
	result = control_take(&start->folder, start->paths, &container, err);
	if (result > 0 && state_read(&start->state, &start->arena, start->folder.dir, err) <= 0)
		result = error_prefix(err, "container %s is damaged", name);
	if (result > 0 && container.record == NULL)
		result = error_set(err, 0, "the record of container %s is damaged", name);
	if (result > 0) {
		snprintf(start->name, sizeof start->name, "%s", start->state.name);
		start->pidfile = value_string(value_get(container.record, "pidfile"), NULL);
		record_read_network(&start->launch.network, &start->arena, container.record);
		result = take_plan(start, &container, err) < 0 ? -1 : 1;
	}
	/* it runs, and that is what was wanted */
	if (result == 0 && container.paused)
		result = control_refuse_paused(name, err);
	container_close(&container);
	return result;
}

int container_start(const struct paths *paths, const struct host *host, const char *name,
                    const struct attach_request *attach, struct error *err)
{
	struct run_request request = {
		.trace = -1,
		.no_signal_proxy = attach != NULL && attach->no_signal_proxy,
		.detach_keys = attach == NULL ? NULL : attach->detach_keys,
	};
	struct monitor_request monitor;
	struct start start;
	int result;

	background_guard_descriptors();
	start_init(&start, paths, host, &request);
	result = take(&start, name, err);
	if (result > 0 && seal_program(paths, host, &start.plan.confinement.landlock, err) < 0)
		result = -1;
	if (result > 0) {
		warn(&start);
		monitor = monitor_request(&start);
		monitor.pidfile = start.pidfile;
		monitor.interactive =
		        (attach != NULL && attach->interactive) || start.state.interactive;
		result = attach != NULL ? monitor_attached(&monitor, err)
		                        : monitor_detached(&monitor, err);
	} else if (result == 0 && attach != NULL) {
		/* it runs already, and is to be seen */
		result = container_attach(paths, attach, err);
	}
	start_done(&start);
	return result;
}
