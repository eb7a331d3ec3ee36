/* shipped: profiles from files, with those they extend from profiles/. */
#ifndef CORDON_TESTS_SHIPPED_H
#define CORDON_TESTS_SHIPPED_H

#include "tests/policy/compiled.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <unistd.h>

/* `only_native`: a Docker file without the architectures that its archMap opens. */
static inline const char *shipped_text(struct arena *arena, const char *path, bool only_native)
{
	_cleanup_text struct text text = {};
	struct error err = {};
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *copy, *map;

	if (fd < 0)
		return NULL;
	if (io_read_all(&text, fd, 1 << 20, &err) < 0)
		fail_msg("%s", err.text);
	copy = arena_strdup(arena, text_string(&text));
	map = only_native ? strstr(copy, "\"archMap\"") : NULL;
	/* an unknown key, which the dialect passes over as Docker does */
	if (map != NULL)
		memcpy(map, "\"archXyz\"", 9);
	return copy;
}

/* NULL where there is no such file. With the shipped profiles it extends. */
static inline struct policy *shipped_parse(struct arena *arena, const char *path, bool only_native)
{
	const char *text = shipped_text(arena, path, only_native);
	struct policy_source source = { path, text, text == NULL ? 0 : strlen(text) };
	struct policy *policy = NULL, *parents[8];
	const struct plan_strings *names;
	struct error err = {};

	if (text == NULL)
		return NULL;
	if (policy_parse(&policy, arena, &source, &err) < 0)
		fail_msg("%s", err.text);
	names = policy_extends(policy);
	assert_true(names->count <= ARRAY_SIZE(parents));
	for (size_t i = 0; i < names->count; i++)
		parents[i] = shipped_parse(arena,
		                           arena_printf(arena, CORDON_PROFILES "/%s.json",
		                                        names->items[i]),
		                           false);
	if (names->count > 0 &&
	    policy_merge(&policy, arena, policy, (const struct policy *const *)parents,
	                 names->count, &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

#endif
