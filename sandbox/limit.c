/*
 * limit: setrlimit(2) for the process that becomes the container.
 *
 * A hard limit can be lowered by anyone and raised only with CAP_SYS_RESOURCE in the *first* user
 * namespace, which a rootless engine never has. So a plan that wants more than the user has fails
 * with EPERM, or, where the profile says if_available, keeps what the user has (which is less than
 * was asked for, so the wall is no lower) and says so.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/limit.h"
#include "sandbox/walls.h"

#include <stdio.h>
#include <string.h>

const char *const limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
	[RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
	[RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
	[RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
	[RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
	[RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
};
_Static_assert(RLIM_NLIMITS == RLIMIT_RTTIME + 1, "a name for every limit");

enum { AMOUNT_SIZE = 24 };

static const char *amount(char ret[AMOUNT_SIZE], uint64_t value)
{
	if (value == RLIM_INFINITY)
		return "unlimited";
	snprintf(ret, AMOUNT_SIZE, "%llu", (unsigned long long)value);
	return ret;
}

static void add_note(char *notes, size_t size, const char *name, uint64_t asked, uint64_t kept)
{
	size_t used = strlen(notes);
	char wanted[AMOUNT_SIZE], had[AMOUNT_SIZE];

	snprintf(notes + used, size - used, "limit %s: %s asked for, %s is all this user has\n",
	         name, amount(wanted, asked), amount(had, kept));
}

/* Lowers what may not be had. rlim_t's infinity is its largest value, so min is right for it. */
static int clamp_limit(const struct plan_limit *limit, const char *name, char *notes, size_t size,
                       struct error *err)
{
	struct rlimit have, want = { .rlim_cur = limit->soft };

	if (getrlimit(limit->resource, &have) < 0)
		return error_set(err, errno, "cannot read the limit %s", name);
	want.rlim_max = have.rlim_max;
	if (want.rlim_cur > want.rlim_max)
		want.rlim_cur = want.rlim_max;
	if (setrlimit(limit->resource, &want) < 0)
		return error_set(err, errno, "cannot set the limit %s", name);
	add_note(notes, size, name, limit->hard, have.rlim_max);
	return 0;
}

int limit_apply(const struct plan_limit *limits, size_t count, char *notes, size_t notes_size,
                struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct plan_limit *limit = &limits[i];
		struct rlimit value = { .rlim_cur = limit->soft, .rlim_max = limit->hard };
		char soft[AMOUNT_SIZE], hard[AMOUNT_SIZE];
		const char *name;

		if (limit->resource >= ARRAY_SIZE(limit_names))
			return error_set(err, 0, "the plan has an unknown limit %u",
			                 limit->resource);
		name = limit_names[limit->resource];
		if (setrlimit(limit->resource, &value) == 0)
			continue;
		if (errno == EPERM && limit->if_available) {
			if (clamp_limit(limit, name, notes, notes_size, err) < 0)
				return -1;
			continue;
		}
		error_set(err, errno, "cannot set the limit %s to %s:%s", name,
		          amount(soft, limit->soft), amount(hard, limit->hard));
		if (err->number == EPERM)
			error_hint(err, "ask for less, raise the user's hard limit "
			                "(/etc/security/limits.conf), or mark it if_available");
		return -1;
	}
	return 0;
}
