/* profile: the two functions the rest of runtime calls; load.c reads, cache.c remembers. */
#include "runtime/profile/profile.h"

#include "policy/attached.h"
#include "runtime/profile/cache.h"
#include "runtime/profile/key.h"
#include "runtime/profile/load.h"

int profile_load(struct policy **ret, struct arena *arena, const struct profile_request *request,
                 struct error *err)
{
	_cleanup_trace struct trace trace = {};

	return load_policy(ret, arena, request, &trace, err);
}

int profile_path(const char **ret, struct arena *arena, const struct profile_request *request,
                 struct error *err)
{
	_cleanup_trace struct trace trace = {};

	return load_path(ret, arena, request, &trace, err);
}

/* Only for a launch: a policy that requires one can be looked at without. */
static int check_required(const struct policy *policy, const struct profile_request *request,
                          struct error *err)
{
	if (request->attached != NULL || policy_attaching(policy) != ATTACHING_REQUIRE)
		return 0;
	error_set(err, 0, "%s brought no profile along, and '%s' requires one",
	          request->reference == NULL ? "a root file system" : request->reference,
	          policy_name(policy));
	return error_hint(err, "cordon pull fetches the one that its registry has by now; "
	                       "--security-opt image-profile=accept goes without, where the "
	                       "administrator lets it");
}

static int compile(struct confinement *ret, struct arena *arena, const struct policy *policy,
                   const struct profile_request *request, struct error *err)
{
	if (policy_compile(ret, arena, policy, request->flags, request->host, err) < 0)
		return -1;
	return attached_prove(ret, policy, request->flags, request->host, err);
}

int profile_confinement(struct confinement *ret, bool *hit, struct arena *arena,
                        const struct profile_request *request, struct error *err)
{
	_cleanup_trace struct trace trace = {};
	_cleanup_text struct text key = {};
	bool cachable = key_append(&key, request);
	struct policy *policy;

	*hit = cachable && cache_find(ret, arena, request->paths, &key);
	if (*hit)
		return 0;
	if (load_policy(&policy, arena, request, &trace, err) < 0 ||
	    check_required(policy, request, err) < 0 ||
	    compile(ret, arena, policy, request, err) < 0)
		return -1;
	if (cachable)
		cache_keep(request->paths, &key, &trace, ret);
	return 0;
}
