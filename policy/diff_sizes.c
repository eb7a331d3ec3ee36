/*
 * diff_sizes: what two confinements allow differently by amount: rlimits, what a cgroup limits,
 * places in memory.
 */
#include "policy/diff_walls.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *number_words(struct arena *arena, uint64_t number)
{
	return number == UINT64_MAX ? "none"
	                            : arena_printf(arena, "%llu", (unsigned long long)number);
}

/* No limit is the highest. */
void diff_number(const struct walls *walls, const char *name, uint64_t was, uint64_t is)
{
	struct difference *row;

	if (was == is)
		return;
	row = diff_wall(walls, is > was ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER, name);
	row->was = number_words(walls->arena, was);
	row->is = number_words(walls->arena, is);
}

static const struct plan_limit *find_limit(const struct confinement *confinement, uint32_t resource)
{
	for (size_t i = 0; i < confinement->limit_count; i++)
		if (confinement->limits[i].resource == resource)
			return &confinement->limits[i];
	return NULL;
}

/* A process may raise the soft one up to the hard one: what it may is the hard one's. */
static void compare_soft(const struct walls *walls, const char *name, const struct plan_limit *was,
                         const struct plan_limit *is)
{
	struct difference *row;

	if (was == NULL || is == NULL || was->hard != is->hard || was->soft == is->soft)
		return;
	row = diff_wall(walls, DIFFERENCE_OTHER, arena_printf(walls->arena, "soft limit %s", name));
	row->was = number_words(walls->arena, was->soft);
	row->is = number_words(walls->arena, is->soft);
}

static void compare_limits(const struct walls *walls, const struct confinement *old,
                           const struct confinement *new)
{
	for (uint32_t i = 0; i < RLIM_NLIMITS; i++) {
		const struct plan_limit *was = find_limit(old, i), *is = find_limit(new, i);

		if (limit_name(i) == NULL)
			continue;
		diff_number(walls, arena_printf(walls->arena, "limit %s", limit_name(i)),
		            was == NULL ? UINT64_MAX : was->hard,
		            is == NULL ? UINT64_MAX : is->hard);
		compare_soft(walls, limit_name(i), was, is);
	}
}

/* As profiles say it: 1.5, not 150000 microseconds of 100000. */
static const char *cpus_words(struct arena *arena, uint64_t quota)
{
	return quota == 0 ? "none" : arena_printf(arena, "%g", (double)quota / 100000);
}

static void compare_resources(const struct walls *walls, const struct plan_resources *old,
                              const struct plan_resources *new)
{
	uint64_t was = diff_or_none(old->cpu_quota), is = diff_or_none(new->cpu_quota);
	struct difference *row;

	diff_number(walls, "limit pids", diff_or_none(old->pids), diff_or_none(new->pids));
	diff_number(walls, "limit memory", diff_or_none(old->memory), diff_or_none(new->memory));
	if (was == is)
		return;
	row = diff_wall(walls, is > was ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER, "limit cpus");
	row->was = cpus_words(walls->arena, old->cpu_quota);
	row->is = cpus_words(walls->arena, new->cpu_quota);
}

static const struct plan_mount *find_mount(const struct confinement *confinement,
                                           const char *target)
{
	for (size_t i = 0; i < confinement->mount_count; i++)
		if (strcmp(confinement->mounts[i].target, target) == 0)
			return &confinement->mounts[i];
	return NULL;
}

/* "size=N,mode=NNN" or "mode=NNN": the size, none of which is the most, and the rest. */
static uint64_t size_of(const struct plan_mount *mount, const char **rest)
{
	const char *options = mount->options == NULL ? "" : mount->options;
	uint64_t size = UINT64_MAX;
	char *end;

	*rest = options;
	if (text_starts(options, "size=")) {
		size = strtoull(options + strlen("size="), &end, 10);
		*rest = *end == ',' ? end + 1 : end;
	}
	return size;
}

/* Of one mode, no larger, and with all that was forbidden. */
static bool is_less(const struct plan_mount *is, const struct plan_mount *was)
{
	const char *mode_is, *mode_was;
	uint64_t size_is = size_of(is, &mode_is), size_was = size_of(was, &mode_was);

	return size_is <= size_was && strcmp(mode_is, mode_was) == 0 &&
	       (was->attributes & ~is->attributes) == 0;
}

static const char *mount_words(struct arena *arena, const struct plan_mount *mount)
{
	return arena_printf(arena, "%s%s", mount->options == NULL ? "" : mount->options,
	                    (mount->attributes & MOUNT_ATTR_NOEXEC) != 0 ? "" : ",exec");
}

static void compare_mount(const struct walls *walls, const struct plan_mount *was,
                          const struct plan_mount *is)
{
	struct difference *row;

	if (is_less(is, was) && is_less(was, is))
		return;
	row = diff_wall(walls, is_less(is, was) ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER,
	                arena_printf(walls->arena, "tmpfs %s", is->target));
	row->was = mount_words(walls->arena, was);
	row->is = mount_words(walls->arena, is);
}

/* A place that can be written, and hides what the image has there. */
static void compare_mounts(const struct walls *walls, const struct confinement *old,
                           const struct confinement *new)
{
	for (size_t i = 0; i < new->mount_count; i++) {
		const struct plan_mount *is = &new->mounts[i];
		const struct plan_mount *was = find_mount(old, is->target);

		if (was != NULL)
			compare_mount(walls, was, is);
		else
			diff_wall(walls, DIFFERENCE_WIDER,
			          arena_printf(walls->arena, "tmpfs %s", is->target));
	}
	for (size_t i = 0; i < old->mount_count; i++)
		if (find_mount(new, old->mounts[i].target) == NULL)
			diff_wall(walls, DIFFERENCE_NARROWER,
			          arena_printf(walls->arena, "tmpfs %s", old->mounts[i].target));
}

void diff_sizes(const struct walls *walls, const struct confinement *old,
                const struct confinement *new)
{
	compare_mounts(walls, old, new);
	compare_limits(walls, old, new);
	compare_resources(walls, &old->resources, &new->resources);
}
