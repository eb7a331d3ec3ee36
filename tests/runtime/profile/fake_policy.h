/*
 * fake_policy: the functions of policy.h that the loader calls, over a language of lines, so that
 * searching, extending and caching are tested without the compiler:
 *
 *	extends WORD...		images PATTERN...	set BITS (hex)		calls BITS
 *	attaching WORD		wider (a profile that cannot be proven)		barred
 *
 * A join is |, a meet is &. The confinement's bounding set is the result.
 */
#ifndef CORDON_TESTS_PROFILE_FAKE_POLICY_H
#define CORDON_TESTS_PROFILE_FAKE_POLICY_H

#include "policy/attached.h"
#include "policy/narrow.h"
#include "policy/policy.h"
#include "runtime/store/paths.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct policy {
	struct plan_strings extends, images;
	uint64_t set, calls;
	enum policy_attaching attaching;
	bool wider, barred, attached;
};

static unsigned compiled; /* how often policy_compile ran */

static void fake_words(struct plan_strings *ret, struct arena *arena, char *words)
{
	ret->items = arena_array(arena, 16, sizeof *ret->items);
	for (char *word; (word = strsep(&words, " ")) != NULL && ret->count < 15;)
		ret->items[ret->count++] = word;
}

bool policy_attaching_from_name(enum policy_attaching *ret, const char *name)
{
	static const char *const names[] = { "ignore", "accept", "require" };

	for (unsigned i = 0; i < ATTACHING_COUNT; i++)
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

enum policy_attaching policy_attaching(const struct policy *policy)
{
	return policy->attaching;
}

void policy_set_attaching(struct policy *policy, enum policy_attaching attaching)
{
	policy->attaching = attaching;
}

const char *policy_name(const struct policy *policy)
{
	(void)policy;
	return "fake";
}

int attached_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                  const struct policy *profile, struct error *err)
{
	if (profile->barred)
		return error_set(err, 0, "it may not say that");
	*ret = arena_copy(arena, policy, sizeof *policy);
	(*ret)->set &= profile->set;
	(*ret)->wider = profile->wider;
	(*ret)->attached = true;
	return 0;
}

int attached_prove(const struct confinement *confinement, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
{
	(void)confinement, (void)flags, (void)host;
	return policy->wider ? error_set(err, 0, "it would give more than it takes") : 0;
}

int policy_parse(struct policy **ret, struct arena *arena, const struct policy_source *source,
                 struct error *err)
{
	char *text = arena_strdup(arena, source->text), *line;

	*ret = arena_alloc(arena, sizeof **ret);
	while ((line = strsep(&text, "\n")) != NULL) {
		if (text_starts(line, "extends "))
			fake_words(&(*ret)->extends, arena, line + 8);
		else if (text_starts(line, "images "))
			fake_words(&(*ret)->images, arena, line + 7);
		else if (text_starts(line, "set "))
			(*ret)->set = strtoull(line + 4, NULL, 16);
		else if (text_starts(line, "calls "))
			(*ret)->calls = strtoull(line + 6, NULL, 16);
		else if (strcmp(line, "wider") == 0)
			(*ret)->wider = true;
		else if (strcmp(line, "barred") == 0)
			(*ret)->barred = true;
		else if (text_starts(line, "attaching ") &&
		         policy_attaching_from_name(&(*ret)->attaching, line + 10))
			continue;
		else if (line[0] != '\0')
			return error_set(err, 0, "%s:1:1: no such key", source->file);
	}
	return 0;
}

int policy_blame_parent(const struct policy *policy, const char *parent, struct error *err)
{
	(void)policy;
	(void)parent;
	(void)err;
	return -1;
}

const struct plan_strings *policy_extends(const struct policy *policy)
{
	return &policy->extends;
}

const struct plan_strings *policy_images(const struct policy *policy)
{
	return &policy->images;
}

int policy_merge(struct policy **ret, struct arena *arena, const struct policy *policy,
                 const struct policy *const *parents, size_t parent_count, struct error *err)
{
	(void)err;
	*ret = arena_copy(arena, policy, sizeof *policy);
	for (size_t i = 0; i < parent_count; i++) {
		(*ret)->set |= parents[i]->set;
		if ((*ret)->attaching == ATTACHING_IGNORE)
			(*ret)->attaching = parents[i]->attaching;
	}
	return 0;
}

int policy_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                const struct policy *ceiling, struct error *err)
{
	(void)err;
	*ret = arena_copy(arena, policy, sizeof *policy);
	(*ret)->set &= ceiling->set;
	if (ceiling->attaching > policy->attaching)
		(*ret)->attaching = ceiling->attaching;
	return 0;
}

int policy_replace_calls(struct policy **ret, struct arena *arena, const struct policy *policy,
                         const struct policy *calls, struct error *err)
{
	(void)err;
	*ret = arena_copy(arena, policy, sizeof *policy);
	(*ret)->calls = calls->calls;
	return 0;
}

int policy_compile(struct confinement *ret, struct arena *arena, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
{
	(void)err;
	(void)host;
	compiled++;
	*ret = (struct confinement){ .profile = arena_strdup(arena, "fake"),
		                     .capabilities.bounding = policy->set,
		                     .capabilities.permitted = policy->calls,
		                     .root_read_only = flags->read_only };
	return 0;
}

struct policy *policy_of_confinement(struct arena *arena, const struct confinement *stored)
{
	struct policy *policy = arena_alloc(arena, sizeof *policy);

	policy->set = stored->capabilities.bounding;
	return policy;
}

int policy_narrow(struct confinement *ret, struct arena *arena, const struct policy *policy,
                  const struct confinement *stored, const struct host *host, struct error *err)
{
	const struct policy_flags flags = {};

	(void)stored;
	return policy_compile(ret, arena, policy, &flags, host, err);
}

int paths_open_dir(const char *base, const char *name, struct error *err)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", base, name);
	mkdir(base, 0700);
	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "%s", path) : fd;
}

#endif
