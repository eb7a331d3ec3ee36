#include "runtime/container/cgroup.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define CALLERS      "cordon-callers"

enum { CPU_PERIOD = 100000, FILE_MAX = 1 << 16, REMOVE_TRIES = 100, REMOVE_PAUSE_US = 2000 };

/* ---- small files ---- */

static bool join(char ret[PATH_MAX], const char *folder, const char *name)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", folder, name) < PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static int write_file(const char *folder, const char *name, const char *content)
{
	char path[PATH_MAX];
	_cleanup_fd int fd = -1;

	if (!join(path, folder, name))
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 || write(fd, content, strlen(content)) < 0 ? -1 : 0;
}

static bool read_file(struct text *ret, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct error ignored;

	return join(path, folder, name) &&
	       io_read_file(ret, AT_FDCWD, path, FILE_MAX, &ignored) > 0;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *next = list; *next != '\0';) {
		size_t here = strcspn(next, " \n");

		if (here == length && strncmp(next, word, length) == 0)
			return true;
		next += here + (next[here] != '\0');
	}
	return false;
}

/* ---- finding ---- */

static const struct controller {
	const char *name;
	size_t offset;
} controllers[] = {
	{ "pids", offsetof(struct plan_resources, pids) },
	{ "memory", offsetof(struct plan_resources, memory) },
	{ "cpu", offsetof(struct plan_resources, cpu_quota) },
};

static bool is_wanted(const struct plan_resources *resources, const struct controller *controller)
{
	return *(const uint64_t *)(const void *)((const char *)resources + controller->offset) != 0;
}

static int way_out(struct error *err)
{
	return error_hint(
	        err, "run it in a delegated cgroup: systemd-run --user --scope -p Delegate=yes "
	             "cordon run ..., or leave the limit out");
}

int cgroup_find_in(const char **ret, struct arena *arena, const struct plan_resources *resources,
                   const char *id, const char *mount, const char *own, struct error *err)
{
	_cleanup_text struct text known = {};
	const char *base = arena_printf(arena, "%s%s", mount, strcmp(own, "/") == 0 ? "" : own);

	if (text_ends(base, "/" CALLERS))
		base = arena_text(arena, base, strlen(base) - strlen("/" CALLERS));
	if (access(base, W_OK) < 0) {
		error_set(err, errno, "cannot enforce a limit: the cgroup %s", base);
		return way_out(err);
	}
	if (!read_file(&known, base, "cgroup.controllers"))
		text_clear(&known);
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		if (is_wanted(resources, &controllers[i]) &&
		    !has_word(text_string(&known), controllers[i].name)) {
			error_set(err, 0,
			          "cannot enforce a limit: the cgroup %s has no %s controller",
			          base, controllers[i].name);
			return way_out(err);
		}
	*ret = arena_printf(arena, "%s/cordon-%s", base, id);
	return 0;
}

/* "0::/user.slice/..." of /proc/self/cgroup: the v2 hierarchy. */
static const char *own_cgroup(struct arena *arena)
{
	_cleanup_text struct text text = {};
	const char *line;

	if (!read_file(&text, "/proc/self", "cgroup"))
		return NULL;
	line = text_starts(text.data, "0::") ? text.data : strstr(text.data, "\n0::");
	if (line == NULL)
		return NULL;
	line += line[0] == '\n' ? 4 : 3;
	return arena_text(arena, line, strcspn(line, "\n"));
}

static int find(const char **ret, struct arena *arena, const struct plan_resources *resources,
                const char *id, struct error *err)
{
	const char *own = own_cgroup(arena);
	struct statfs status;

	if (own == NULL || statfs(CGROUP_MOUNT, &status) < 0 ||
	    status.f_type != CGROUP2_SUPER_MAGIC) {
		error_set(err, 0,
		          "cannot enforce a limit: cgroup v2 is not mounted at " CGROUP_MOUNT);
		return error_hint(err, "boot with systemd.unified_cgroup_hierarchy=1, or leave the "
		                       "limit out");
	}
	return cgroup_find_in(ret, arena, resources, id, CGROUP_MOUNT, own, err);
}

