#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <limits.h>
#include <string.h>
#include <sys/resource.h>

void request_append(struct arena *arena, struct plan_strings *list, const char *item)
{
	const char **items = arena_array(arena, list->count + 2, sizeof *items);

	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = item;
	list->items = items;
}

static const struct limit_name {
	const char *name;
	uint32_t resource;
} limit_names[] = {
	{ "core", RLIMIT_CORE },         { "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },         { "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },       { "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },     { "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },           { "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },     { "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },       { "as", RLIMIT_AS },
};

static bool limit_number(uint64_t *ret, const char *text)
{
	if (strcmp(text, "unlimited") == 0 || strcmp(text, "-1") == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	return text_to_number(ret, text, INT64_MAX);
}

int ulimit_parse(struct plan_limit *ret, const char *spec, struct error *err)
{
	struct plan_limit limit = {};
	char copy[96] = "", *equals, *colon;

	if (strlen(spec) < sizeof copy) /* a number that is cut would be another one */
		memcpy(copy, spec, strlen(spec));
	equals = strchr(copy, '=');
	if (equals != NULL)
		*equals++ = '\0';
	colon = equals == NULL ? NULL : strchr(equals, ':');
	if (colon != NULL)
		*colon++ = '\0';
	for (size_t i = 0; equals != NULL && i < ARRAY_SIZE(limit_names); i++) {
		if (strcmp(limit_names[i].name, copy) != 0)
			continue;
		limit.resource = limit_names[i].resource;
		if (!limit_number(&limit.soft, equals) ||
		    !limit_number(&limit.hard, colon == NULL ? equals : colon) ||
		    limit.soft > limit.hard)
			break;
		*ret = limit;
		return 0;
	}
	error_set(err, 0, "invalid --ulimit '%.80s'", spec);
	return error_hint(
	        err,
	        "write NAME=SOFT[:HARD] with a name of setrlimit(2) in lower case, as nofile=1024:4096");
}

/* ---- the rest ---- */

/* --cap-drop CHOWN,KILL: several in one word, as Podman takes them. */
static struct plan_strings split(struct arena *arena, const struct plan_strings *list)
{
	struct plan_strings ret = {};

	for (size_t i = 0; i < list->count; i++) {
		const char *word = list->items[i], *comma;

		for (; (comma = strchr(word, ',')) != NULL; word = comma + 1)
			request_append(arena, &ret,
			               arena_text(arena, word, (size_t)(comma - word)));
		request_append(arena, &ret, word);
	}
	return ret;
}

/* "apparmor:unconfined": what Docker wrote once, and still takes. */
static const char *with_equals(struct arena *arena, const char *option)
{
	size_t length = strcspn(option, "=:");

	return option[length] != ':'
	               ? option
	               : arena_printf(arena, "%.*s=%s", (int)length, option, option + length + 1);
}

static int take_security(struct run_request *request, const char *option, struct error *err)
{
	if (text_starts(option, "seccomp=")) {
		request->flags.seccomp_unconfined = strcmp(option + 8, "unconfined") == 0;
		request->seccomp_file = request->flags.seccomp_unconfined ? NULL : option + 8;
	} else if (text_starts(option, "image-profile=")) {
		request->image_profile = strchr(option, '=') + 1;
	} else if (text_starts(option, "apparmor=")) {
		request->flags.apparmor = option + 9;
	} else if (strcmp(option, "no-new-privileges") == 0 ||
	           strcmp(option, "no-new-privileges=true") == 0) {
		request->flags.allow_new_privileges = false;
	} else if (strcmp(option, "no-new-privileges=false") == 0) {
		request->flags.allow_new_privileges = true;
	} else if (!text_starts(option, "label=")) {
		error_set(err, 0, "unknown --security-opt '%.100s'", option);
		return error_hint(
		        err, "known are seccomp=FILE|unconfined, no-new-privileges[=false], "
		             "apparmor=NAME|unconfined and image-profile=ignore|accept|require");
	}
	return 0;
}

static int take_userns(struct policy_flags *flags, const char *mode, struct error *err)
{
	static const struct {
		const char *name;
		enum idmap_mode mode;
	} modes[] = { { "range", IDMAP_RANGE },     { "single", IDMAP_SINGLE },
		      { "keep-id", IDMAP_KEEP_ID }, { "nomap", IDMAP_NOMAP },
		      { "auto", IDMAP_RANGE },      { "private", IDMAP_RANGE },
		      { "", IDMAP_RANGE } };

	if (mode == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].name, mode) == 0) {
			flags->idmap_given = true;
			flags->idmap = modes[i].mode;
			return 0;
		}
	error_set(err, 0, "unknown --userns '%.64s'", mode);
	if (strcmp(mode, "host") == 0)
		return error_hint(
		        err,
		        "a rootless container always has a user namespace; use --userns keep-id to keep "
		        "your own id inside");
	return error_hint(err, "use range, single, keep-id or nomap");
}

