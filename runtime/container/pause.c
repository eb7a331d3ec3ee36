/* pause: containers that stand still (freeze.h), and what may not be done to them then. */
#include "runtime/container/pause.h"

#include "runtime/container/control.h"
#include "runtime/container/freeze.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

enum { PATIENCE_MS = 10000 };

static int pause_one(const struct container *container, const char *name, struct error *err)
{
	const char *folder = state_cgroup(container->details);

	if (folder == NULL) {
		error_set(err, 0, "container %.200s cannot be paused: it has no cgroup", name);
		return error_hint(err, "start it anew with --cgroups enabled, or with any limit "
		                       "(--memory, --cpus, --pids-limit)");
	}
	if (container->paused)
		return error_set(err, 0, "container %.200s is already paused", name);
	if (freeze_set(folder, PATIENCE_MS, err) < 0)
		return error_prefix(err, "cannot pause container %.200s", name);
	return 0;
}

int container_pause(const struct paths *paths, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	int result;

	if (control_open_running(&container, &arena, paths, name, err) < 0)
		return -1;
	result = pause_one(&container, name, err);
	container_close(&container);
	return result;
}

int pause_for_a_while(const struct paths *paths, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	int result = 0;

	if (control_open(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING && !container.paused)
		result = pause_one(&container, name, err) < 0 ? -1 : 1;
	container_close(&container);
	return result;
}

int container_unpause(const struct paths *paths, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	int result = 0;

	if (control_open_running(&container, &arena, paths, name, err) < 0)
		return -1;
	if (!container.paused)
		result = error_set(err, 0, "container %.200s is not paused", name);
	else if (freeze_clear(state_cgroup(container.details), err) < 0)
		result = error_prefix(err, "cannot unpause container %.200s", name);
	container_close(&container);
	return result;
}
