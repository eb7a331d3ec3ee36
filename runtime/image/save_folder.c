/*
 * save_folder: images as a folder: an OCI layout, or containers/image's "dir:" (a manifest, and
 * blobs named by their digests). Each blob is copied by the helper, which names it by what it
 * holds: one that is not what it is called is noticed before the folder is whole.
 */
#include "runtime/image/save_parts.h"

#include "runtime/image/watch.h"
#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* *made: it was not there, and goes again where this fails. */
static int open_folder(bool *made, const char *path, struct error *err)
{
	_cleanup_fd int fd = -1;

	*made = mkdir(path, 0777) == 0;
	if (!*made && errno != EEXIST)
		return error_set(err, errno, "cannot make %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open %s", path);
	if (!*made && !io_is_empty(fd, ".")) {
		error_set(err, 0, "%s is not empty", path);
		return error_hint(err, "name a folder that is not there yet");
	}
	return cleanup_take_fd(&fd);
}

static int copy(const struct save *save, int input, int folder, const struct descriptor *blob,
                struct error *err)
{
	const struct watched watched = { save->request->watch, LAYER_WRITING, blob->hex,
		                         blob->size };
	struct plan_id_maps single;
	struct layer_answer answer;
	struct helper_call call = {
		.program = arena_printf(save->arena, "%s/layer", save->paths->libexec),
		.mode = LAYER_BLOB,
		.input = input,
		.folder = folder,
		.listing = -1,
		.keep = -1,
		.limit = LIMIT_BLOB,
		.maps = &single,
	};

	if (host_id_maps(&single, save->arena, save->host, IDMAP_SINGLE, 0, err) < 0 ||
	    watch_run(&answer, save->host, &call, &watched, err) < 0)
		return -1;
	if (strcmp(answer.blob, blob->hex) != 0)
		return error_set(err, 0, "the blob sha256:%s is damaged: it hashes to sha256:%s",
		                 blob->hex, answer.blob);
	/* the store's are for nobody else; these are for whoever the user lets in */
	if (fchmodat(folder, blob->hex, 0644, 0) < 0)
		return error_set(err, errno, "cannot open the blob sha256:%s to others", blob->hex);
	return 0;
}

static int copy_stored(const struct save *save, int folder, const struct descriptor *blob,
                       struct error *err)
{
	_cleanup_fd int fd = open(arena_printf(save->arena, "%s/images/blobs/sha256/%s",
	                                       save->paths->data, blob->hex),
	                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "the blob sha256:%s", blob->hex);
	return copy(save, fd, folder, blob, err);
}

static int copy_text(const struct save *save, int folder, const struct saved *saved,
                     struct error *err)
{
	_cleanup_fd int fd = io_memory("a manifest", saved->text, strlen(saved->text), err);

	return fd < 0 ? -1 : copy(save, fd, folder, &saved->manifest, err);
}

static int copy_all(const struct save *save, int folder, struct error *err)
{
	for (size_t i = 0; i < save->blob_count; i++)
		if (copy_stored(save, folder, &save->blobs[i], err) < 0)
			return -1;
	for (size_t i = 0; i < save->count; i++)
		if (save->images[i].text != NULL &&
		    copy_text(save, folder, &save->images[i], err) < 0)
			return -1;
	return 0;
}

static int write_file(int folder, const char *name, const char *text, struct error *err)
{
	if (io_replace_file(folder, name, text, strlen(text), IO_VOLATILE, err) < 0)
		return -1;
	return fchmodat(folder, name, 0644, 0) < 0 ? error_set(err, errno, "cannot write %s", name)
	                                           : 0;
}

static int write_layout(const struct save *save, int folder, struct error *err)
{
	_cleanup_fd int blobs = -1;

	if (mkdirat(folder, "blobs", 0777) < 0 || mkdirat(folder, "blobs/sha256", 0777) < 0)
		return error_set(err, errno, "cannot make a folder");
	blobs = openat(folder, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (blobs < 0)
		return error_set(err, errno, "cannot open a folder");
	if (copy_all(save, blobs, err) < 0 ||
	    write_file(folder, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", err) < 0)
		return -1;
	return write_file(folder, "index.json", save_index(save), err);
}

/* The manifest stands under its own name there, not under its digest's. */
static int write_dir(const struct save *save, int folder, struct error *err)
{
	if (copy_all(save, folder, err) < 0)
		return -1;
	if (renameat(folder, save->images[0].manifest.hex, folder, "manifest.json") < 0)
		return error_set(err, errno, "cannot name the manifest");
	return write_file(folder, "version", "Directory Transport Version: 1.1\n", err);
}

int save_folder(const struct save *save, struct error *err)
{
	const char *path = save->request->folder;
	bool made;
	_cleanup_fd int folder = open_folder(&made, path, err);
	struct error ignored;
	int result;

	if (folder < 0)
		return -1;
	result = (save->request->form == IMAGE_OCI_DIR ? write_layout : write_dir)(save, folder,
	                                                                           err);
	if (result < 0 && made && io_remove_tree(AT_FDCWD, path, &ignored) < 0)
		return -1; /* what could be removed is */
	return result;
}
