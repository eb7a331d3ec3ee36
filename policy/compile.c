/*
 * compile: policy, flags and host to a confinement.
 *
 * Order: the flags are joined to a copy of the policy, the ceilings take their part of that, and
 * what is left is asked of the host. What a host cannot do is an error, or a sentence in `left_out`
 * where the profile marks it if_available; it is never done with less in silence.
 */
#include "policy/model.h"
#include "policy/proven.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <strings.h>

enum { LANDLOCK_ABI_TRUNCATE = 3, LANDLOCK_ABI_NETWORK = 4 };

struct compilation {
	struct confinement *confinement;
	struct arena *arena;
	const struct policy *policy; /* settled: no ceilings */
	const struct host *host;
	struct error *err;
};

/* ---- flags ---- */

static int flag_capabilities(uint64_t *set, bool *all, const struct plan_strings *names,
                             struct error *err)
{
	for (size_t i = 0; i < names->count; i++) {
		int number = capability_from_name(names->items[i]);

		if (strcasecmp(names->items[i], "ALL") == 0)
			*all = true;
		else if (number < 0)
			return error_set(err, 0, "there is no capability '%s'", names->items[i]);
		else
			*set |= UINT64_C(1) << number;
	}
	return 0;
}

/* As Docker: "drop ALL, add X" is X, "add ALL, drop X" is all but X, whatever else is said of ALL.
 */
static int apply_capabilities(struct policy *policy, const struct policy_flags *flags,
                              struct error *err)
{
	bool add_all = false, drop_all = false;
	uint64_t add = 0, drop = 0, kept = policy->capabilities;

	if (flag_capabilities(&add, &add_all, &flags->cap_add, err) < 0 ||
	    flag_capabilities(&drop, &drop_all, &flags->cap_drop, err) < 0)
		return -1;
	if (add_all)
		kept = UINT64_MAX;
	else if (drop_all)
		kept = 0;
	kept &= ~drop;
	policy->capabilities = kept | add;
	policy->user_capabilities &= policy->capabilities;
	return 0;
}

static void apply_limits(struct policy *policy, struct arena *arena,
                         const struct policy_flags *flags)
{
	struct plan_limit *limits =
	        arena_array(arena, policy->limit_count + flags->limit_count, sizeof *limits);
	size_t count = policy->limit_count;

	if (count > 0)
		memcpy(limits, policy->limits, count * sizeof *limits);
	for (size_t i = 0; i < flags->limit_count; i++) {
		size_t j = 0;

		while (j < count && limits[j].resource != flags->limits[i].resource)
			j++;
		limits[j] = flags->limits[i];
		if (j == count)
			count++;
	}
	policy->limits = limits;
	policy->limit_count = count;
}

static void apply_resources(struct policy *policy, const struct plan_resources *asked)
{
	struct plan_resources *resources = &policy->resources;

	if (asked->pids != 0)
		resources->pids = asked->pids;
	if (asked->memory != 0)
		resources->memory = asked->memory;
	if (asked->cpu_quota != 0)
		resources->cpu_quota = asked->cpu_quota;
	/* What a person asks for by a flag is not optional. */
	if (asked->pids != 0 || asked->memory != 0 || asked->cpu_quota != 0)
		policy->available &= ~(1u << FACILITY_CGROUP);
}

void policy_open_calls(struct policy *policy)
{
	policy->fallback = (struct decision){ DECISION_ALLOW, 0 };
	policy->unknown = policy->fallback;
	policy->rules = NULL;
	policy->rule_count = policy->idle_count = 0;
	policy->dialect = false;
	policy->arches = ARCHES_ANY;
	policy->user_namespaces = true;
}

static int apply_flags(struct policy *policy, struct arena *arena, const struct policy_flags *flags,
                       struct error *err)
{
	if (apply_capabilities(policy, flags, err) < 0)
		return -1;
	apply_limits(policy, arena, flags);
	apply_resources(policy, &flags->resources);
	if (flags->seccomp_unconfined)
		policy_open_calls(policy);
	if (flags->allow_new_privileges)
		policy->no_new_privileges = false;
	if (flags->apparmor != NULL) {
		policy->apparmor =
		        strcmp(flags->apparmor, "unconfined") == 0 ? NULL : flags->apparmor;
		policy->available &= ~(1u << FACILITY_APPARMOR);
	}
	if (flags->read_only)
		policy->root_read_only = true;
	if (flags->idmap_given) {
		policy->idmap = flags->idmap;
		policy->idmap_size = flags->idmap_size;
	}
	return 0;
}

/* ---- what the host can do ---- */

