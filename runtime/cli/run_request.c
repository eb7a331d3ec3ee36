#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
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

int env_file_read(struct plan_strings *ret, struct arena *arena, const char *path,
                  struct error *err)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_text struct text text = {};
	char *save = NULL;

	if (fd < 0)
		return error_set(err, errno, "cannot open the env file %s", path);
	if (io_read_all(&text, fd, 1 << 20, err) < 0)
		return error_prefix(err, "env file %s", path);
	for (char *line = text.length == 0 ? NULL : strtok_r(text.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "\r")] = '\0';
		line += strspn(line, " \t");
		if (line[0] != '\0' && line[0] != '#')
			request_append(arena, ret, arena_strdup(arena, line));
	}
	return 0;
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
	char copy[96], *equals, *colon;

	snprintf(copy, sizeof copy, "%s", spec);
	equals = strchr(copy, '=');
	if (equals != NULL)
		*equals++ = '\0';
	colon = equals == NULL ? NULL : strchr(equals, ':');
	if (colon != NULL)
		*colon++ = '\0';
	for (size_t i = 0; equals != NULL && i < ARRAY_SIZE(limit_names); i++) {
		if (strcmp(limit_names[i].name, copy) != 0)
			continue;
		*ret = (struct plan_limit){ .resource = limit_names[i].resource };
		if (limit_number(&ret->soft, equals) &&
		    limit_number(&ret->hard, colon == NULL ? equals : colon) &&
		    ret->soft <= ret->hard)
			return 0;
		break;
	}
	error_set(err, 0, "invalid --ulimit '%.80s'", spec);
	return error_hint(
	        err,
	        "write NAME=SOFT[:HARD] with a name of setrlimit(2) in lower case, as nofile=1024:4096");
}

/* ---- --mount ---- */

struct mount_words {
	const char *type, *source, *target, *size, *mode;
	bool read_only;
};

static const struct {
	const char *key;
	size_t place; /* of the text it sets */
} mount_keys[] = {
	{ "type", offsetof(struct mount_words, type) },
	{ "source", offsetof(struct mount_words, source) },
	{ "src", offsetof(struct mount_words, source) },
	{ "target", offsetof(struct mount_words, target) },
	{ "dst", offsetof(struct mount_words, target) },
	{ "destination", offsetof(struct mount_words, target) },
	{ "tmpfs-size", offsetof(struct mount_words, size) },
	{ "tmpfs-mode", offsetof(struct mount_words, mode) },
};

static int take_mount_word(struct mount_words *words, char *word, const char *spec,
                           struct error *err)
{
	char *value = strchr(word, '=');

	if (value != NULL)
		*value++ = '\0';
	if (strcmp(word, "readonly") == 0 || strcmp(word, "ro") == 0) {
		words->read_only =
		        value == NULL || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
		if (!words->read_only && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
			return error_set(err, 0, "invalid --mount '%s': %s is true or false", spec,
			                 word);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(mount_keys); i++) {
		if (strcmp(mount_keys[i].key, word) != 0)
			continue;
		if (value == NULL || value[0] == '\0')
			return error_set(err, 0, "invalid --mount '%s': %s has no value", spec,
			                 word);
		*(const char **)(void *)((char *)words + mount_keys[i].place) = value;
		return 0;
	}
	return error_set(err, 0, "invalid --mount '%s': unknown key '%s'", spec, word);
}

/* -v would read them otherwise: a name as a path, a colon as the end of one. */
static int check_mount(const struct mount_words *words, const char *spec, struct error *err)
{
	const char *source = words->source;
	bool bind = strcmp(words->type, "bind") == 0, volume = strcmp(words->type, "volume") == 0;

	if (words->target == NULL)
		return error_set(err, 0, "invalid --mount '%s': no target", spec);
	if (!bind && !volume && strcmp(words->type, "tmpfs") != 0)
		return error_set(err, 0, "invalid --mount '%s': type is bind, volume or tmpfs",
		                 spec);
	if (strchr(words->target, ':') != NULL || (source != NULL && strchr(source, ':') != NULL))
		return error_set(err, 0,
		                 "invalid --mount '%s': a path with a colon cannot be mounted",
		                 spec);
	/* a restriction that would not be kept is not taken */
	if (words->read_only && source == NULL)
		return error_set(err, 0,
		                 "invalid --mount '%s': what is new and empty cannot be read-only",
		                 spec);
	if (bind && source == NULL)
		return error_set(err, 0, "invalid --mount '%s': a bind has a source", spec);
	if (bind && source[0] != '/') {
		error_set(err, 0, "invalid --mount '%s': '%s' is not an absolute path", spec,
		          source);
		return error_hint(err, "use \"$PWD/%s\", or -v, which takes ./%s", source, source);
	}
	if (volume && source != NULL && strchr(source, '/') != NULL) {
		error_set(err, 0, "invalid --mount '%s': '%s' is not the name of a volume", spec,
		          source);
		return error_hint(err, "a folder of the host is mounted with type=bind");
	}
	return 0;
}

static const char *tmpfs_words(struct arena *arena, const struct mount_words *words)
{
	const char *size = words->size == NULL ? "" : arena_printf(arena, "size=%s", words->size);
	const char *mode = words->mode == NULL ? "" : arena_printf(arena, "mode=%s", words->mode);

	return arena_printf(arena, "%s%s%s%s%s", words->target,
	                    size[0] != '\0' || mode[0] != '\0' ? ":" : "", size,
	                    size[0] != '\0' && mode[0] != '\0' ? "," : "", mode);
}

int mount_option(struct run_request *request, struct arena *arena, const char *spec,
                 struct error *err)
{
	struct mount_words words = { .type = "volume" };
	char *copy = arena_strdup(arena, spec), *save = NULL;

