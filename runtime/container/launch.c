#include "runtime/container/launch.h"

#include "runtime/container/mounts.h"
#include "runtime/store/skeleton.h"
#include "sandbox/base/cleanup.h"

#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

enum { CONTAINER_SIGRTMIN = 34 }; /* the C libraries keep 32 and 33 for themselves */

int launch_arguments(struct plan_strings *ret, struct arena *arena,
                     const struct run_request *request, const struct image_config *config,
                     struct error *err)
{
	static const struct image_config none = {};
	const struct plan_strings *entrypoint, *command;
	struct plan_strings arguments = {};
	bool is_empty;

	if (config == NULL)
		config = &none;
	entrypoint = request->entrypoint_given ? &request->entrypoint : &config->entrypoint;
	command = request->command.count > 0 || request->entrypoint_given ? &request->command
	                                                                  : &config->command;
	/* --entrypoint "" */
	is_empty = entrypoint->count == 1 && entrypoint->items[0][0] == '\0';
	for (size_t i = 0; i < entrypoint->count && !is_empty; i++)
		launch_append(arena, &arguments, entrypoint->items[i]);
	for (size_t i = 0; i < command->count; i++)
		launch_append(arena, &arguments, command->items[i]);
	if (arguments.count == 0) {
		error_set(err, 0, "no command specified: the image has neither ENTRYPOINT nor CMD");
		return error_hint(err, "name a command behind the image");
	}
	*ret = arguments;
	return 0;
}

int launch_signal(const char *name, struct error *err)
{
	const char *bare = name;
	uint64_t number;

	if (name == NULL || name[0] == '\0')
		return SIGTERM;
	if (text_to_number(&number, name, SIGRTMAX) && number > 0)
		return (int)number;
	if (strncasecmp(bare, "SIG", 3) == 0)
		bare += 3;
	for (int signal = 1; signal < CONTAINER_SIGRTMIN; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known != NULL && strcasecmp(known, bare) == 0)
			return signal;
	}
	if (strcasecmp(bare, "RTMIN") == 0)
		return CONTAINER_SIGRTMIN;
	if (strncasecmp(bare, "RTMIN+", 6) == 0 && text_to_number(&number, bare + 6, 30))
		return CONTAINER_SIGRTMIN + (int)number;
	if (strcasecmp(bare, "RTMAX") == 0)
		return SIGRTMAX;
	if (strncasecmp(bare, "RTMAX-", 6) == 0 && text_to_number(&number, bare + 6, 30))
		return SIGRTMAX - (int)number;
	return error_set(err, 0, "'%.32s' is not a signal", name);
}

/* ---- the parts of a plan ---- */

static int take_hostname(struct plan *plan, struct arena *arena, struct launch *launch,
                         struct error *err)
{
	static const char known[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const char *given = launch->request->hostname;
	char own[HOST_NAME_MAX + 1] = "";

	if (given != NULL && (given[0] == '\0' || strlen(given) > HOST_NAME_MAX ||
	                      strspn(given, known) != strlen(given)))
		return error_set(err, 0, "invalid hostname '%.80s'", given);
	if (given == NULL && plan->network == PLAN_NETWORK_HOST &&
	    gethostname(own, sizeof own) == 0)
		given = arena_text(arena, own, strnlen(own, HOST_NAME_MAX));
	if (given == NULL || given[0] == '\0')
		given = arena_text(arena, launch->id, CONTAINER_ID_SHORT);
	launch->hostname = plan->hostname = given;
	return 0;
}

static int take_maps(struct plan *plan, struct arena *arena, const struct launch *launch,
                     struct error *err)
{
	const struct confinement *confinement = &plan->confinement;

	if (confinement->idmap == IDMAP_NOMAP) {
		error_set(err, 0,
		          "--userns nomap cannot be used: the image and the container's "
		          "folder belong to the user, who would not be mapped");
		return error_hint(err, "use the default, --userns keep-id or --userns single");
	}
	if (host_id_maps(&plan->maps, arena, launch->host, confinement->idmap,
	                 confinement->idmap_size, err) == 0)
		return 0;
	/* The default for everybody must not lock out who has no subordinate ids; what was asked
	 * for by name is not replaced by something else. */
	if (launch->request->flags.idmap_given || confinement->idmap != IDMAP_RANGE)
		return -1;
	text_printf(launch->notes,
	            "only one id is mapped, files of other users in the image "
	            "belong to nobody: %s%s%s\n",
	            err->text, err->hint[0] != '\0' ? "; " : "", err->hint);
	return host_id_maps(&plan->maps, arena, launch->host, IDMAP_SINGLE, 0, err);
}

/* Who is root inside owns the skeleton's folders: with keep-id that would be the user. */
static int add_skeleton(struct plan *plan, struct arena *arena, const struct launch *launch,
                        struct error *err)
{
	const char *skeleton;