/* True where `facility` may be left out, which is noted; false with the error otherwise. */
static bool leave_out(const struct compilation *compilation, enum policy_facility facility,
                      const char *what)
{
	if ((compilation->policy->available & 1u << facility) != 0) {
		strings_append(compilation->arena, &compilation->confinement->left_out, what);
		return true;
	}
	error_set(compilation->err, 0, "%s: %s", compilation->policy->name, what);
	error_hint(compilation->err,
	           "put \"%s\" into \"if_available\" of the profile to go without it here",
	           facility_names[facility]);
	return false;
}

static int compile_landlock(const struct compilation *compilation)
{
	const struct policy *policy = compilation->policy;
	struct plan_landlock landlock = {
		.if_available = (policy->available & 1u << FACILITY_LANDLOCK) != 0,
		.restrict_write = policy_says(policy, SETTING_LANDLOCK_WRITE),
		.restrict_execute = policy_says(policy, SETTING_LANDLOCK_EXECUTE),
		.restrict_bind = policy_says(policy, SETTING_BIND),
		.restrict_connect = policy_says(policy, SETTING_CONNECT),
		.write = policy->write,
		.execute = policy->execute,
		.bind_ports = policy->bind.items,
		.bind_count = policy->bind.count,
		.connect_ports = policy->connect.items,
		.connect_count = policy->connect.count,
	};
	bool ports = landlock.restrict_bind || landlock.restrict_connect;
	int abi = compilation->host->landlock_abi;

	landlock.enabled =
	        policy->landlock || landlock.restrict_write || landlock.restrict_execute || ports;
	if (!landlock.enabled)
		return 0;
	if (abi <= 0) {
		if (!leave_out(compilation, FACILITY_LANDLOCK, "this kernel has no Landlock"))
			return -1;
		return 0;
	}
	if (landlock.restrict_write && abi < LANDLOCK_ABI_TRUNCATE &&
	    !leave_out(compilation, FACILITY_LANDLOCK,
	               "this kernel's Landlock does not control truncate (ABI 3, Linux 6.2)"))
		return -1;
	if (ports && abi < LANDLOCK_ABI_NETWORK) {
		if (!leave_out(compilation, FACILITY_LANDLOCK,
		               "this kernel's Landlock does not control ports (ABI 4, Linux 6.7)"))
			return -1;
		landlock.restrict_bind = landlock.restrict_connect = false;
	}
	compilation->confinement->landlock = landlock;
	return 0;
}

static int compile_apparmor(const struct compilation *compilation)
{
	const struct policy *policy = compilation->policy;

	if (policy->apparmor == NULL)
		return 0;
	if (!compilation->host->apparmor)
		return leave_out(compilation, FACILITY_APPARMOR, "this kernel has no AppArmor")
		               ? 0
		               : -1;
	compilation->confinement->apparmor = policy->apparmor;
	compilation->confinement->apparmor_if_available =
	        (policy->available & 1u << FACILITY_APPARMOR) != 0;
	return 0;
}

static void compile_sets(const struct compilation *compilation)
{
	struct confinement *confinement = compilation->confinement;
	const struct policy *policy = compilation->policy;
	struct plan_limit *limits =
	        arena_array(compilation->arena, policy->limit_count, sizeof *limits);
	uint64_t known = UINT64_MAX >> (63 - (compilation->host->capability_last & 63));
	uint64_t kept = policy->capabilities & known;

	/* Inheritable stays empty: a file of the image must not gain by it (CVE-2022-24769). */
	confinement->capabilities = (struct plan_capabilities){ .bounding = kept,
		                                                .permitted = kept,
		                                                .effective = kept };
	confinement->user_capabilities = policy->user_capabilities & kept;
	confinement->no_new_privileges = policy->no_new_privileges;
	confinement->root_read_only = policy->root_read_only;
	confinement->new_user_namespaces = policy->user_namespaces;
	confinement->masks = arena_copy(compilation->arena, policy->masks,
	                                policy->mask_count * sizeof *policy->masks);
	confinement->mask_count = policy->mask_count;
	confinement->mounts = arena_copy(compilation->arena, policy->mounts,
	                                 policy->mount_count * sizeof *policy->mounts);
	confinement->mount_count = policy->mount_count;
	for (size_t i = 0; i < policy->limit_count; i++) {
		limits[i] = policy->limits[i];
		limits[i].if_available =
		        limits[i].if_available || (policy->available & 1u << FACILITY_LIMITS) != 0;
	}
	confinement->limits = limits;
	confinement->limit_count = policy->limit_count;
	confinement->resources = policy->resources;
	confinement->resources.if_available = (policy->available & 1u << FACILITY_CGROUP) != 0;
	confinement->idmap = policy->idmap;
	confinement->idmap_size = policy->idmap_size;
}

