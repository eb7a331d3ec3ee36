/*
 * meet: the sets and scalars of a policy under its ceilings. (Calls are met where the filter table
 * is made.) A ceiling that is silent on something takes nothing of it.
 */
#include "policy/model.h"

#include <string.h>

struct meeting {
	struct arena *arena;
	struct policy *policy;
	const struct policy *ceiling;
	struct plan_strings *taken;
};

static void take(const struct meeting *meeting, const char *what)
{
	strings_append(meeting->arena, meeting->taken,
	               arena_printf(meeting->arena, "the %s '%s' takes %s",
	                            meeting->ceiling->attached ? "image's profile" : "ceiling",
	                            meeting->ceiling->name, what));
}

static void meet_capabilities(const struct meeting *meeting)
{
	uint64_t lost = meeting->policy->capabilities & ~meeting->ceiling->capabilities;

	if (!policy_says(meeting->ceiling, SETTING_CAPABILITIES))
		return;
	for (unsigned i = 0; capability_name(i) != NULL; i++)
		if ((lost & UINT64_C(1) << i) != 0)
			take(meeting,
			     arena_printf(meeting->arena, "the capability %s", capability_name(i)));
	meeting->policy->capabilities &= meeting->ceiling->capabilities;
	meeting->policy->user_capabilities &= meeting->ceiling->capabilities;
}

static void meet_switches(const struct meeting *meeting)
{
	const struct policy *ceiling = meeting->ceiling;
	struct policy *policy = meeting->policy;

	if (policy_says(ceiling, SETTING_ROOT) && ceiling->root_read_only &&
	    !policy->root_read_only) {
		policy->root_read_only = true;
		take(meeting, "the writable root");
	}
	if (policy_says(ceiling, SETTING_NO_NEW_PRIVILEGES) && ceiling->no_new_privileges &&
	    !policy->no_new_privileges) {
		policy->no_new_privileges = true;
		take(meeting, "the gain of new privileges by exec");
	}
	if (policy_says(ceiling, SETTING_USER_NAMESPACES) && !ceiling->user_namespaces &&
	    policy->user_namespaces) {
		policy->user_namespaces = false;
		take(meeting, "new user namespaces");
	}
	if (policy_says(ceiling, SETTING_LANDLOCK) && ceiling->landlock && !policy->landlock) {
		policy->landlock = true;
		take(meeting, "the freedom from Landlock");
	}
	if (policy_says(ceiling, SETTING_APPARMOR) && ceiling->apparmor != NULL &&
	    !text_equal(policy->apparmor, ceiling->apparmor)) {
		policy->apparmor = ceiling->apparmor;
		take(meeting, "any AppArmor profile but its own");
	}
	if (policy_says(ceiling, SETTING_IDMAP) &&
	    (policy->idmap != ceiling->idmap ||
	     (ceiling->idmap_size != 0 &&
	      (policy->idmap_size == 0 || policy->idmap_size > ceiling->idmap_size)))) {
		policy->idmap = ceiling->idmap;
		policy->idmap_size = ceiling->idmap_size;
		take(meeting, "any id map but its own");
	}
	if (policy_says(ceiling, SETTING_IMAGE_PROFILE) && ceiling->attaching > policy->attaching) {
		policy->attaching = ceiling->attaching;
		take(meeting, "containers without the image's profile");
	}
}

static void meet_amount(const struct meeting *meeting, uint64_t *amount, uint64_t ceiling,
                        const char *what)
{
	if (ceiling == 0 || (*amount != 0 && *amount <= ceiling))
		return;
	*amount = ceiling;
	take(meeting, what);
}

static void meet_limit(const struct meeting *meeting, struct plan_limit *limit,
                       const struct plan_limit *ceiling)
{
	if (limit->soft <= ceiling->soft && limit->hard <= ceiling->hard)
		return;
	if (limit->soft > ceiling->soft)
		limit->soft = ceiling->soft;
	if (limit->hard > ceiling->hard)
		limit->hard = ceiling->hard;
	if (limit->soft > limit->hard)
		limit->soft = limit->hard;
	take(meeting, arena_printf(meeting->arena, "what the limit %s has above its own",
	                           limit_name(limit->resource)));
}

static void meet_limits(const struct meeting *meeting)
{
	const struct policy *ceiling = meeting->ceiling;
	struct policy *policy = meeting->policy;
	struct plan_limit *limits =
	        arena_array(meeting->arena, policy->limit_count + ceiling->limit_count,
	                    sizeof *limits);
	size_t count = policy->limit_count;

	if (count > 0)
		memcpy(limits, policy->limits, count * sizeof *limits);
	for (size_t i = 0; i < ceiling->limit_count; i++) {
		size_t j = 0;

		while (j < count && limits[j].resource != ceiling->limits[i].resource)
			j++;
		if (j == count)
			limits[count++] = ceiling->limits[i];
		else
			meet_limit(meeting, &limits[j], &ceiling->limits[i]);
	}
	policy->limits = limits;
	policy->limit_count = count;
	meet_amount(meeting, &policy->resources.pids, ceiling->resources.pids, "some processes");
	meet_amount(meeting, &policy->resources.memory, ceiling->resources.memory, "some memory");
	meet_amount(meeting, &policy->resources.cpu_quota, ceiling->resources.cpu_quota,
	            "some CPU time");
}

