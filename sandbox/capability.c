/*
 * capability: the five sets, made exact.
 *
 * libcap-ng is the door to capset(2) (this is the only file that includes it); the bounding and the
 * ambient set go through prctl(2) directly, because capng_apply() for those two asks the kernel
 * about every capability again, and this code runs on every launch.
 *
 * What the sets become at execve (capabilities(7), "Transformation of capabilities during execve"):
 *
 *	root inside:	P' = I | B, E' = P'. So the bounding set is what root really gets, which is
 *			why it is dropped, and why I stays empty (CVE-2022-24769: a non-empty
 *			inheritable set lets a file's own inheritable set raise capabilities).
 *	a user inside:	P' = A, E' = A. A needs P and I, so for a user I is as large as A, no
 *larger.
 *
 * Neither formula reads the permitted or the effective set of before. So a capability that the last
 * steps need (Landlock and seccomp ask for CAP_SYS_ADMIN where no_new_privs is off) can be kept in
 * those two until execve: where it is in neither B nor A, execve takes it away.
 *
 * The kernel resets the securebits to their default (all off) in a new user namespace; that they
 * are so is checked, not assumed: with SECBIT_NOROOT or SECBIT_NO_SETUID_FIXUP the lines above
 * would not hold. They are not locked, because daemons that drop root with PR_SET_KEEPCAPS
 * (chrony, named, setpriv) would break, and the bounding set bounds them anyway.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <cap-ng.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

enum { CAPABILITY_BITS = 64 };

int capability_drop_bounding(const struct plan_capabilities *capabilities, uint64_t last,
                             struct error *err)
{
	for (unsigned number = 0; number <= last && number < CAPABILITY_BITS; number++) {
		if (capabilities->bounding >> number & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0)
			continue;
		/* `last` may be a guess of an older kernel's: a number it does not know is absent
		 * from every set. */
		if (errno == EINVAL && prctl(PR_CAPBSET_READ, number, 0, 0, 0) < 0)
			continue;
		return error_set(err, errno, "cannot drop capability %u from the bounding set",
		                 number);
	}
	return 0;
}

static int set_three(uint64_t permitted, uint64_t effective, uint64_t inheritable,
                     struct error *err)
{
	const struct {
		capng_type_t type;
		uint64_t set;
	} sets[] = {
		{ CAPNG_PERMITTED, permitted },
		{ CAPNG_EFFECTIVE, effective },
		{ CAPNG_INHERITABLE, inheritable },
	};

	/* The library remembers the thread it was first used in; 0 means "the caller", which is
	 * right in a cloned child too. */
	capng_setpid(0);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		for (unsigned number = 0; number < CAPABILITY_BITS; number++) {
			if ((sets[i].set >> number & 1) == 0)
				continue;
			if (capng_update(CAPNG_ADD, sets[i].type, number) < 0)
				return error_set(err, 0, "this kernel has no capability %u",
				                 number);
		}
	}
	errno = 0;
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return error_set(err, errno, "cannot set the capabilities");
	return 0;
}

static int set_ambient(uint64_t ambient, struct error *err)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot clear the ambient capabilities");
	for (unsigned number = 0; number < CAPABILITY_BITS; number++) {
		if ((ambient >> number & 1) == 0)
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
			return error_set(err, errno, "cannot raise the ambient capability %u",
			                 number);
	}
	return 0;
}

static int check_securebits(struct error *err)
{
	int bits;

	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot clear PR_SET_KEEPCAPS");
	bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	if (bits < 0)
		return error_set(err, errno, "cannot read the securebits");
	if (bits & ~(int)SECURE_ALL_LOCKS)
		return error_set(err, 0, "the securebits are 0x%x and should be off", bits);
	return 0;
}

int capability_set(const struct plan_capabilities *capabilities, uint64_t user_capabilities,
                   uint32_t uid, uint64_t until_exec, struct error *err)
{
	struct plan_capabilities sets = *capabilities;

	if (uid != 0) {
		uint64_t user = user_capabilities & capabilities->bounding;

		sets.permitted = sets.effective = sets.inheritable = sets.ambient = user;
	}
	if (set_three(sets.permitted | until_exec, sets.effective | until_exec, sets.inheritable,
	              err) < 0)
		return -1;
	if (set_ambient(sets.ambient, err) < 0)
		return -1;
	return check_securebits(err);
}