	for (char *word = strtok_r(copy, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save))
		if (take_mount_word(&words, word, spec, err) < 0)
			return -1;
	if (check_mount(&words, spec, err) < 0)
		return -1;
	if (strcmp(words.type, "tmpfs") == 0)
		request_append(arena, &request->tmpfs, tmpfs_words(arena, &words));
	else if (words.source == NULL)
		request_append(arena, &request->volumes, arena_strdup(arena, words.target));
	else
		request_append(arena, &request->volumes,
		               arena_printf(arena, "%s:%s%s", words.source, words.target,
		                            words.read_only ? ":ro" : ""));
	return 0;
}

/* ---- the rest ---- */

static int take_security(struct run_request *request, const char *option, struct error *err)
{
	if (text_starts(option, "seccomp=")) {
		request->flags.seccomp_unconfined = strcmp(option + 8, "unconfined") == 0;
		request->seccomp_file = request->flags.seccomp_unconfined ? NULL : option + 8;
	} else if (text_starts(option, "apparmor=")) {
		request->flags.apparmor = option + 9;
	} else if (strcmp(option, "no-new-privileges") == 0 ||
	           strcmp(option, "no-new-privileges=true") == 0 ||
	           strcmp(option, "no-new-privileges:true") == 0) {
		request->flags.allow_new_privileges = false;
	} else if (strcmp(option, "no-new-privileges=false") == 0 ||
	           strcmp(option, "no-new-privileges:false") == 0) {
		request->flags.allow_new_privileges = true;
	} else if (!text_starts(option, "label=") && !text_starts(option, "label:")) {
		error_set(err, 0, "unknown --security-opt '%.100s'", option);
		return error_hint(
		        err, "known are seccomp=FILE|unconfined, no-new-privileges[=false] and "
		             "apparmor=NAME|unconfined");
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
	ret->cpu_quota = (uint64_t)(cpus * 100000);
	return 0;
}

static int refuse_what_is_not(const struct run_options *options, struct error *err)
{
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

static int take_lists(struct run_request *ret, struct call *call, const struct run_options *options,
                      struct error *err)
{
	struct plan_limit *limits;

	for (size_t i = 0; i < options->env_file.count; i++)
		if (env_file_read(&ret->environment, call->arena, options->env_file.items[i], err) <
		    0)
			return -1;
	for (size_t i = 0; i < options->env.count; i++)
		request_append(call->arena, &ret->environment, options->env.items[i]);
	for (size_t i = 0; i < options->mount.count; i++)
		if (mount_option(ret, call->arena, options->mount.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < options->security.count; i++)
		if (take_security(ret, options->security.items[i], err) < 0)
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

int run_request_make(struct run_request *ret, struct pull_view *view, struct call *call,
                     const struct run_options *options, struct error *err)
{
	struct run_request request = {
		.rootfs = options->rootfs,
		.name = options->name,
		.remove = options->remove,
		.interactive = options->interactive,
		.terminal = options->terminal,
		.detach = options->detach,
		.read_only = options->read_only,
		.init = options->init,
		.directory = options->workdir,
		.user = options->user,
		.hostname = options->hostname,
		.stop_signal = options->stop_signal,
		.groups = options->group_add,
		.volumes = options->volume,
		.tmpfs = options->tmpfs,
		.labels = options->label,
		.network = options->network,
		.publish = options->publish,
		.dns = options->dns,
		.profile = options->profile,
		.cidfile = options->cidfile,
		.detach_keys = options->detach_keys,
		.trace = call->trace,
	};
	size_t first = options->rootfs == NULL ? 1 : 0;

	if (refuse_what_is_not(options, err) < 0)
		return -1;
	request.flags.cap_add = options->cap_add;
	request.flags.cap_drop = options->cap_drop;
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
	    take_userns(&request.flags, options->userns, err) < 0 ||
	    take_resources(&request.flags.resources, options, err) < 0)
		return -1;
	*ret = request;
	return 0;
}