/* ---- the filter ---- */

static bool can_be_allowed(const struct filter_arch *arch, uint32_t number)
{
	const struct filter_call *call = NULL;

	for (size_t i = 0; i < arch->call_count && call == NULL; i++)
		if (arch->calls[i].number == number)
			call = &arch->calls[i];
	if (call == NULL)
		return arch->listed.kind <= DECISION_LOG;
	for (size_t i = 0; i < call->rule_count; i++)
		if (call->rules[i].decision.kind <= DECISION_LOG)
			return true;
	return call->otherwise.kind <= DECISION_LOG;
}

/* A filter without these cannot start anything or say why. */
static int check_essential(const struct filter_table *table, enum arch arch,
                           const struct policy *policy, struct error *err)
{
	static const struct {
		const char *name, *reason;
		bool in_dialect;
	} essential[] = {
		{ "execve", "no command could be started", true },
		{ "execveat", "no command could be started by descriptor", false },
		{ "write", "a failed start could not be reported", true },
		{ "exit_group", "no process could end", true },
		{ "exit", "no thread could end", false },
		{ "rt_sigreturn", "no process could return from a signal handler", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(essential); i++) {
		int call = syscall_find(essential[i].name);
		int number = call == SYSCALL_UNKNOWN ? -1 : syscall_number(arch, call);

		if ((policy->dialect && !essential[i].in_dialect) ||
		    (number >= 0 && can_be_allowed(&table->archs[0], (uint32_t)number)))
			continue;
		error_set(err, 0, "%s: the system call %s is never allowed: %s", policy->name,
		          essential[i].name, essential[i].reason);
		return error_hint(err, "add \"%s\" to \"allow\" under \"syscalls\"",
		                  essential[i].name);
	}
	return 0;
}

static bool ceiling_has_calls(const struct policy *policy)
{
	for (policy = policy->ceiling; policy != NULL; policy = policy->ceiling)
		if (policy_says(policy, SETTING_CALLS))
			return true;
	return false;
}

/* `policy` still has its ceilings: they take part in the table. */
static int compile_filter(const struct compilation *compilation, const struct policy *policy)
{
	const struct host *host = compilation->host;
	struct filter_table table;
	enum arch arch;

	if (policy->arches == ARCHES_ANY && !ceiling_has_calls(policy) &&
	    compilation->policy->user_namespaces)
		return 0;
	if (!host->seccomp_filter)
		return error_set(compilation->err, 0, "this kernel has no seccomp filters");
	if (!arch_from_audit(&arch, host->audit_arch))
		return error_set(compilation->err, 0,
		                 "there are no tables for this machine's architecture (%#x)",
		                 host->audit_arch);
	if (policy_filter_table(&table, compilation->arena, policy, arch, host->kernel,
	                        compilation->confinement->capabilities.bounding,
	                        compilation->err) < 0 ||
	    check_essential(&table, arch, policy, compilation->err) < 0)
		return -1;
	return filter_proven(&compilation->confinement->filter, compilation->arena, &table,
	                     compilation->err);
}

static const char *attached_name(const struct policy *policy)
{
	return policy->ceiling != NULL && policy->ceiling->attached ? policy->ceiling->name : NULL;
}

int policy_compile(struct confinement *ret, struct arena *arena, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
{
	struct confinement confinement = { .profile = policy->name,
		                           .attached = attached_name(policy) };
	struct policy flagged = *policy, settled;
	struct compilation compilation = { &confinement, arena, &settled, host, err };

	if (apply_flags(&flagged, arena, flags, err) < 0)
		return -1;
	policy_settle_sets(&settled, &confinement.left_out, arena, &flagged);
	compile_sets(&compilation);
	if (compile_landlock(&compilation) < 0 || compile_apparmor(&compilation) < 0 ||
	    compile_filter(&compilation, &flagged) < 0)
		return -1;
	*ret = confinement;
	return 0;
}

int policy_flagged_table(struct filter_table *ret, struct arena *arena, const struct policy *policy,
                         const struct policy_flags *flags, const struct host *host,
                         const struct confinement *confinement, struct error *err)
{
	struct policy flagged = *policy;
	enum arch arch;

	if (!arch_from_audit(&arch, host->audit_arch))
		return error_set(err, 0,
		                 "there are no tables for this machine's architecture (%#x)",
		                 host->audit_arch);
	if (apply_flags(&flagged, arena, flags, err) < 0)
		return -1;
	return policy_filter_table(ret, arena, &flagged, arch, host->kernel,
	                           confinement->capabilities.bounding, err);
}
