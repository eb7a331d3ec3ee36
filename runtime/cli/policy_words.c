/*
 * policy_words: policies, and the files they stand in, found by the words people use.
 *
 * A word with a '/' or a '.' in front, or ".json" behind it, is a file. Any other is a profile of
 * that name, else an image that is here, else a file that is there. One that is none of them is an
 * error: an answer about another profile than the one that was meant is worse than none. Only a
 * word that can be nothing but an image (it has a '/', ':' or '@') may be one that is not here: it
 * stands for the profile that its name would lead to.
 */
#include "runtime/cli/policy_files.h"
#include "runtime/image/image.h"
#include "runtime/profile/profile.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/stat.h>

static bool is_path(const char *word)
{
	return text_ends(word, ".json") || word[0] == '/' || word[0] == '.';
}

static bool is_there(const char *word)
{
	struct stat status;

	return stat(word, &status) == 0 && S_ISREG(status.st_mode);
}

static void take_file(struct profile_request *ret, struct arena *arena, const char *word)
{
	ret->given = strchr(word, '/') == NULL ? arena_printf(arena, "./%s", word) : word;
}

/* 1, 0 where there is none, -1. It has the names it has here, and may have brought a profile. */
static int take_image(struct profile_request *ret, struct arena *arena, const char *word,
                      struct error *err)
{
	struct image image;
	int there = image_find(&image, arena, ret->paths, word, err);

	if (there <= 0)
		return there;
	ret->attached = image.profile;
	ret->reference = image.names.count > 0 ? image.reference : word;
	return 1;
}

/* A word that can only be an image's, or a file's below. */
static int settle_image(struct profile_request *ret, struct arena *arena, const char *word,
                        struct error *err)
{
	int there = take_image(ret, arena, word, err);

	if (there != 0)
		return there < 0 ? -1 : 0;
	if (!is_there(word))
		return image_reference_normalize(&ret->reference, arena, word, err);
	take_file(ret, arena, word);
	return 0;
}

/* A broken one is one, and not passed over. */
static bool is_profile(struct arena *arena, const struct paths *paths, const char *word)
{
	for (size_t i = 0; paths->profiles[i] != NULL; i++)
		if (is_there(arena_printf(arena, "%s/%s.json", paths->profiles[i], word)))
			return true;
	return false;
}

static int settle(struct profile_request *ret, struct arena *arena, const struct paths *paths,
                  const char *word, struct error *err)
{
	struct error reason = {};
	const char *path;

	*ret = (struct profile_request){ .paths = paths };
	if (!is_path(word) && strpbrk(word, "/:@") != NULL)
		return settle_image(ret, arena, word, err);
	if (!is_path(word) && is_profile(arena, paths, word)) {
		ret->given = word;
		return 0;
	}
	if (!is_path(word) && take_image(ret, arena, word, &reason) == 1)
		return 0;
	if (is_path(word) || is_there(word)) {
		take_file(ret, arena, word);
		return 0;
	}
	ret->given = word;
	if (profile_path(&path, arena, ret, &reason) == 0)
		return 0;
	error_set(err, 0, "%s, and no image or file of that name", reason.text);
	return error_hint(err, "%s", reason.hint);
}

int policy_find(struct policy **ret, struct arena *arena, const struct paths *paths,
                const char *word, struct error *err)
{
	struct profile_request request;

	if (settle(&request, arena, paths, word, err) < 0)
		return -1;
	return profile_load(ret, arena, &request, err);
}

int policy_find_files(const char *ret[POLICY_FILES_MAX], struct arena *arena,
                      const struct paths *paths, const char *word, struct error *err)
{
	struct profile_request request;
	int count = 0;

	if (settle(&request, arena, paths, word, err) < 0)
		return -1;
	/* as it was written; whoever reads it says whether it is there */
	if (request.given != NULL && strchr(request.given, '/') != NULL) {
		ret[0] = word;
		return 1;
	}
	if (profile_path(&ret[count++], arena, &request, err) < 0)
		return -1;
	if (request.attached != NULL)
		ret[count++] = request.attached;
	return count;
}
