/* narrow: a container's confinement under the ceiling of today. */
#include "policy/narrow.h"

#include "runtime/profile/cache.h"
#include "runtime/profile/key.h"
#include "runtime/profile/load.h"
#include "runtime/profile/profile.h"

int profile_has_ceiling(bool *ret, const struct profile_request *request, struct error *err)
{
	return load_has_ceiling(ret, request, err);
}

static int check_required(const struct policy *policy, const struct confinement *stored,
                          const struct profile_request *request, struct error *err)
{
	if (stored->attached != NULL || request->attached != NULL ||
	    policy_attaching(policy) != ATTACHING_REQUIRE)
		return 0;
	error_set(
	        err, 0,
	        "the administrator's ceiling requires a profile that comes with the image, and %s "
	        "has none",
	        request->reference == NULL ? "a root file system" : request->reference);
	return error_hint(err, "cordon pull fetches the one that its registry has by now");
}

static int meet(struct confinement *ret, struct arena *arena, const struct confinement *stored,
                const struct profile_request *request, struct trace *trace, struct error *err)
{
	struct policy *policy = policy_of_confinement(arena, stored);

	if (load_ceilings(&policy, arena, request, trace, err) < 0 ||
	    check_required(policy, stored, request, err) < 0)
		return -1;
	return policy_narrow(ret, arena, policy, stored, request->host, err);
}

int profile_narrow(struct confinement *confinement, struct arena *arena,
                   const struct profile_request *request, struct error *err)
{
	static const struct policy_flags none;
	_cleanup_trace struct trace trace = {};
	_cleanup_text struct text key = {};
	struct profile_request asked = *request;
	struct confinement narrowed;
	bool cachable;

	asked.flags = &none;
	if (confinement->attached != NULL)
		asked.attached = NULL; /* it was met with one */
	cachable = key_append(&key, &asked);
	confinement_encode(&key, confinement);
	if (!cachable || !cache_find(&narrowed, arena, request->paths, &key)) {
		if (meet(&narrowed, arena, confinement, &asked, &trace, err) < 0)
			return -1;
		if (cachable)
			cache_keep(request->paths, &key, &trace, &narrowed);
	}
	*confinement = narrowed;
	return 0;
}
