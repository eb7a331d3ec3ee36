#include "policy/attached.h"

#include "policy/diff.h"
#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

bool policy_attaching_from_name(enum policy_attaching *ret, const char *name)
{
	for (unsigned i = 0; i < ATTACHING_COUNT; i++)
		if (strcmp(attaching_names[i], name) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

enum policy_attaching policy_attaching(const struct policy *policy)
{
	enum policy_attaching word = policy->attaching;

	for (const struct policy *ceiling = policy->ceiling; ceiling != NULL;
	     ceiling = ceiling->ceiling)
		if (policy_says(ceiling, SETTING_IMAGE_PROFILE) && ceiling->attaching > word)
			word = ceiling->attaching;
	return word;
}

void policy_set_attaching(struct policy *policy, enum policy_attaching attaching)
{
	policy->attaching = attaching;
}

/* ---- what it may say ---- */

/* What is not for a stranger to say, and why. */
static const struct barred {
	const char *path, *why;
} barred[] = {
	{ "defaultAction",
	  "it is a seccomp file in Docker's form, which says nothing of the rest" },
	{ "extends", "it must be whole by itself" },
	{ "images", "it is for one image, the one it came with" },
	{ "idmap", "the id map is the user's" },
	{ "apparmor", "the label is the user's" },
	{ "image_profile", "whether it is used is the user's word" },
	{ "filesystem.tmpfs", "a profile that came with an image adds nothing" },
};

int attached_check(const struct policy *profile, struct error *err)
{
	const struct value *root = profile->texts[0].root;

	for (size_t i = 0; i < ARRAY_SIZE(barred); i++)
		if (value_path(root, barred[i].path) != NULL) {
			error_set(err, 0, "%s may not say %s: %s", profile->texts[0].source->file,
			          barred[i].path, barred[i].why);
			return error_hint(err, "cordon policy publish leaves it out");
		}
	return 0;
}

int attached_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                  const struct policy *profile, struct error *err)
{
	struct policy *upper = arena_copy(arena, profile, sizeof *profile);

	if (attached_check(profile, err) < 0)
		return -1;
	upper->attached = true;
	return policy_meet(ret, arena, policy, upper, err);
}

/* ---- that it only takes ---- */

static int refuse(const struct policy *profile, struct arena *arena, const struct difference *row,
                  struct error *err)
{
	const char *change =
	        row->was == NULL ? ""
	                         : arena_printf(arena, ": was '%s', is '%s'", row->was, row->is);

	error_set(err, 0, "the image's profile '%s' would give more than it takes: %s%s",
	          profile->name, row->subject, change);
	return error_hint(err, "--security-opt image-profile=ignore runs the image without it");
}

int attached_prove(const struct confinement *confinement, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *profile = policy->ceiling;
	struct policy without = *policy;
	struct confinement before;
	struct filter_table tables[2];
	struct differences found;

	if (profile == NULL || !profile->attached)
		return 0;
	without.ceiling = profile->ceiling;
	if (policy_compile(&before, &arena, &without, flags, host, err) < 0 ||
	    policy_flagged_table(&tables[0], &arena, &without, flags, host, &before, err) < 0 ||
	    policy_flagged_table(&tables[1], &arena, policy, flags, host, confinement, err) < 0)
		return -1;
	if (policy_diff(&found, &arena, &(struct diff_side){ &before, &tables[0] },
	                &(struct diff_side){ confinement, &tables[1] }, err) < 0)
		return error_prefix(err, "the image's profile '%s'", profile->name);
	for (size_t i = 0; i < found.count; i++)
		if (found.rows[i].kind == DIFFERENCE_WIDER)
			return refuse(profile, &arena, &found.rows[i], err);
	return 0;
}

/* ---- publishing ---- */

static void remove_path(struct value *object, const char *path)
{
	const char *dot = strchr(path, '.');

	if (dot == NULL) {
		value_remove(object, path);
		return;
	}
	for (size_t i = 0; i < object->count; i++)
		if (strncmp(object->items[i]->key, path, (size_t)(dot - path)) == 0 &&
		    object->items[i]->key[dot - path] == '\0')
			remove_path(object->items[i], dot + 1);
}

struct value *attached_to_value(struct arena *arena, const struct policy *policy)
{
	struct value *whole = policy_to_value(arena, policy);

	for (size_t i = 0; i < ARRAY_SIZE(barred); i++)
		remove_path(whole, barred[i].path);
	return whole;
}
