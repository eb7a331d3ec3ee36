/*
 * changes: what a container changed, told as Docker's diff does: "A", "C" or "D" and the path, each
 * line with a NUL at its end (a name may hold a newline). The folder is overlayfs' upper one; what
 * the image has is looked up in the lower descriptor, which is never read, only asked for names.
 *
 * A folder that was there is told where something in it was changed, or it was itself.
 */
#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/walk.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct changes {
	struct layer_answer *answer;
	struct text lines;
	size_t folder_at[LIMIT_DEPTH + 1];  /* where the line of each open folder begins, */
	size_t folder_end[LIMIT_DEPTH + 1]; /* and ends */
	bool same[LIMIT_DEPTH + 1];         /* the folder itself is as it was */
	bool known[LIMIT_DEPTH + 1];        /* the image has it */
	bool mounts[LIMIT_DEPTH + 2];       /* something in it is there to mount on */
	unsigned depth;
};

/* Whether the image has it; its status. */
static bool find_lower(struct stat *status, const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		                      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		                                 RESOLVE_NO_MAGICLINKS };
	_cleanup_fd int fd = (int)syscall(SYS_openat2, LAYER_FD_LOWER, path, &how, sizeof how);

	return fd >= 0 && fstat(fd, status) == 0;
}

static void add_line(struct changes *changes, char kind, const char *path)
{
	text_printf(&changes->lines, "%c /%s", kind, path);
	text_append_char(&changes->lines, '\0');
	changes->answer->entries++;
}

static bool is_same_folder(const struct stat *lower, const struct stat *upper)
{
	return S_ISDIR(lower->st_mode) && lower->st_mode == upper->st_mode &&
	       lower->st_uid == upper->st_uid && lower->st_gid == upper->st_gid;
}

static int visit(void *context, const struct walk_entry *entry, struct error *err)
{
	struct changes *changes = context;
	const struct stat *status = &entry->status;
	bool folder = S_ISDIR(status->st_mode);
	struct stat lower = {};
	bool known = find_lower(&lower, entry->path);

	if (changes->answer->entries >= LIMIT_ENTRIES)
		return error_set(err, 0, "more than %d changes", LIMIT_ENTRIES);
	if (folder) {
		changes->depth++;
		changes->folder_at[changes->depth] = changes->lines.length;
		changes->same[changes->depth] =
		        known && is_same_folder(&lower, status) && !attribute_is_opaque(entry->fd);
		changes->known[changes->depth] = known;
		changes->mounts[changes->depth + 1] = false;
	}
	if (S_ISCHR(status->st_mode) && status->st_rdev == 0) {
		if (known)
			add_line(changes, 'D', entry->path);
		return 0;
	}
	add_line(changes, known ? 'C' : 'A', entry->path);
	if (folder)
		changes->folder_end[changes->depth] = changes->lines.length;
	return 0;
}

/* A folder with nothing in it to tell of, that is as it was, or was made to mount on what is in it.
 */
static int leave(void *context, const struct walk_entry *entry, struct error *err)
{
	struct changes *changes = context;
	unsigned depth = changes->depth--;

	bool mounts = changes->mounts[depth + 1] || entry->passed > 0;

	(void)err;
	if (changes->lines.length != changes->folder_end[depth] ||
	    !(changes->same[depth] || (!changes->known[depth] && mounts)))
		return 0;
	changes->mounts[depth] |= mounts;
	changes->lines.length = changes->folder_at[depth];
	changes->answer->entries--;
	return 0;
}

static int list(struct changes *changes, const char *without, struct error *err)
{
	const struct walk walk = { .root = LAYER_FD_FOLDER,
		                   .without = without,
		                   .visit = visit,
		                   .leave = leave,
		                   .context = changes };

	if (walk_tree(&walk, err) < 0)
		return -1;
	if (io_write_all(LAYER_FD_LISTING, text_string(&changes->lines), changes->lines.length) < 0)
		return error_set(err, errno, "cannot write the listing");
	return 0;
}

int changes_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	struct changes *changes = calloc(1, sizeof *changes);
	_cleanup_text struct text without = {};
	int result = io_read_all(&without, LAYER_FD_INPUT, LIMIT_LISTING, err);

	(void)request;
	if (changes == NULL)
		abort();
	changes->answer = ret;
	text_append_char(&without, '\0');
	if (result == 0)
		result = list(changes, without.data, err);
	text_done(&changes->lines);
	free(changes);
	return result;
}