	if (plan->maps.mode != IDMAP_RANGE && plan->maps.mode != IDMAP_SINGLE)
		return 0;
	skeleton = skeleton_path(arena, launch->paths, err);
	if (skeleton == NULL)
		return -1;
	plan->root.layers = launch_copy(arena, &plan->root.layers);
	launch_append(arena, &plan->root.layers, skeleton);
	return 0;
}

static int take_root(struct plan *plan, struct arena *arena, const struct launch *launch,
                     struct error *err)
{
	const struct run_request *request = launch->request;

	plan->root = (struct plan_root){
		.read_only = request->read_only || plan->confinement.root_read_only,
	};
	if (launch->rootfs != NULL) {
		plan->root.kind = PLAN_ROOT_DIRECTORY;
		plan->root.directory = launch->rootfs;
		return 0;
	}
	plan->root.kind = PLAN_ROOT_OVERLAY;
	plan->root.layers = launch->image->layers;
	plan->root.upper = arena_printf(arena, "%s/upper", launch->folder);
	plan->root.work = arena_printf(arena, "%s/work", launch->folder);
	plan->root.volatile_writes = request->remove;
	return add_skeleton(plan, arena, launch, err);
}

static const char *first_of(const char *given, const char *configured, const char *fallback)
{
	if (given != NULL)
		return given;
	return configured != NULL && configured[0] != '\0' ? configured : fallback;
}

/* With keep-id the person is who he is outside, unless he or the image says another name. */
static const char *choose_user(struct arena *arena, const struct launch *launch,
                               const struct plan *plan, const char *configured)
{
	const char *user = first_of(launch->request->user, configured, "");

	if (plan->maps.mode == IDMAP_KEEP_ID && user[0] == '\0')
		return arena_printf(arena, "%u:%u", launch->host->uid, launch->host->gid);
	return user;
}

static int take_process(struct plan *plan, struct arena *arena, const struct launch *launch,
                        struct error *err)
{
	static const struct image_config none = {};
	const struct run_request *request = launch->request;
	const struct image_config *config = launch->image == NULL ? &none : &launch->image->config;
	struct plan_process *process = &plan->process;
	struct winsize size = {};

	if (launch_arguments(&process->arguments, arena, request, config, err) < 0 ||
	    launch_environment(&process->environment, arena, launch, err) < 0)
		return -1;
	process->directory = first_of(request->directory, config->directory, "/");
	process->user = choose_user(arena, launch, plan, config->user);
	process->groups = request->groups;
	process->terminal = request->terminal;
	process->init = request->init;
	if (request->terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		process->rows = size.ws_row;
		process->columns = size.ws_col;
	}
	process->stop_signal =
	        launch_signal(first_of(request->stop_signal, config->stop_signal, NULL), err);
	return process->stop_signal < 0 ? -1 : 0;
}

/* Behind Landlock nobody changes a mount (sandbox/latch.c). */
static void warn_of_writing(const struct plan *plan, struct text *notes)
{
	const struct confinement *confinement = &plan->confinement;
	bool asked = plan->root.read_only;

	for (size_t i = 0; i < plan->mount_count; i++)
		asked |= plan->mounts[i].kind == PLAN_MOUNT_BIND &&
		         (plan->mounts[i].attributes & MOUNT_ATTR_RDONLY) != 0;
	if (asked && !confinement->landlock.enabled &&
	    (confinement->capabilities.bounding >> CAP_SYS_ADMIN & 1) != 0)
		text_append(
		        notes,
		        "with SYS_ADMIN and without Landlock root inside can make writable what "
		        "is read-only here\n");
}

/* sandbox/loopback.c */
static void warn_of_loopback(const struct plan *plan, struct text *notes)
{
	const struct confinement *confinement = &plan->confinement;
	uint64_t around = UINT64_C(1) << CAP_NET_ADMIN;

	if (confinement->filter.count == 0)
		around |= UINT64_C(1) << CAP_NET_RAW;
	if (plan->network == PLAN_NETWORK_PRIVATE &&
	    (confinement->capabilities.bounding & around) != 0)
		text_printf(notes,
		            "with %s root inside can reach what listens on the host's loopback\n",
		            (confinement->capabilities.bounding >> CAP_NET_ADMIN & 1) != 0
		                    ? "NET_ADMIN"
		                    : "NET_RAW and no filter");
}

int launch_plan(struct plan *ret, struct arena *arena, struct launch *launch, struct error *err)
{
	if (launch_network(ret, arena, launch, err) < 0 ||
	    take_hostname(ret, arena, launch, err) < 0 || take_maps(ret, arena, launch, err) < 0)
		return -1;
	if (take_root(ret, arena, launch, err) < 0 || take_process(ret, arena, launch, err) < 0)
		return -1;
	if (mounts_plan(ret, arena, launch, err) < 0)
		return -1;
	warn_of_writing(ret, launch->notes);
	warn_of_loopback(ret, launch->notes);
	return 0;
}
