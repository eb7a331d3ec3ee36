/*
 * merge: join with what a profile extends, meet with the administrator's ceiling.
 *
 * Joining is done at once: rules of the child before those of its parents, lists united, the
 * child's scalars kept. A meeting is only noted here, because command-line flags come between: a
 * policy carries its ceiling, and compile takes the narrower of the two at every point.
 */
#include "policy/model.h"

#include <string.h>

static void *joined(struct arena *arena, const void *a, size_t a_size, const void *b, size_t b_size)
{
	char *both = arena_alloc(arena, a_size + b_size);

	if (a_size > 0)
		memcpy(both, a, a_size);
	if (b_size > 0)
		memcpy(both + a_size, b, b_size);
	return both;
}

void strings_append(struct arena *arena, struct plan_strings *list, const char *string)
{
	const char **items = arena_array(arena, list->count + 2, sizeof *items);

	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count] = string;
	list->items = items;
	list->count++;
}

struct plan_strings strings_join(struct arena *arena, struct plan_strings a, struct plan_strings b)
{
	struct plan_strings both = {
		.items = arena_array(arena, a.count + b.count + 1, sizeof(char *)),
	};

	for (size_t i = 0; i < a.count; i++)
		both.items[both.count++] = a.items[i];
	for (size_t i = 0; i < b.count; i++)
		if (!plan_strings_has(&both, b.items[i]))
			both.items[both.count++] = b.items[i];
	return both;
}

static void join_rules(struct policy *child, struct arena *arena, const struct policy *parent)
{
	child->rules = joined(arena, child->rules, child->rule_count * sizeof *child->rules,
	                      parent->rules, parent->rule_count * sizeof *parent->rules);
	child->rule_count += parent->rule_count;
}

static void join_texts(struct policy *child, struct arena *arena, const struct policy *parent)
{
	child->texts = joined(arena, child->texts, child->text_count * sizeof *child->texts,
	                      parent->texts, parent->text_count * sizeof *parent->texts);
	child->text_count += parent->text_count;
}

static struct policy_ports join_ports(struct arena *arena, struct policy_ports a,
                                      struct policy_ports b)
{
	return (struct policy_ports){
		joined(arena, a.items, a.count * sizeof *a.items, b.items,
		       b.count * sizeof *b.items),
		a.count + b.count,
	};
}

/* A mount, a mask or a limit of the parent is taken unless the child has one for the same place. */
static void join_mounts(struct policy *child, struct arena *arena, const struct policy *parent)
{
	struct plan_mount *mounts =
	        joined(arena, child->mounts, child->mount_count * sizeof *mounts, parent->mounts,
	               parent->mount_count * sizeof *mounts);
	size_t count = child->mount_count;

	for (size_t i = 0; i < parent->mount_count; i++) {
		size_t j = 0;

		while (j < count && strcmp(mounts[j].target, parent->mounts[i].target) != 0)
			j++;
		if (j == count)
			mounts[count++] = parent->mounts[i];
	}
	child->mounts = mounts;
	child->mount_count = count;
}

static void join_masks(struct policy *child, struct arena *arena, const struct policy *parent)
{
	struct plan_mask *masks = joined(arena, child->masks, child->mask_count * sizeof *masks,
	                                 parent->masks, parent->mask_count * sizeof *masks);
	size_t count = child->mask_count;

	for (size_t i = 0; i < parent->mask_count; i++) {
		size_t j = 0;

		while (j < count && (masks[j].kind != parent->masks[i].kind ||
		                     strcmp(masks[j].path, parent->masks[i].path) != 0))
			j++;
		if (j == count)
			masks[count++] = parent->masks[i];
	}
	child->masks = masks;
	child->mask_count = count;
}

static void join_limits(struct policy *child, struct arena *arena, const struct policy *parent)
{
	struct plan_limit *limits =
	        joined(arena, child->limits, child->limit_count * sizeof *limits, parent->limits,
	               parent->limit_count * sizeof *limits);
	size_t count = child->limit_count;

	for (size_t i = 0; i < parent->limit_count; i++) {
		size_t j = 0;

		while (j < count && limits[j].resource != parent->limits[i].resource)
			j++;
		if (j == count)
			limits[count++] = parent->limits[i];
	}
	child->limits = limits;
	child->limit_count = count;
}

