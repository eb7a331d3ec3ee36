#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

void launch_append(struct arena *arena, struct plan_strings *list, const char *item)
{
	const char **items = arena_array(arena, list->count + 2, sizeof *items);

	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = item;
	list->items = items;
}

/* ENTRYPOINT and CMD: an entrypoint from the command line drops the image's CMD; a command replaces
 * CMD. */
int launch_arguments(struct plan_strings *ret, struct arena *arena,
                     const struct run_request *request, const struct image_config *config,
                     struct error *err)
{
	static const struct plan_strings none = {};
	const struct plan_strings *entrypoint = request->entrypoint_given ? &request->entrypoint
	                                        : config != NULL          ? &config->entrypoint
	                                                                  : &none;
	const struct plan_strings *command = request->command.count > 0 ? &request->command
	                                     : config != NULL && !request->entrypoint_given
	                                             ? &config->command
	                                             : &none;
	struct plan_strings arguments = {};

	for (size_t i = 0; i < entrypoint->count; i++)
		if (entrypoint->items[i][0] != '\0' || entrypoint->count > 1)
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

static void set_variable(struct plan_strings *list, struct arena *arena, const char *variable)
{
	size_t length = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], variable, length) == 0) {
			list->items[i] = variable;
			return;
		}
	launch_append(arena, list, variable);
}

void launch_environment(struct plan_strings *ret, struct arena *arena, const struct launch *launch)
{
	const struct run_request *request = launch->request;
	struct plan_strings list = {};

	set_variable(&list, arena,
	             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (request->terminal)
		set_variable(&list, arena, "TERM=xterm");
	set_variable(&list, arena, "container=cordon");
	set_variable(&list, arena,
	             arena_printf(arena, "HOSTNAME=%s",
	                          request->hostname != NULL
	                                  ? request->hostname
	                                  : arena_text(arena, launch->id, CONTAINER_ID_SHORT)));
	for (size_t i = 0; launch->image != NULL && i < launch->image->config.environment.count;
	     i++)
		if (strchr(launch->image->config.environment.items[i], '=') != NULL)
			set_variable(&list, arena, launch->image->config.environment.items[i]);
	for (size_t i = 0; i < request->environment.count; i++) {
		const char *given = request->environment.items[i];
		const char *own = strchr(given, '=') == NULL ? getenv(given) : NULL;

		/* A bare NAME passes the caller's value on; one the caller does not have is left
		 * out. */
		if (strchr(given, '=') != NULL)
			set_variable(&list, arena, given);
		else if (own != NULL)
			set_variable(&list, arena, arena_printf(arena, "%s=%s", given, own));
	}
	*ret = list;
}

int launch_signal(const char *name, struct error *err)
{
	uint64_t number;
	int realtime;

	if (name == NULL || name[0] == '\0')
		return SIGTERM;
	if (text_to_number(&number, name, SIGRTMAX) && number > 0)
		return (int)number;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int signal = 1; signal < 32; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known != NULL && strcasecmp(known, name) == 0)
			return signal;
	}
	if (strncasecmp(name, "RTMIN+", 6) == 0 && text_to_number(&number, name + 6, 30)) {
		realtime = 34 + (int)number; /* the container's libc counts from 34, whatever ours
		                                reserves */
		return realtime;
	}
	return error_set(err, 0, "'%.32s' is not a signal", name);
}

int launch_network_mode(const char **ret, const char *given, struct error *err)
{
	static const struct {
		const char *typed, *mode;
	} modes[] = { { "none", "none" },          { "host", "host" },
		      { "private", "private" },    { "bridge", "private" },
		      { "default", "private" },    { "pasta", "private" },
		      { "slirp4netns", "private" } };

	if (given == NULL || given[0] == '\0')
		given = "private";
	if (strcmp(given, "private:host-loopback") == 0)
		given = "private";
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].typed, given) == 0) {
			*ret = modes[i].mode;
			return 0;
		}
	error_set(err, 0, "there is no network '%.64s'", given);
	return error_hint(err, "use none, host or private");
}

static int take_maps(struct plan *plan, struct arena *arena, const struct launch *launch,
                     struct text *notes, struct error *err)
{
	const struct confinement *confinement = &plan->confinement;
	bool asked = launch->request->flags.idmap_given;