/* Masks of the ceiling are added; they take from nobody by name. */
static void meet_masks(const struct meeting *meeting)
{
	struct policy *policy = meeting->policy;
	struct plan_mask *masks =
	        arena_array(meeting->arena, policy->mask_count + meeting->ceiling->mask_count,
	                    sizeof *masks);

	if (policy->mask_count > 0)
		memcpy(masks, policy->masks, policy->mask_count * sizeof *masks);
	if (meeting->ceiling->mask_count > 0)
		memcpy(masks + policy->mask_count, meeting->ceiling->masks,
		       meeting->ceiling->mask_count * sizeof *masks);
	policy->masks = masks;
	policy->mask_count += meeting->ceiling->mask_count;
}

/* ---- lists that narrow where they are given ---- */

bool path_lies_beneath(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strcmp(folder, "/") == 0 || (strncmp(path, folder, length) == 0 &&
	                                    (path[length] == '/' || path[length] == '\0'));
}

/* The paths of each that lie beneath one of the other: exact for trees. */
static void keep_beneath(struct arena *arena, struct plan_strings *ret,
                         const struct plan_strings *paths, const struct plan_strings *folders)
{
	for (size_t i = 0; i < paths->count; i++) {
		size_t j = 0;

		while (j < folders->count && !path_lies_beneath(paths->items[i], folders->items[j]))
			j++;
		if (j < folders->count)
			strings_append(arena, ret, paths->items[i]);
	}
}

static void meet_paths(const struct meeting *meeting, enum policy_setting setting,
                       struct plan_strings *paths, const struct plan_strings *ceiling)
{
	struct plan_strings met = {}, other = {};

	if (!policy_says(meeting->ceiling, setting))
		return;
	if (!policy_says(meeting->policy, setting)) {
		*paths = *ceiling;
		meeting->policy->given |= 1u << setting;
		return;
	}
	keep_beneath(meeting->arena, &met, paths, ceiling);
	keep_beneath(meeting->arena, &other, ceiling, paths);
	*paths = strings_join(meeting->arena, met, other);
}

static bool has_port(const struct policy_ports *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i] == port)
			return true;
	return false;
}

static void meet_ports(const struct meeting *meeting, enum policy_setting setting,
                       struct policy_ports *ports, const struct policy_ports *ceiling)
{
	uint16_t *met = arena_array(meeting->arena, ports->count, sizeof *met);
	size_t count = 0;

	if (!policy_says(meeting->ceiling, setting))
		return;
	if (!policy_says(meeting->policy, setting)) {
		*ports = *ceiling;
		meeting->policy->given |= 1u << setting;
		return;
	}
	for (size_t i = 0; i < ports->count; i++)
		if (has_port(ceiling, ports->items[i]))
			met[count++] = ports->items[i];
	*ports = (struct policy_ports){ met, count };
}

/* What the ceiling insists on may not be left out, unless the ceiling itself says so. */
static void meet_facilities(const struct meeting *meeting)
{
	const struct policy *ceiling = meeting->ceiling;
	const struct plan_resources *resources = &ceiling->resources;
	bool landlock = policy_says(ceiling, SETTING_LANDLOCK_WRITE) ||
	                policy_says(ceiling, SETTING_LANDLOCK_EXECUTE) ||
	                policy_says(ceiling, SETTING_BIND) ||
	                policy_says(ceiling, SETTING_CONNECT) ||
	                (policy_says(ceiling, SETTING_LANDLOCK) && ceiling->landlock);
	uint32_t insists = 0;

	if (landlock)
		insists |= 1u << FACILITY_LANDLOCK;
	if (policy_says(ceiling, SETTING_APPARMOR) && ceiling->apparmor != NULL)
		insists |= 1u << FACILITY_APPARMOR;
	if (resources->pids != 0 || resources->memory != 0 || resources->cpu_quota != 0)
		insists |= 1u << FACILITY_CGROUP;
	if (ceiling->limit_count > 0)
		insists |= 1u << FACILITY_LIMITS;
	meeting->policy->available &= ~insists | ceiling->available;
}

void policy_settle_sets(struct policy *ret, struct plan_strings *taken, struct arena *arena,
                        const struct policy *policy)
{
	*ret = *policy;
	ret->ceiling = NULL;
	for (const struct policy *ceiling = policy->ceiling; ceiling != NULL;
	     ceiling = ceiling->ceiling) {
		struct meeting meeting = { arena, ret, ceiling, taken };

		meet_facilities(&meeting);
		meet_capabilities(&meeting);
		meet_switches(&meeting);
		meet_limits(&meeting);
		meet_masks(&meeting);
		meet_paths(&meeting, SETTING_LANDLOCK_WRITE, &ret->write, &ceiling->write);
		meet_paths(&meeting, SETTING_LANDLOCK_EXECUTE, &ret->execute, &ceiling->execute);
		meet_ports(&meeting, SETTING_BIND, &ret->bind, &ceiling->bind);
		meet_ports(&meeting, SETTING_CONNECT, &ret->connect, &ceiling->connect);
	}
}