int cgroup_find(const char **ret, struct arena *arena, const struct plan_resources *resources,
                const char *id, struct text *notes, struct error *err)
{
	bool wanted = false;

	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		wanted |= is_wanted(resources, &controllers[i]);
	if (!wanted || find(ret, arena, resources, id, err) == 0)
		return 0;
	if (!resources->if_available)
		return -1;
	text_printf(notes, "%s\n", err->text);
	return 0;
}

/* ---- making ---- */

/* Processes may not be where controllers are handed down: into a leaf with them. */
static int move_callers(const char *base)
{
	_cleanup_text struct text pids = {};
	char leaf[PATH_MAX], *save = NULL;

	if (!join(leaf, base, CALLERS) || (mkdir(leaf, 0755) < 0 && errno != EEXIST))
		return -1;
	if (!read_file(&pids, base, "cgroup.procs") || pids.length == 0)
		return 0;
	for (char *pid = strtok_r(pids.data, "\n", &save); pid != NULL;
	     pid = strtok_r(NULL, "\n", &save))
		if (write_file(leaf, "cgroup.procs", pid) < 0 && errno != ESRCH)
			return -1;
	return 0;
}

static int hand_down(const char *base, const struct plan_resources *resources)
{
	char words[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		if (is_wanted(resources, &controllers[i]))
			snprintf(words + strlen(words), sizeof words - strlen(words), "+%s ",
			         controllers[i].name);
	if (write_file(base, "cgroup.subtree_control", words) == 0)
		return 0;
	if (errno != EBUSY || move_callers(base) < 0)
		return -1;
	return write_file(base, "cgroup.subtree_control", words);
}

static int set_limits(const char *folder, const struct plan_resources *resources)
{
	char number[64];
	int result = 0;

	if (resources->pids != 0) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)resources->pids);
		result |= write_file(folder, "pids.max", number);
	}
	if (resources->memory != 0) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)resources->memory);
		result |= write_file(folder, "memory.max", number);
		/* Docker's default: as much swap again; a kernel without swap has no such file. */
		if (write_file(folder, "memory.swap.max", number) < 0 && errno != ENOENT)
			result = -1;
	}
	if (resources->cpu_quota != 0) {
		snprintf(number, sizeof number, "%llu %d", (unsigned long long)resources->cpu_quota,
		         CPU_PERIOD);
		result |= write_file(folder, "cpu.max", number);
	}
	return result;
}

int cgroup_make(const char *folder, const struct plan *plan, struct error *err)
{
	const struct plan_resources *resources = &plan->confinement.resources;
	char base[PATH_MAX];

	if (folder == NULL)
		return 0;
	snprintf(base, sizeof base, "%.*s", (int)(strrchr(folder, '/') - folder), folder);
	if (hand_down(base, resources) < 0) {
		error_set(err, errno, "cannot hand controllers down in the cgroup %s", base);
		return way_out(err);
	}
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make the cgroup %s", folder);
	if (set_limits(folder, resources) < 0) {
		error_set(err, errno, "cannot set the limits of the cgroup %s", folder);
		cgroup_remove(folder);
		return -1;
	}
	return 0;
}

void cgroup_remove(const char *folder)
{
	/* Linux 5.14; before that the pid namespace has killed all of them already */
	if (write_file(folder, "cgroup.kill", "1") < 0 && errno == EACCES)
		return;
	for (int tries = 0; tries < REMOVE_TRIES; tries++) {
		if (rmdir(folder) == 0 || errno != EBUSY)
			return;
		usleep(REMOVE_PAUSE_US);
	}
}

bool cgroup_ran_out_of_memory(const char *folder)
{
	_cleanup_text struct text events = {};
	const char *line;

	if (!read_file(&events, folder, "memory.events"))
		return false;
	line = strstr(events.data, "oom_kill ");
	return line != NULL && strtoull(line + strlen("oom_kill "), NULL, 10) > 0;
}
