/*
 * policy_words: policies, and the files they stand in, found by the words people use.
 *
 * A word is the name of a file, of a profile or of an image, tried in this order. One that is none
 * of them is an error: an answer about another profile than the one that was meant is worse than
 * none. Only a word that can be nothing but an image (it has a '/', ':' or '@') may be one that is
 * not here: it stands for the profile that its name would lead to.
 */
#include "runtime/cli/policy_files.h"
#include "runtime/image/image.h"
#include "runtime/profile/profile.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/stat.h>

/* What the word stands for; a profile of an image is looked for by the image's name. */
static bool is_file(const char *word)
{
	struct stat status;

	return text_ends(word, ".json") || word[0] == '/' || word[0] == '.' ||
	       (stat(word, &status) == 0 && S_ISREG(status.st_mode));
}

static int of_file(struct profile_request *ret, struct arena *arena, const char *word)
{
	ret->given = strchr(word, '/') == NULL ? arena_printf(arena, "./%s", word) : word;
	return 0;
}

/* An image that is here has the names it has here, and may have brought a profile along. */
static int of_image(struct profile_request *ret, struct arena *arena, const char *word, bool *found,
                    struct error *err)
{
	struct image image;
	int there = image_find(&image, arena, ret->paths, word, err);

	if (there < 0)
		return -1;
	*found = there == 1;
	if (there == 0)
		return image_reference_normalize(&ret->reference, arena, word, err);
	ret->attached = image.profile;
	ret->reference = image.names.count > 0 ? image.reference : word;
	return 0;
}

static int settle(struct profile_request *ret, struct arena *arena, const struct paths *paths,
                  const char *word, struct error *err)
{
	const struct profile_request named = { .paths = paths, .given = word };
	struct error reason, ignored;
	const char *path;
	bool found;

	*ret = (struct profile_request){ .paths = paths };
	if (is_file(word))
		return of_file(ret, arena, word);
	if (strpbrk(word, "/:@") != NULL)
		return of_image(ret, arena, word, &found, err);
	if (profile_path(&path, arena, &named, &reason) == 0) {
		ret->given = word;
		return 0;
	}
	/* a profile that is there and broken is not passed over */
	if (text_starts(reason.text, "there is no profile") &&
	    of_image(ret, arena, word, &found, &ignored) == 0 && found)
		return 0;
	if (!text_starts(reason.text, "there is no profile")) {
		*err = reason;
		return -1;
	}
	error_set(err, 0, "%s, and no image of that name", reason.text);
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

	if (is_file(word)) {
		ret[0] = word;
		return 1;
	}
	if (settle(&request, arena, paths, word, err) < 0 ||
	    profile_path(&ret[count++], arena, &request, err) < 0)
		return -1;
	if (request.attached != NULL)
		ret[count++] = request.attached;
	return count;
}
