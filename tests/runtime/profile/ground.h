/* ground: folders of profiles made for a test, and launches asked of them. */
#ifndef CORDON_TESTS_PROFILE_GROUND_H
#define CORDON_TESTS_PROFILE_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/runtime/profile/fake_policy.h"

static char folder[] = "/tmp/cordon-profile-XXXXXX";
static int top = -1;
static struct paths paths;
static struct host host;
static char ceiling[64];

static inline const char *place(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static inline void put(const char *path, const char *text)
{
	struct error err;

	if (io_replace_file(top, path, text, strlen(text), IO_VOLATILE, &err) < 0)
		fail_msg("%s", err.text);
}

/* File times are taken from a clock of ticks: what was just written may change unseen. */
static inline void settle(void)
{
	usleep(30000);
}

static struct arena kept;

static int set_up(void **state)
{
	static const char *const folders[] = { "user", "admin", "own", "policy.d", "else" };

	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (mkdirat(top, folders[i], 0700) < 0)
			return -1;
	}
	paths = (struct paths){ .cache = place(&kept, "cache"),
		                .profiles = { place(&kept, "user"), place(&kept, "admin"),
		                              place(&kept, "own") } };
	snprintf(ceiling, sizeof ceiling, "%s/policy.d", folder);
	host = (struct host){ .release = "6.1.0", .kernel = 0x60001 };
	compiled = 0;
	put("own/default.json", "set 1\nimages *");
	put("own/nginx.json", "extends default\nset 2\nimages */nginx docker.io/library/nginx");
	put("own/deep.json", "extends nginx other\nset 4");
	put("own/other.json", "extends default\nset 8\nimages */nginx-*");
	return 0;
}

static int tear_down(void **state)
{
	struct error err;
	int result = io_remove_tree(AT_FDCWD, folder, &err);

	(void)state;
	close(top);
	arena_done(&kept);
	return result;
}

struct answer {
	int result;
	bool hit;
	uint64_t set, calls;
	struct error err;
};

static inline struct answer ask_this(struct profile_request request)
{
	_cleanup_arena struct arena arena = {};
	static const struct policy_flags none;
	struct confinement confinement = {};
	struct answer answer = {};

	request.paths = &paths;
	request.ceiling = ceiling;
	request.host = &host;
	if (request.flags == NULL)
		request.flags = &none;
	answer.result =
	        profile_confinement(&confinement, &answer.hit, &arena, &request, &answer.err);
	answer.set = confinement.capabilities.bounding;
	answer.calls = confinement.capabilities.permitted;
	return answer;
}

#endif
