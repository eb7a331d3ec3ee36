#include "sandbox/idmap.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { MAP_LINES_MAX = HOST_RANGES_MAX + 3, MAP_WORDS_MAX = MAP_LINES_MAX * 3 + 3, WORD_SIZE = 12 };

/* ---- the pure half: which ids a mode maps ---- */

struct map_builder {
	struct plan_id_map *lines;
	size_t count;
	uint32_t inside; /* next container id */
	uint32_t wanted; /* how many more, UINT32_MAX for all */
};

static void add_line(struct map_builder *builder, uint32_t outside, uint32_t length)
{
	if (length == 0)
		return;
	builder->lines[builder->count++] = (struct plan_id_map){ builder->inside, outside, length };
	builder->inside += length;
}

/* Takes subordinate ids, from `skip` ids on, until `wanted` are taken or none is left. */
static void add_ranges(struct map_builder *builder, const struct host_range *ranges, size_t count,
                       uint32_t *skip, uint32_t wanted)
{
	uint32_t passed = *skip;

	for (size_t i = 0; i < count && wanted > 0; i++) {
		uint32_t first = ranges[i].first, length = ranges[i].count;

		if (passed >= length) {
			passed -= length;
			continue;
		}
		first += passed;
		length -= passed;
		passed = 0;
		if (length > wanted)
			length = wanted;
		add_line(builder, first, length);
		*skip += length;
		wanted -= length;
	}
}

/* What a user has of one kind of id. */
struct own_ids {
	uint32_t own;
	const struct host_range *ranges;
	size_t count;
};

static size_t build(struct plan_id_map *lines, enum idmap_mode mode, const struct own_ids *ids,
                    uint32_t size)
{
	struct map_builder builder = { .lines = lines };
	uint32_t own = ids->own, all = size == 0 ? UINT32_MAX : size, skip = 0;

	switch (mode) {
	case IDMAP_SINGLE:
		add_line(&builder, own, 1);
		break;
	case IDMAP_RANGE:
		add_line(&builder, own, 1);
		add_ranges(&builder, ids->ranges, ids->count, &skip, all - 1);
		break;
	case IDMAP_KEEP_ID:
		add_ranges(&builder, ids->ranges, ids->count, &skip, own);
		builder.inside = own;
		add_line(&builder, own, 1);
		add_ranges(&builder, ids->ranges, ids->count, &skip, all - 1);
		break;
	case IDMAP_NOMAP:
		add_ranges(&builder, ids->ranges, ids->count, &skip, all);
		break;
	}
	return builder.count;
}

static int missing_ranges(const struct host *host, struct error *err)
{
	if (host->newuidmap[0] == '\0' || host->newgidmap[0] == '\0') {
		error_set(err, 0,
		          "newuidmap and newgidmap are not installed: only one id can be mapped");
		return error_hint(err, "install the package uidmap, or use --userns single");
	}
	error_set(err, 0, "the user %s has no subordinate ids in /etc/subuid and /etc/subgid",
	          host->user);
	return error_hint(
	        err,
	        "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s; "
	        "or use --userns single",
	        host->user);
}

int host_id_maps(struct plan_id_maps *ret, struct arena *arena, const struct host *host,
                 enum idmap_mode mode, uint32_t size, struct error *err)
{
	struct plan_id_maps maps = { .mode = mode, .helpers = mode != IDMAP_SINGLE };
	const struct own_ids uid_source = { host->uid, host->subuids, host->subuid_count };
	const struct own_ids gid_source = { host->gid, host->subgids, host->subgid_count };
	struct plan_id_map *uids, *gids;

	if (mode != IDMAP_SINGLE && (host->subuid_count == 0 || host->subgid_count == 0 ||
	                             host->newuidmap[0] == '\0' || host->newgidmap[0] == '\0'))
		return missing_ranges(host, err);
	uids = arena_array(arena, MAP_LINES_MAX, sizeof *uids);
	gids = arena_array(arena, MAP_LINES_MAX, sizeof *gids);
	maps.uid_count = build(uids, mode, &uid_source, size);
	maps.gid_count = build(gids, mode, &gid_source, size);
	maps.uids = uids;
	maps.gids = gids;
	*ret = maps;
	return 0;
}

int host_own_maps(struct plan_id_maps *ret, struct arena *arena, const struct host *host,
                  struct error *err)
{
	return host_id_maps(ret, arena, host, IDMAP_RANGE, 0, err) == 0
	               ? 0
	               : host_id_maps(ret, arena, host, IDMAP_SINGLE, 0, err);
}

/* ---- the other half: writing them ---- */

static int write_file(pid_t pid, const char *name, const char *content, struct error *err)
{
	char path[64];
	_cleanup_fd int fd = -1;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		return error_set(err, errno, "cannot write %s", path);
	return 0;
}

