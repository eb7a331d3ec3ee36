#include "runtime/image/layer/confine.h"

#include "layer-filter.h"
#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { DESCRIPTORS = 640 }; /* removing a tree of LIMIT_DEPTH folders holds one a level */

/* Only what meets trees has anything to do with owners, and only in its own user namespace. */
#define PLACE_CAPABILITIES                                                                         \
	(1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER | 1 << CAP_FSETID |              \
	 UINT64_C(1) << CAP_SETFCAP)
#define UNPACK_CAPABILITIES (PLACE_CAPABILITIES | 1 << CAP_MKNOD)

/* A user may be held to less already. */
static uint64_t file_size(uint64_t wanted)
{
	struct rlimit now;

	return getrlimit(RLIMIT_FSIZE, &now) == 0 && now.rlim_max < wanted ? now.rlim_max : wanted;
}

/* The kernel frees what is mapped; what a hostile stream could make this program ask for ends here.
 * LAYER_MEMORY is 0 (no limit) in sanitizer builds, whose shadow memory counts. */
static int limit(const struct layer_request *request, struct error *err)
{
	/* what a person copies is as large as it is */
	bool any = request->mode == LAYER_PLACE;
	uint64_t size = file_size(any ? RLIM_INFINITY : LIMIT_TREE);
	const struct plan_limit limits[] = {
		{ RLIMIT_CORE, false, 0, 0 },
		{ RLIMIT_NOFILE, true, DESCRIPTORS, DESCRIPTORS },
		{ RLIMIT_FSIZE, any, size, size },
		{ RLIMIT_DATA, false, LAYER_MEMORY, LAYER_MEMORY },
	};
	size_t count = ARRAY_SIZE(limits) - (LAYER_MEMORY == 0);
	char notes[256] = "";

	return limit_apply(limits, count, notes, sizeof notes, err);
}

static int drop_capabilities(const struct layer_request *request, struct error *err)
{
	static const uint64_t kept[LAYER_MODES] = {
		[LAYER_UNPACK] = UNPACK_CAPABILITIES,
		[LAYER_PACK] = 1 << CAP_DAC_READ_SEARCH,
		[LAYER_CHANGES] = 1 << CAP_DAC_READ_SEARCH,
		[LAYER_FETCH] = 1 << CAP_DAC_READ_SEARCH,
		[LAYER_PLACE] = PLACE_CAPABILITIES,
	};
	uint64_t set = kept[request->mode];
	const struct plan_capabilities sets = { .bounding = set,
		                                .permitted = set,
		                                .effective = set };

	if (capability_drop_bounding(&sets, request->capability_last, err) < 0)
		return -1;
	return capability_set(&sets, 0, 0, 0, err);
}

/* Landlock decides who opens, makes and removes; it has no say in chown(2), utimes(2), stat(2) and
 * readlink(2) by a path. There are no paths but those beneath the folder. */
static int leave_files(struct error *err)
{
	if (fchdir(LAYER_FD_FOLDER) < 0 || chroot(".") < 0)
		return error_set(err, errno, "cannot make its folder its root");
	return 0;
}

static int restrict_files(const struct layer_request *request, struct error *err)
{
	/* Beneath the folder everything, but to execute what a layer brought. */
	const struct plan_landlock landlock = { .enabled = true,
		                                .if_available = true,
		                                .restrict_write = request->mode == LAYER_FETCH,
		                                .restrict_execute = true };
	const struct host host = { .landlock_abi = request->landlock_abi };
	char notes[256] = "";

	return landlock_apply(&landlock, LAYER_FD_FOLDER, &host, notes, sizeof notes, err);
}

static int filter_calls(struct error *err)
{
	const struct plan_filter filter = { layer_filter, ARRAY_SIZE(layer_filter), 0 };

	return LAYER_FILTERED ? seccomp_apply(&filter, err) : 0;
}

int confine(const struct layer_request *request, struct error *err)
{
	umask(0);
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		return error_set(err, errno, "cannot leave the network");
	if (leave_files(err) < 0 || limit(request, err) < 0 ||
	    drop_capabilities(request, err) < 0 || no_new_privileges_set(err) < 0 ||
	    restrict_files(request, err) < 0)
		return -1;
	return filter_calls(err);
}
