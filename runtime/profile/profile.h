/*
 * profile: picks, reads and compiles the profile of a launch; the only policy I/O, and the plan
 * cache.
 *
 * The cache ($XDG_CACHE_HOME/cordon/plans/) is by content: an entry holds the very inputs it was
 * made from (texts of the profile and all it extends, flags, the host's facts, cordon's build id)
 * and is used only if they are equal byte for byte, so no hash has to be trusted; a file that is
 * the same inode with the same times has not changed. A damaged entry is noticed by its hash and
 * rebuilt.
 */
#ifndef CORDON_PROFILE_PROFILE_H
#define CORDON_PROFILE_PROFILE_H

#include "policy/policy.h"
#include "runtime/store/paths.h"

/* What is launched, and what was said about its policy. */
struct profile_request {
	const struct paths *paths;
	const struct host *host;  /* to compile for; profile_load asks nothing of it */
	const char *ceiling;      /* folder of the administrator's; NULL: /etc/cordon/policy.d */
	const char *given;        /* --profile NAME|FILE; NULL: by the image */
	const char *reference;    /* of the image; NULL for none (--rootfs) */
	const char *seccomp_file; /* Docker's seccomp JSON in place of the profile's rules; NULL */
	const char *attaching;    /* --security-opt image-profile=WORD: in place of the profile's
	                             word; NULL */
	const char *attached;     /* file of the profile the image brought along; NULL */
	const struct policy_flags *flags; /* to compile with */
};

/* Finds the profile: the one that is given, else the one whose `images` pattern matches the
 * reference best (longest pattern), else "default". Reads it and what it extends, merges, meets the
 * ceiling, and the image's own profile as the result's "image_profile" wants. */
int profile_load(struct policy **ret, struct arena *arena, const struct profile_request *request,
                 struct error *err) __attribute__((warn_unused_result));

/* The file that profile_load would begin with. */
int profile_path(const char **ret, struct arena *arena, const struct profile_request *request,
                 struct error *err) __attribute__((warn_unused_result));

/* profile_load (-1, too, where it requires a profile of the image and there is none) +
 * policy_compile, through the cache. With an image's profile the result is proven to
 * give nothing that it would not give without (policy/attached.h). hit: whether the cache answered.
 */
int profile_confinement(struct confinement *ret, bool *hit, struct arena *arena,
                        const struct profile_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Whether there is a ceiling that profile_narrow would meet with. */
int profile_has_ceiling(bool *ret, const struct profile_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* What profile_confinement made when a container was made, under the ceiling of now
 * (policy/narrow.h), for the host of now, through the cache. Of the request count paths, host,
 * ceiling, reference, and `attached`: that the image has one by now counts where the ceiling wants
 * it. What is taken is said behind what was in `left_out`. Not wider than it was, nor than the
 * ceiling; -1 where one cannot be had without the other. */
int profile_narrow(struct confinement *confinement, struct arena *arena,
                   const struct profile_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
