/* profile: the two functions the rest of runtime calls; load.c reads, cache.c remembers. */
#include "runtime/profile/profile.h"

#include "runtime/profile/cache.h"
#include "runtime/profile/compile.h"
#include "runtime/profile/key.h"

int profile_load(struct policy **ret, struct arena *arena, const struct paths *paths,
                 const char *given, const char *reference, struct error *err)
{
	const struct load_request request = {
		.paths = paths,
		.ceiling = LOAD_CEILING,
		.given = given,
		.reference = reference,
	};
	_cleanup_trace struct trace trace = {};

	return load_policy(ret, arena, &request, &trace, err);
}

int profile_compile(struct confinement *ret, bool *hit, struct arena *arena,
                    const struct compile_request *request, struct error *err)
{
	const struct paths *paths = request->load.paths;
	_cleanup_trace struct trace trace = {};
	_cleanup_text struct text key = {};
	bool cachable = key_append(&key, request);
	struct policy *policy;

	*hit = cachable && cache_find(ret, arena, paths, &key);
	if (*hit)
		return 0;
	if (load_policy(&policy, arena, &request->load, &trace, err) < 0 ||
	    policy_compile(ret, arena, policy, request->flags, request->host, err) < 0)
		return -1;
	if (cachable)
		cache_keep(paths, &key, &trace, ret);
	return 0;
}

int profile_confinement(struct confinement *ret, bool *hit, struct arena *arena,
                        const struct paths *paths, const struct host *host, const char *given,
                        const char *seccomp_file, const char *reference,
                        const struct policy_flags *flags, struct error *err)
{
	const struct compile_request request = {
		.load = { .paths = paths,
		          .ceiling = LOAD_CEILING,
		          .given = given,
		          .reference = reference,
		          .seccomp_file = seccomp_file },
		.flags = flags,
		.host = host,
	};

	return profile_compile(ret, hit, arena, &request, err);
}