	if (host_id_maps(&plan->maps, arena, launch->host, confinement->idmap,
	                 confinement->idmap_size, err) == 0)
		return 0;
	if (asked || confinement->idmap != IDMAP_RANGE)
		return -1;
	text_printf(notes, "only one id is mapped: %s%s%s", err->text,
	            err->hint[0] != '\0' ? "; " : "", err->hint);
	return host_id_maps(&plan->maps, arena, launch->host, IDMAP_SINGLE, 0, err);
}

static void take_root(struct plan *plan, struct arena *arena, const struct launch *launch)
{
	const struct run_request *request = launch->request;

	plan->root = (struct plan_root){ .read_only = request->read_only ||
		                                      plan->confinement.root_read_only };
	if (request->rootfs != NULL) {
		plan->root.kind = PLAN_ROOT_DIRECTORY;
		plan->root.directory = request->rootfs;
		return;
	}
	plan->root.kind = PLAN_ROOT_OVERLAY;
	plan->root.layers = launch->image->layers;
	plan->root.upper = arena_printf(arena, "%s/upper", launch->folder);
	plan->root.work = arena_printf(arena, "%s/work", launch->folder);
	plan->root.volatile_writes = request->remove;
}

static int take_process(struct plan *plan, struct arena *arena, const struct launch *launch,
                        struct error *err)
{
	const struct run_request *request = launch->request;
	const struct image_config *config = launch->image == NULL ? NULL : &launch->image->config;
	struct plan_process *process = &plan->process;
	struct winsize size = {};
	const char *signal_name = request->stop_signal != NULL ? request->stop_signal
	                          : config != NULL             ? config->stop_signal
	                                                       : NULL;

	if (launch_arguments(&process->arguments, arena, request, config, err) < 0)
		return -1;
	launch_environment(&process->environment, arena, launch);
	process->directory =
	        request->directory != NULL ? request->directory
	        : config != NULL && config->directory != NULL && config->directory[0] != '\0'
	                ? config->directory
	                : "/";
	process->user = request->user != NULL                    ? request->user
	                : config != NULL && config->user != NULL ? config->user
	                                                         : "";
	process->groups = request->groups;
	process->terminal = request->terminal;
	process->init = request->init;
	if (request->terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		process->rows = size.ws_row;
		process->columns = size.ws_col;
	}
	process->stop_signal = launch_signal(signal_name, err);
	return process->stop_signal < 0 ? -1 : 0;
}

int launch_plan(struct plan *ret, struct arena *arena, struct launch *launch, struct text *notes,
                struct error *err)
{
	const struct run_request *request = launch->request;

	if (launch_network_mode(&launch->network_mode, request->network, err) < 0)
		return -1;
	ret->network = strcmp(launch->network_mode, "host") == 0   ? PLAN_NETWORK_HOST
	               : strcmp(launch->network_mode, "none") == 0 ? PLAN_NETWORK_NONE
	                                                           : PLAN_NETWORK_PRIVATE;
	for (size_t i = 0; i < request->publish.count; i++)
		if (network_port_parse(&launch->network.ports, &launch->network.port_count, arena,
		                       request->publish.items[i], err) < 0)
			return -1;
	if (launch->network.port_count > 0 && ret->network != PLAN_NETWORK_PRIVATE) {
		error_set(err, 0, "ports cannot be published with --network %s",
		          launch->network_mode);
		return error_hint(err, "leave --network out, or -p");
	}
	launch->network.dns = request->dns.count > 0 ? (struct plan_strings *)&request->dns : NULL;
	launch->network.host_loopback = text_equal(request->network, "private:host-loopback");
	if (take_maps(ret, arena, launch, notes, err) < 0)
		return -1;
	take_root(ret, arena, launch);
	if (take_process(ret, arena, launch, err) < 0)
		return -1;
	ret->hostname = ret->network == PLAN_NETWORK_HOST && request->hostname == NULL ? NULL
	                : request->hostname != NULL
	                        ? request->hostname
	                        : arena_text(arena, launch->id, CONTAINER_ID_SHORT);
	return launch_mounts(ret, arena, launch, err);
}
