#include "policy/narrow.h"

#include "policy/call_text.h"
#include "policy/meaning.h"
#include "policy/model.h"
#include "policy/prove.h"
#include "policy/proven.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/host.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>

/* ---- what is stored, as a policy ---- */

static void take_landlock(struct policy *policy, const struct plan_landlock *landlock)
{
	const struct {
		enum policy_setting setting;
		bool given;
	} lists[] = {
		{ SETTING_LANDLOCK_WRITE, landlock->restrict_write },
		{ SETTING_LANDLOCK_EXECUTE, landlock->restrict_execute },
		{ SETTING_BIND, landlock->restrict_bind },
		{ SETTING_CONNECT, landlock->restrict_connect },
	};

	policy->landlock = landlock->enabled;
	policy->write = landlock->write;
	policy->execute = landlock->execute;
	policy->bind = (struct policy_ports){ landlock->bind_ports, landlock->bind_count };
	policy->connect = (struct policy_ports){ landlock->connect_ports, landlock->connect_count };
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (landlock->enabled && lists[i].given)
			policy->given |= 1u << lists[i].setting;
}

/* What may be missing here. Of a wall that was not stored nobody knows: the ceiling's word counts
 * alone. */
static uint32_t available(const struct confinement *stored)
{
	bool limits = true;
	uint32_t set = 0;

	for (size_t i = 0; i < stored->limit_count; i++)
		limits = limits && stored->limits[i].if_available;
	if (!stored->landlock.enabled || stored->landlock.if_available)
		set |= 1u << FACILITY_LANDLOCK;
	if (stored->apparmor == NULL || stored->apparmor_if_available)
		set |= 1u << FACILITY_APPARMOR;
	if (stored->resources.if_available)
		set |= 1u << FACILITY_CGROUP;
	if (limits)
		set |= 1u << FACILITY_LIMITS;
	return set;
}

struct policy *policy_of_confinement(struct arena *arena, const struct confinement *stored)
{
	struct policy *policy = arena_alloc(arena, sizeof *policy);

	policy_init(policy);
	policy_open_calls(policy);
	policy->name = stored->profile == NULL ? "" : stored->profile;
	policy->available = available(stored);
	policy->capabilities = stored->capabilities.bounding;
	policy->user_capabilities = stored->user_capabilities;
	policy->idmap = stored->idmap;
	policy->idmap_size = stored->idmap_size;
	policy->root_read_only = stored->root_read_only;
	policy->masks = stored->masks;
	policy->mask_count = stored->mask_count;
	policy->limits = stored->limits;
	policy->limit_count = stored->limit_count;
	policy->resources = stored->resources;
	policy->apparmor = stored->apparmor;
	policy->no_new_privileges = stored->no_new_privileges;
	policy->user_namespaces = stored->new_user_namespaces;
	policy->attaching = stored->attached != NULL ? ATTACHING_REQUIRE : ATTACHING_IGNORE;
	take_landlock(policy, &stored->landlock);
	return policy;
}

/* ---- calls ---- */

/* As the ceilings of a profile: where they deny, their answer counts. */
static uint32_t answer_under(uint32_t own, uint32_t ceiling)
{
	uint32_t kind = ceiling & SECCOMP_RET_ACTION_FULL;

	return kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG ? own : ceiling;
}

static int answers(diagram *ret, struct diagrams *store, const struct plan_filter *filter,
                   const struct host *host, struct error *err)
{
	if (filter->count > 0)
		return prove_program(ret, store, filter, (host->audit_arch & __AUDIT_ARCH_LE) == 0,
		                     err);
	*ret = diagram_leaf(store, SECCOMP_RET_ALLOW);
	return 0;
}

/* One of the calls that are not executed any more. */
static const char *taken_call(struct arena *arena, struct diagrams *store, diagram was, diagram is,
                              const struct host *host)
{
	_cleanup_text struct text text = {};
	struct call_sample sample;

	if (!diagram_example(store,
	                     diagram_and(store, meaning_permits(store, was),
	                                 diagram_not(store, meaning_permits(store, is))),
	                     &sample))
		return NULL;
	call_text(&text, &sample, host->audit_arch);
	return arena_strdup(arena, text_string(&text));
}

static int narrow_calls(struct confinement *narrowed, struct arena *arena,
                        const struct plan_filter *stored, const struct host *host,
                        struct error *err)
{
	_cleanup_meaning struct table_meaning meaning = {
		.store = diagrams_new(DIAGRAM_NODES_MAX),
		.big_endian = (host->audit_arch & __AUDIT_ARCH_LE) == 0,
	};
	const struct plan_filter ceilings = narrowed->filter;
	const char *taken;
	diagram own, upper;

	narrowed->filter = *stored;
	if (ceilings.count == 0)
		return 0;
	if (answers(&own, meaning.store, stored, host, err) < 0 ||
	    answers(&upper, meaning.store, &ceilings, host, err) < 0)
		return -1;
	meaning.node = diagram_join(meaning.store, answer_under, own, upper);
	if (diagrams_check(meaning.store, err) < 0)
		return -1;
	if (meaning.node == own)
		return 0;
	taken = taken_call(arena, meaning.store, own, meaning.node, host);
	if (taken != NULL)
		strings_append(arena, &narrowed->left_out,
		               arena_printf(arena, "the ceiling takes system calls, %s for one",
		                            taken));
	return filter_proven_meaning(&narrowed->filter, arena, &meaning, err);
}

/* ---- the whole ---- */

/* A ceiling's masks are added whenever it is met. */
static void drop_repeated_masks(struct confinement *confinement)
{
	size_t count = 0, j;

	for (size_t i = 0; i < confinement->mask_count; i++) {
		const struct plan_mask *mask = &confinement->masks[i];

		for (j = 0; j < count; j++)
			if (confinement->masks[j].kind == mask->kind &&
			    strcmp(confinement->masks[j].path, mask->path) == 0)
				break;
		if (j == count)
			confinement->masks[count++] = *mask;
	}
	confinement->mask_count = count;
}

int policy_narrow(struct confinement *ret, struct arena *arena, const struct policy *policy,
                  const struct confinement *stored, const struct host *host, struct error *err)
{
	const struct policy_flags none = {};
	struct confinement narrowed;

	if (policy_compile(&narrowed, arena, policy, &none, host, err) < 0 ||
	    narrow_calls(&narrowed, arena, &stored->filter, host, err) < 0)
		return -1;
	drop_repeated_masks(&narrowed);
	if (stored->attached != NULL)
		narrowed.attached = stored->attached;
	narrowed.mounts = stored->mounts;
	narrowed.mount_count = stored->mount_count;
	narrowed.left_out = strings_join(arena, stored->left_out, narrowed.left_out);
	*ret = narrowed;
	return 0;
}
