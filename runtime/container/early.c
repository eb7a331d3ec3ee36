#include "runtime/container/early.h"

/* It has to be a child of the container's monitor, which is this process only in the foreground.
 * Without Landlock cordon may have to go on as a copy of itself (seal.h), and a pull may take
 * minutes: neither is anything to have a process wait for. */
static bool is_worth_it(const struct host *host, const struct run_request *request)
{
	return !request->terminal && !request->detach && host->landlock_abi > 0 &&
	       request->pull != PULL_ALWAYS && request->pull != PULL_NEWER;
}

void early_begin(struct early *ret, struct arena *arena, const struct host *host,
                 const struct run_request *request, int trace)
{
	struct error ignored;

	*ret = EARLY_NONE;
	if (!is_worth_it(host, request) ||
	    launch_guess(&ret->namespaces, arena, host, request) == 0)
		return;
	if (sandbox_begin(&ret->sandbox, &ret->namespaces, host, trace, &ignored) < 0)
		ret->sandbox = SANDBOX_NONE; /* it fails again, and says why, when it is due */
}

int early_take(struct sandbox *ret, struct early *early, const struct plan *plan)
{
	const struct namespaces wanted = namespaces_of(plan);

	if (early->sandbox.pidfd < 0 || !namespaces_equal(&wanted, &early->namespaces))
		return 0;
	*ret = early->sandbox;
	early->sandbox = SANDBOX_NONE;
	return 1;
}

void early_done(struct early *early)
{
	sandbox_discard(&early->sandbox);
}
