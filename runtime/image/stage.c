#include "runtime/image/stage.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/layout.h"
#include "runtime/image/sweep.h"
#include "runtime/image/watch.h"
#include "runtime/registry/registry.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int make_folder(int *ret, int dir, const char *name, struct error *err)
{
	if (mkdirat(dir, name, 0700) < 0)
		return error_set(err, errno, "cannot make a folder in the store");
	*ret = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret < 0 ? error_set(err, errno, "cannot open a folder of the store") : 0;
}

static int make(struct stage *stage, struct error *err)
{
	_cleanup_fd int temporary = paths_open_dir(stage->paths->data, "tmp", err);
	char path[PATH_MAX];

	if (temporary < 0)
		return -1;
	snprintf(path, sizeof path, "%s/tmp/" SWEEP_PREFIX "XXXXXX", stage->paths->data);
	if (mkdtemp(path) == NULL)
		return error_set(err, errno, "cannot make a folder in %s/tmp", stage->paths->data);
	snprintf(stage->name, sizeof stage->name, "%s", strrchr(path, '/') + 1);
	stage->folder = openat(temporary, stage->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (stage->folder < 0)
		return error_set(err, errno, "cannot open %s", path);
	if (make_folder(&stage->blobs, stage->folder, "blobs", err) < 0)
		return -1;
	return make_folder(&stage->layers, stage->folder, "layers", err);
}

int stage_make(struct stage *stage, struct error *err)
{
	if (stage->layers >= 0)
		return 0;
	return make(stage, err);
}

/* Without subordinate ids there is one id, and everything belongs to it. */
static int choose_maps(struct stage *stage, struct error *err)
{
	struct error why;

	if (host_id_maps(&stage->maps, stage->arena, stage->host, IDMAP_RANGE, 0, &why) == 0)
		return 0;
	stage->squash = true;
	return host_id_maps(&stage->maps, stage->arena, stage->host, IDMAP_SINGLE, 0, err);
}

int stage_open(struct stage *ret, struct arena *arena, const struct paths *paths,
               const struct host *host, struct error *err)
{
	*ret = (struct stage){ .arena = arena,
		               .paths = paths,
		               .host = host,
		               .lock = -1,
		               .folder = -1,
		               .blobs = -1,
		               .layers = -1,
		               .source = -1 };
	platform_complete(&ret->wanted.platform, host);
	if (layout_create(paths, err) < 0 || choose_maps(ret, err) < 0)
		return -1;
	ret->lock = store_lock(paths, STORE_LOCK_USE, STORE_SHARED, err);
	return ret->lock < 0 ? -1 : 0;
}

/* What another load holds now, its own sweep will find. */
static void tidy(const struct stage *stage)
{
	struct error ignored;

	if (stage->name[0] != '\0')
		sweep_folder(stage->paths, stage->host, stage->name);
	if (sweep(stage->paths, stage->host, &ignored) < 0)
		return;
}

void stage_close(struct stage *stage)
{
	bool opened = stage->lock >= 0;

	cleanup_close(&stage->source);
	cleanup_close(&stage->layers);
	cleanup_close(&stage->blobs);
	cleanup_close(&stage->folder);
	cleanup_close(&stage->lock);
	if (opened)
		tidy(stage);
	registry_reap(stage->leaving);
}

/* ---- blobs ---- */

static const char *helper_path(const struct stage *stage)
{
	return arena_printf(stage->arena, "%s/layer", stage->paths->libexec);
}

int stage_take(struct layer_answer *ret, struct stage *stage, const struct stage_blob *blob,
               struct error *err)
{
	const struct watched watched = { blob->name == NULL ? NULL : stage->watch, LAYER_READING,
		                         blob->name, watch_left(blob->input) };
	struct plan_id_maps single;
	struct helper_call call = { .program = helper_path(stage),
		                    .mode = LAYER_BLOB,
		                    .input = blob->input,
		                    .listing = -1,
		                    .keep = -1,
		                    .limit = blob->limit,
		                    .repack = blob->layer,
		                    .maps = &single };

	if (stage_make(stage, err) < 0 ||
	    host_id_maps(&single, stage->arena, stage->host, IDMAP_SINGLE, 0, err) < 0)
		return -1;
	call.folder = stage->blobs;
	return watch_run(ret, stage->host, &call, &watched, err);
}

int stage_take_text(struct layer_answer *ret, struct stage *stage, const struct text *text,
                    struct error *err)
{
	_cleanup_fd int memory = io_memory("a document", text_string(text), text->length, err);
	const struct stage_blob blob = { .input = memory, .limit = LIMIT_MANIFEST };

	return memory < 0 ? -1 : stage_take(ret, stage, &blob, err);
}

static int check_size(int fd, const struct descriptor *descriptor, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot look at the blob sha256:%s", descriptor->hex);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "the blob sha256:%s is not a file", descriptor->hex);
	if ((uint64_t)status.st_size != descriptor->size)
		return error_set(err, 0,
		                 "the blob sha256:%s has %lld bytes; %" PRIu64 " were announced",
		                 descriptor->hex, (long long)status.st_size, descriptor->size);
	return 0;
}

/* From the layout that is being pulled: size, then hash, then it may be read. Symlinks within the
 * layout are followed (bazel makes such layouts). */
static int take_from_source(struct stage *stage, const struct descriptor *descriptor,
                            struct error *err)
{
	const char *path = arena_printf(stage->arena, "blobs/sha256/%s", descriptor->hex);
	_cleanup_fd int fd = io_open_in_root(stage->source, path, O_RDONLY | O_NONBLOCK, 0);
	const struct stage_blob blob = { .input = fd,
		                         .limit = descriptor->size,
		                         .name = descriptor->size > LIMIT_MANIFEST ? descriptor->hex
		                                                                   : NULL };
	struct layer_answer answer;

	if (fd < 0)
		return error_set(err, errno, "the blob sha256:%s of the image", descriptor->hex);
	if (check_size(fd, descriptor, err) < 0 || stage_take(&answer, stage, &blob, err) < 0)
		return -1;
	if (strcmp(answer.blob, descriptor->hex) != 0)
		return error_set(err, 0,
		                 "the blob sha256:%s is damaged: it has the digest sha256:%s",
		                 descriptor->hex, answer.blob);
	return 0;
}

int stage_open_blob(struct stage *stage, const struct descriptor *descriptor, struct error *err)
{
	const char *stored = arena_printf(stage->arena, "%s/images/blobs/sha256/%s",
	                                  stage->paths->data, descriptor->hex);
	_cleanup_fd int fd = openat(stage->blobs, descriptor->hex, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fd = open(stored, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && stage->source >= 0) {
		if (take_from_source(stage, descriptor, err) < 0)
			return -1;
		fd = openat(stage->blobs, descriptor->hex, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return error_set(err, 0, "the blob sha256:%s is missing from the image",
		                 descriptor->hex);
	return check_size(fd, descriptor, err) < 0 ? -1 : cleanup_take_fd(&fd);
}

bool stage_has_blob(struct stage *stage, const struct descriptor *descriptor)
{
	struct error ignored;
	_cleanup_fd int fd = stage_open_blob(stage, descriptor, &ignored);

	return fd >= 0;
}

int stage_read_blob(struct text *ret, struct stage *stage, const struct descriptor *descriptor,
                    struct error *err)
{
	_cleanup_fd int fd = stage_open_blob(stage, descriptor, err);

	if (fd < 0)
		return -1;
	if (io_read_all(ret, fd, LIMIT_MANIFEST, err) < 0)
		return error_prefix(err, "sha256:%s", descriptor->hex);
	return 0;
}