/* Scalars: one row each, so that none is forgotten. */
#define SCALAR(setting, member)                                                                    \
	{                                                                                          \
		setting, offsetof(struct policy, member), sizeof(((struct policy *)NULL)->member)  \
	}
static const struct {
	enum policy_setting setting;
	size_t offset, size;
} scalars[] = {
	SCALAR(SETTING_DEFAULT, fallback),
	SCALAR(SETTING_UNKNOWN, unknown),
	SCALAR(SETTING_IDMAP, idmap),
	SCALAR(SETTING_IDMAP, idmap_size),
	SCALAR(SETTING_ROOT, root_read_only),
	SCALAR(SETTING_LANDLOCK, landlock),
	SCALAR(SETTING_PIDS, resources.pids),
	SCALAR(SETTING_MEMORY, resources.memory),
	SCALAR(SETTING_CPUS, resources.cpu_quota),
	SCALAR(SETTING_APPARMOR, apparmor),
	SCALAR(SETTING_NO_NEW_PRIVILEGES, no_new_privileges),
	SCALAR(SETTING_USER_NAMESPACES, user_namespaces),
	SCALAR(SETTING_IMAGE_PROFILE, attaching),
};

static void join_scalars(struct policy *child, const struct policy *parent)
{
	for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
		if (!policy_says(child, scalars[i].setting) &&
		    policy_says(parent, scalars[i].setting))
			memcpy((char *)child + scalars[i].offset,
			       (const char *)parent + scalars[i].offset, scalars[i].size);
}

enum {
	NARROWINGS = 1u << SETTING_LANDLOCK_WRITE | 1u << SETTING_LANDLOCK_EXECUTE |
	             1u << SETTING_BIND | 1u << SETTING_CONNECT,
};

/* A list of Landlock or of ports narrows: joining two profiles that have one unites them, joining
 * with one that has none keeps it. A child that says "landlock": false wants none of its parents'.
 */
static void join_narrowings(struct policy *child, struct arena *arena, const struct policy *parent)
{
	child->write = strings_join(arena, child->write, parent->write);
	child->execute = strings_join(arena, child->execute, parent->execute);
	child->bind = join_ports(arena, child->bind, parent->bind);
	child->connect = join_ports(arena, child->connect, parent->connect);
	child->given |= parent->given & NARROWINGS;
}

static void join_parent(struct policy *child, struct arena *arena, const struct policy *parent)
{
	bool without_landlock = policy_says(child, SETTING_LANDLOCK) && !child->landlock;

	join_rules(child, arena, parent);
	join_texts(child, arena, parent);
	join_scalars(child, parent);
	join_mounts(child, arena, parent);
	join_masks(child, arena, parent);
	join_limits(child, arena, parent);
	if (!without_landlock)
		join_narrowings(child, arena, parent);
	child->arches |= parent->arches;
	child->available |= parent->available;
	child->given |= parent->given & ~(NARROWINGS | 1u << SETTING_NAME);
}

int policy_merge(struct policy **ret, struct arena *arena, const struct policy *policy,
                 const struct policy *const *parents, size_t parent_count, struct error *err)
{
	struct policy *merged = arena_copy(arena, policy, sizeof *policy);
	uint64_t inherited = 0, users = 0;

	for (size_t i = 0; i < parent_count; i++) {
		if (policy->dialect || parents[i]->dialect)
			return error_set(err, 0,
			                 "%s cannot be joined with %s: %s is a seccomp file in "
			                 "Docker's form",
			                 policy->name, parents[i]->name,
			                 (policy->dialect ? policy : parents[i])->name);
		join_parent(merged, arena, parents[i]);
		inherited |= parents[i]->capabilities;
		users |= parents[i]->user_capabilities;
	}
	/* What the child drops, it drops from what it inherits; what it adds stays. */
	merged->capabilities |= inherited & ~policy->dropped;
	merged->user_capabilities |= users & ~policy->dropped;
	merged->extends = (struct plan_strings){};
	*ret = merged;
	return 0;
}

int policy_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                const struct policy *ceiling, struct error *err)
{
	struct policy *met = arena_copy(arena, policy, sizeof *policy);
	struct policy *upper = arena_copy(arena, ceiling, sizeof *ceiling);

	if (ceiling->ceiling != NULL)
		return error_set(err, 0, "%s is a ceiling with a ceiling", ceiling->name);
	upper->ceiling = policy->ceiling;
	met->ceiling = upper;
	*ret = met;
	return 0;
}