static int write_single(pid_t pid, const struct plan_id_maps *maps, struct error *err)
{
	char line[64];

	snprintf(line, sizeof line, "%u %u 1\n", maps->uids[0].inside, maps->uids[0].outside);
	if (write_file(pid, "uid_map", line, err) < 0 ||
	    write_file(pid, "setgroups", "deny", err) < 0)
		return -1;
	snprintf(line, sizeof line, "%u %u 1\n", maps->gids[0].inside, maps->gids[0].outside);
	return write_file(pid, "gid_map", line, err);
}

struct map_command {
	char storage[MAP_WORDS_MAX][WORD_SIZE];
	char *arguments[MAP_WORDS_MAX + 1];
	int complaint, speech; /* the two ends of its standard error */
	pid_t pid;
	/* vfork(2) would hold the second one up until the first has been executed, a fifth of a
	 * millisecond: so each gets a stack, and both start at once. */
	_Alignas(16) char stack[16384];
};

/* In the memory of its parent, which goes on at once: it touches nothing but its own stack. */
static int execute(void *argument)
{
	static char *const environment[] = { NULL };
	const struct map_command *command = argument;

	dup2(command->speech, STDERR_FILENO);
	execve(command->arguments[0], command->arguments, environment);
	_exit(127);
}

static void command_init(struct map_command *command, const char *program)
{
	command->arguments[0] = (char *)program;
	command->complaint = command->speech = -1;
	command->pid = -1;
}

static int command_start(struct map_command *command, pid_t pid, const struct plan_id_map *lines,
                         size_t count, struct error *err)
{
	const char *program = command->arguments[0];
	size_t word = 1;
	int ends[2];

	snprintf(command->storage[word], WORD_SIZE, "%ld", (long)pid);
	command->arguments[word] = command->storage[word];
	word++;
	for (size_t i = 0; i < count && word + 3 < MAP_WORDS_MAX; i++) {
		const uint32_t numbers[] = { lines[i].inside, lines[i].outside, lines[i].length };

		for (size_t j = 0; j < ARRAY_SIZE(numbers); j++, word++) {
			snprintf(command->storage[word], WORD_SIZE, "%u", numbers[j]);
			command->arguments[word] = command->storage[word];
		}
	}
	command->arguments[word] = NULL;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe for %s", program);
	command->complaint = ends[0];
	command->speech = ends[1];
	/* the stack grows down */
	command->pid =
	        clone(execute, command->stack + sizeof command->stack, CLONE_VM | SIGCHLD, command);
	return command->pid < 0 ? error_set(err, errno, "cannot start %s", program) : 0;
}

static int command_finish(struct map_command *command, struct error *err)
{
	char said[300] = "";
	ssize_t length;
	int status = 0;

	cleanup_close(&command->speech);
	if (command->pid < 0) {
		cleanup_close(&command->complaint);
		return 0;
	}
	while (waitpid(command->pid, &status, 0) < 0 && errno == EINTR)
		;
	length = status == 0 ? 0 : read(command->complaint, said, sizeof said - 1);
	close(command->complaint);
	if (status == 0)
		return 0;
	said[length > 0 ? length : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	error_set(err, 0, "cannot map the subordinate ids: %s: %s", command->arguments[0],
	          said[0] != '\0' ? said : "it failed without a word");
	return error_hint(err,
	                  "check that %s is setuid root and that /etc/subuid and /etc/subgid hold "
	                  "what the map asks for",
	                  command->arguments[0]);
}

static int work(const struct sandbox_work *meanwhile, struct error *err)
{
	return meanwhile->run == NULL ? 0 : meanwhile->run(meanwhile->context, err);
}

static int write_ranges(pid_t pid, const struct plan_id_maps *maps, const struct host *host,
                        const struct sandbox_work *meanwhile, struct error *err)
{
	/* not `= {}`: their stacks are not to be touched before they are used */
	struct map_command uids, gids;
	struct error second;
	int result;

	command_init(&uids, host->newuidmap);
	command_init(&gids, host->newgidmap);
	result = command_start(&uids, pid, maps->uids, maps->uid_count, err);
	if (result == 0)
		result = command_start(&gids, pid, maps->gids, maps->gid_count, err);
	if (result == 0)
		result = work(meanwhile, err);
	if (command_finish(&gids, result == 0 ? err : &second) < 0)
		result = -1;
	if (command_finish(&uids, result == 0 ? err : &second) < 0)
		result = -1;
	return result;
}

int idmap_write(pid_t pid, const struct plan_id_maps *maps, const struct host *host,
                const struct sandbox_work *meanwhile, struct error *err)
{
	if (maps->helpers)
		return write_ranges(pid, maps, host, meanwhile, err);
	return write_single(pid, maps, err) < 0 ? -1 : work(meanwhile, err);
}