static int take_resources(struct plan_resources *ret, const struct run_options *options,
                          struct error *err)
{
	double cpus;
	char *end;

	if (options->memory != NULL &&
	    (!text_to_bytes(&ret->memory, options->memory) || ret->memory < 6 << 20))
		return error_set(err, 0, "invalid --memory '%.40s': a size of at least 6m, as 512m",
		                 options->memory);
	if (options->pids_limit != NULL && strcmp(options->pids_limit, "-1") != 0 &&
	    !text_to_number(&ret->pids, options->pids_limit, 4194304))
		return error_set(err, 0, "invalid --pids-limit '%.40s'", options->pids_limit);
	if (options->cpus == NULL)
		return 0;
	cpus = strtod(options->cpus, &end);
	if (end == options->cpus || *end != '\0' || !(cpus >= 0.01) || cpus > 4096)
		return error_set(err, 0, "invalid --cpus '%.40s': a number from 0.01 up",
		                 options->cpus);
	ret->cpu_quota = (uint64_t)(cpus * 100000 + 0.5);
	return 0;
}

static int take_cgroups(enum run_cgroups *ret, const char *word, struct error *err)
{
	if (word == NULL)
		return 0;
	*ret = strcmp(word, "enabled") == 0 ? CGROUPS_ENABLED : CGROUPS_DISABLED;
	if (*ret == CGROUPS_ENABLED || strcmp(word, "disabled") == 0)
		return 0;
	error_set(err, 0, "invalid --cgroups '%.40s'", word);
	return error_hint(err, "use enabled or disabled; without it, a container with a limit has "
	                       "one");
}

static int refuse_what_is_not(const struct run_options *options, struct error *err)
{
	if (run_words_check(options, err) < 0)
		return -1;
	if (options->privileged) {
		error_set(err, 0,
		          "--privileged is not offered: it would take every wall down at once");
		return error_hint(
		        err,
		        "say what is needed: --cap-add NAME, --security-opt seccomp=FILE, or a profile "
		        "with --profile FILE");
	}
	return 0;
}

static int check_names(const char *option, const struct plan_strings *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i][0] == '\0' || list->items[i][0] == '=')
			return error_set(err, 0, "invalid --%s '%.80s': it has no name", option,
			                 list->items[i]);
	return 0;
}

/* Those of files first: the command line has the last word. */
static int take_labels(struct run_request *ret, struct arena *arena,
                       const struct run_options *options, struct error *err)
{
	for (size_t i = 0; i < options->label_file.count; i++)
		if (lines_read(&ret->labels, arena, options->label_file.items[i], "label file",
		               err) < 0)
			return -1;
	for (size_t i = 0; i < options->label.count; i++)
		request_append(arena, &ret->labels, options->label.items[i]);
	return check_names("label", &ret->labels, err) < 0
	               ? -1
	               : check_names("annotation", &options->annotation, err);
}

static int take_stop_timeout(struct run_request *ret, const char *text, struct error *err)
{
	bool for_ever = text != NULL && strcmp(text, "-1") == 0;
	uint64_t seconds = 0;

	if (text == NULL)
		return 0;
	if (!for_ever && !text_to_number(&seconds, text, INT32_MAX))
		return error_set(err, 0,
		                 "--stop-timeout takes a number of seconds, or -1 for ever");
	ret->stop_timeout_given = true;
	ret->stop_timeout = for_ever ? -1 : (int64_t)seconds;
	return 0;
}

/* The monitor writes it, which is in another folder by then. */
static int take_pidfile(struct run_request *ret, struct arena *arena, const char *path,
                        struct error *err)
{
	char here[PATH_MAX];

	ret->pidfile = path;
	if (path == NULL || path[0] == '/')
		return 0;
	if (path[0] == '\0' || getcwd(here, sizeof here) == NULL)
		return error_set(err, path[0] == '\0' ? 0 : errno, "invalid --pidfile '%s'", path);
	ret->pidfile = arena_printf(arena, "%s/%s", here, path);
	return 0;
}

static int take_singles(struct run_request *ret, struct arena *arena,
                        const struct run_options *options, struct error *err)
{
	if (options->shm_size != NULL &&
	    (!text_to_bytes(&ret->shm_size, options->shm_size) || ret->shm_size == 0))
		return error_set(err, 0, "invalid --shm-size '%.40s': a size, as 128m",
		                 options->shm_size);
	if (take_stop_timeout(ret, options->stop_timeout, err) < 0)
		return -1;
	return take_pidfile(ret, arena, options->pidfile, err);
}

