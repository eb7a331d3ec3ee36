/*
 * descriptor: nothing but the standard streams reaches the container (CVE-2016-9962,
 * CVE-2024-21626: a leaked folder is a way out). Everything in this tree is close-on-exec at birth;
 * this is the second lock, for descriptors cordon itself was started with.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <limits.h>
#include <sys/syscall.h>

enum { FIRST_FOREIGN = 3 };

static int close_between(unsigned first, unsigned last, struct error *err)
{
	if (first > last)
		return 0;
	if (syscall(SYS_close_range, first, last, 0) < 0)
		return error_set(err, errno, "cannot close the descriptors %u to %u", first, last);
	return 0;
}

int descriptor_close_others(int keep, struct error *err)
{
	if (keep < FIRST_FOREIGN)
		return close_between(FIRST_FOREIGN, UINT_MAX, err);
	if (close_between(FIRST_FOREIGN, (unsigned)keep - 1, err) < 0)
		return -1;
	return close_between((unsigned)keep + 1, UINT_MAX, err);
}