static int take_lists(struct run_request *ret, struct call *call, const struct run_options *options,
                      struct error *err)
{
	struct plan_limit *limits;

	if (run_environment(&ret->environment, call->arena, options, err) < 0)
		return -1;
	for (size_t i = 0; i < options->mount.count; i++)
		if (mount_option(ret, call->arena, options->mount.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < options->security.count; i++)
		if (take_security(ret, with_equals(call->arena, options->security.items[i]), err) <
		    0)
			return -1;
	if (take_labels(ret, call->arena, options, err) < 0)
		return -1;
	limits = arena_array(call->arena, options->ulimit.count, sizeof *limits);
	for (size_t i = 0; i < options->ulimit.count; i++)
		if (ulimit_parse(&limits[i], options->ulimit.items[i], err) < 0)
			return -1;
	ret->flags.limits = limits;
	ret->flags.limit_count = options->ulimit.count;
	return 0;
}

static int take_pull(struct run_request *request, const char *word, struct error *err)
{
	static const char *const words[] = {
		[PULL_MISSING] = "missing",
		[PULL_ALWAYS] = "always",
		[PULL_NEWER] = "newer",
		[PULL_NEVER] = "never",
	};

	for (size_t i = 0; word != NULL && i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0) {
			request->pull = (enum run_pull)i;
			return 0;
		}
	if (word == NULL)
		return 0;
	error_set(err, 0, "--pull %.40s is not known", word);
	return error_hint(err, "it takes missing, always, newer or never");
}

/* Two words that cannot both be kept. */
static int check_hosts(const struct run_options *options, struct error *err)
{
	if (!options->no_hosts || options->add_host.count == 0)
		return 0;
	error_set(err, 0,
	          "--no-hosts leaves /etc/hosts as it is, and --add-host writes a line of it");
	return error_hint(err, "leave one of them out");
}

/* What is taken as it was typed. */
static struct run_request plain_request(const struct run_options *options, int trace)
{
	return (struct run_request){
		.rootfs = options->rootfs,
		.name = options->name,
		.remove = options->remove,
		.interactive = options->interactive,
		.terminal = options->terminal,
		.detach = options->detach,
		.read_only = options->read_only,
		.init = options->init,
		.env_host = options->env_host,
		.unset = options->unsetenv,
		.unset_all = options->unsetenv_all,
		.no_hosts = options->no_hosts,
		.no_writable = options->no_read_only_tmpfs,
		.directory = options->workdir,
		.user = options->user,
		.hostname = options->hostname,
		.stop_signal = options->stop_signal,
		.groups = options->group_add,
		.volumes = options->volume,
		.tmpfs = options->tmpfs,
		.annotations = options->annotation,
		.devices = options->device,
		.network = options->network,
		.publish = options->publish,
		.publish_all = options->publish_all,
		.expose = options->expose,
		.dns = options->dns,
		.dns_search = options->dns_search,
		.dns_options = options->dns_option,
		.hosts = options->add_host,
		.no_signal_proxy = options->no_signal_proxy,
		.profile = options->profile,
		.cidfile = options->cidfile,
		.detach_keys = options->detach_keys,
		.trace = trace,
	};
}

int run_request_make(struct run_request *ret, struct pull_view *view, struct call *call,
                     const struct run_options *options, struct error *err)
{
	struct run_request request = plain_request(options, call->trace);
	size_t first = options->rootfs == NULL ? 1 : 0;

	if (refuse_what_is_not(options, err) < 0 || check_hosts(options, err) < 0)
		return -1;
	request.flags.cap_add = split(call->arena, &options->cap_add);
	request.flags.cap_drop = split(call->arena, &options->cap_drop);
	request.flags.read_only = options->read_only;
	request.image = options->rootfs == NULL ? call->words[0] : NULL;
	request.command =
	        (struct plan_strings){ (const char **)call->words + first, call->count - first };
	if (options->entrypoint != NULL) {
		request.entrypoint_given = true;
		if (options->entrypoint[0] != '\0')
			request_append(call->arena, &request.entrypoint, options->entrypoint);
	}
	if (take_lists(&request, call, options, err) < 0 ||
	    take_pull(&request, options->pull, err) < 0 ||
	    pull_request_make(&request.order, view, call, &options->pull_words, err) < 0 ||
	    take_singles(&request, call->arena, options, err) < 0 ||
	    take_userns(&request.flags, options->userns, err) < 0 ||
	    take_resources(&request.flags.resources, options, err) < 0 ||
	    take_cgroups(&request.cgroups, options->cgroups, err) < 0)
		return -1;
	view->profile.given = request.profile;
	view->profile.attaching = request.image_profile;
	*ret = request;
	return 0;
}
