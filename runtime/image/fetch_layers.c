/*
 * The layers of a pull: as many at a time as there is use for, each a pipe between two helpers. The
 * engine starts them, listens, and judges; the bytes go past it.
 */
#include "runtime/image/fetch.h"

#include "runtime/image/layer/limits.h"
#include "runtime/store/claim.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	AT_ONCE = 4,
	PIPE_SIZE = 1 << 20,
	GRACE = 2000, /* ms between a helper's failure and the registry's word about it */
};

struct layer {
	const struct descriptor *blob;
	const char *diff;
	int file;        /* data/partial/HEX, claimed; -1 */
	bool partial;    /* `file` has that name (else it is nameless: another pull has it) */
	uint32_t number; /* of the question; 0: nothing had to be asked */
	bool asked, helped, done;
	struct helper helper;
	struct layer_answer answer;
	struct error error; /* of the helper's, kept until the registry has spoken */
	bool failed;
	bool resumed; /* its beginning is of an earlier pull */
};

struct work {
	const struct fetch_layers *order;
	struct layer *layers;
	size_t count, next, active;
	int folder; /* data/partial */
};

static void tell(const struct work *work, const struct layer *layer, const struct image_news *news)
{
	const struct image_watch *watch = work->order->watch;
	struct image_news whole = *news;

	whole.hex = layer->blob->hex;
	whole.total = layer->blob->size;
	if (watch != NULL)
		watch->tell(watch->context, &whole);
}

/* ---- beginning ---- */

/* What an earlier pull left may be a blob of a stage or the store by now (keep_blob), of which
 * nobody may change a byte. Whole, nothing is written to it; with another size than is announced
 * here, it is left to whoever has it. */
static bool is_shared(const struct layer *layer)
{
	struct stat status;

	return fstat(layer->file, &status) == 0 && status.st_nlink > 1 &&
	       (uint64_t)status.st_size != layer->blob->size;
}

/* The bytes that an earlier pull left, or none. */
static int open_partial(struct layer *layer, const struct work *work, uint64_t *have,
                        struct error *err)
{
	struct stat status;

	layer->file = store_claim(work->folder, layer->blob->hex, false, err);
	if (layer->file >= 0 && is_shared(layer)) {
		unlinkat(work->folder, layer->blob->hex, 0);
		cleanup_close(&layer->file);
		layer->file = store_claim(work->folder, layer->blob->hex, false, err);
	}
	layer->partial = layer->file >= 0;
	if (layer->file < 0 && err->number == EWOULDBLOCK)
		layer->file = openat(work->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (layer->file < 0 || fstat(layer->file, &status) < 0)
		return error_set(err, errno, "cannot make a file in the store");
	if ((uint64_t)status.st_size > layer->blob->size && ftruncate(layer->file, 0) == 0)
		status.st_size = 0;
	*have = (uint64_t)status.st_size;
	return 0;
}

static int make_pipe(int ends[2], struct error *err)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	/* The writer serves other layers meanwhile; a small pipe is only slower. */
	if (fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0 ||
	    (fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE) < 0 && errno != EPERM))
		return error_set(err, errno, "cannot prepare a pipe");
	return 0;
}

static int ask(struct work *work, struct layer *layer, int sink, uint64_t have, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_BLOB,
		                              .offset = have,
		                              .size = layer->blob->size };

	if (have == layer->blob->size)
		return 0;
	snprintf(question.name, sizeof question.name, "sha256:%s", layer->blob->hex);
	if (registry_ask(work->order->registry, &question, sink, err) < 0)
		return -1;
	layer->number = question.number;
	layer->asked = true;
	return 0;
}

static int begin(struct work *work, struct layer *layer, struct error *err)
{
	struct stage_input input = {};
	_cleanup_fd int reader = -1, writer = -1;
	uint64_t have = 0;
	int ends[2];

	if (open_partial(layer, work, &have, err) < 0 || make_pipe(ends, err) < 0)
		return -1;
	reader = ends[0];
	writer = ends[1];
	input = (struct stage_input){ reader, layer->file };
	tell(work, layer, &(struct image_news){ .kind = LAYER_BEGUN, .bytes = have });
	if (stage_layer_begin(&layer->helper, work->order->stage, layer->blob, &input, err) < 0)
		return -1;
	layer->helped = true;
	layer->resumed = have > 0;
	work->active++;
	return ask(work, layer, writer, have, err);
}

/* ---- ending ---- */

/* The bytes become a blob of the stage. They keep their place in data/partial, too, until the image
 * is whole: a pull that ends before has not to fetch them again. */
static int keep_blob(struct work *work, struct layer *layer, struct error *err)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", layer->file);
	if (linkat(AT_FDCWD, path, work->order->stage->blobs, layer->blob->hex, AT_SYMLINK_FOLLOW) <
	    0)
		return error_set(err, errno, "cannot name a blob of the store");
	return 0;
}

/* Bytes that are whole and wrong, or that no layer can begin with, must not be taken for a
 * beginning by the next pull. What went wrong here (a full disk) says nothing about them. */
static void drop_wrong(const struct work *work, const struct layer *layer)
{
	struct stat status;

	if (layer->partial && fstat(layer->file, &status) == 0 &&
	    (layer->error.number == 0 || (uint64_t)status.st_size >= layer->blob->size))
		unlinkat(work->folder, layer->blob->hex, 0);
}

/* The beginning may be what another place sent, or a pull that was never told that it was wrong. */
static int begin_anew(struct work *work, struct layer *layer, struct error *err)
{
	drop_wrong(work, layer);
	cleanup_close(&layer->file);
	*layer = (struct layer){ .blob = layer->blob, .diff = layer->diff, .file = -1 };
	return begin(work, layer, err);
}

/* Both helpers have said what they had to say. */
static int conclude(struct work *work, struct layer *layer, struct error *err)
{
	work->active--;
	if (layer->failed && layer->resumed && layer->error.number == 0)
		return begin_anew(work, layer, err);
	layer->done = true;
	if (layer->failed) {
		drop_wrong(work, layer);
		*err = layer->error;
		return -1;
	}
	if (keep_blob(work, layer, err) < 0)
		return -1;
	tell(work, layer, &(struct image_news){ .kind = LAYER_DONE });
	return 0;
}

static int helper_ended(struct work *work, struct layer *layer, struct error *err)
{
	layer->helped = false;
	if (stage_layer_end(&layer->answer, work->order->stage, layer->blob, layer->diff,
	                    &layer->helper, &layer->error) < 0)
		layer->failed = true;
	return layer->asked ? 0 : conclude(work, layer, err);
}

/* ---- listening ---- */

static struct layer *find(struct work *work, uint32_t number)
{
	for (size_t i = 0; i < work->next; i++)
		if (work->layers[i].asked && work->layers[i].number == number)
			return &work->layers[i];
	return NULL;
}

/* The registry is done with a layer. That its reader was gone is not the reason. */
static int fetched(struct work *work, struct layer *layer, const struct registry_answer *answer,
                   struct error *err)
{
	layer->asked = false;
	if (answer->result < 0 && answer->error.number != EPIPE) {
		*err = answer->error;
		return error_prefix(err, "the layer sha256:%.12s", layer->blob->hex);
	}
	if (layer->helped) {
		tell(work, layer, &(struct image_news){ .kind = LAYER_FETCHED });
		return 0;
	}
	return conclude(work, layer, err);
}

static int hear(struct work *work, struct error *err)
{
	struct registry_answer answer;
	struct layer *layer;

	if (registry_hear(&answer, work->order->registry, err) < 0)
		return -1;
	layer = find(work, answer.number);
	if (layer == NULL)
		return 0;
	if (answer.word == REGISTRY_DONE)
		return fetched(work, layer, &answer, err);
	if (answer.word == REGISTRY_WAITING)
		tell(work, layer,
		     &(struct image_news){ .kind = LAYER_WAITS,
		                           .text = arena_printf(work->order->stage->arena, "%s; %s",
		                                                answer.error.text,
		                                                answer.error.hint) });
	else
		tell(work, layer,
		     &(struct image_news){ .kind = LAYER_MOVED, .bytes = answer.bytes });
	return 0;
}

/* A helper that failed leaves the registry a moment to say that it was its fault. */
static int time_out(const struct work *work)
{
	for (size_t i = 0; i < work->next; i++)
		if (work->layers[i].failed && !work->layers[i].done)
			return GRACE;
	return -1;
}

static int give_up(struct work *work, struct error *err)
{
	for (size_t i = 0; i < work->next; i++)
		if (work->layers[i].failed && !work->layers[i].done)
			return conclude(work, &work->layers[i], err);
	return 0;
}

static int turn(struct work *work, struct error *err)
{
	struct pollfd polls[AT_ONCE + 1] = { { work->order->registry->talk, POLLIN, 0 } };
	struct layer *waiting[AT_ONCE + 1];
	size_t count = 1;
	int ready;

	for (size_t i = 0; i < work->next && count <= AT_ONCE; i++)
		if (work->layers[i].helped) {
			waiting[count] = &work->layers[i];
			polls[count++] =
			        (struct pollfd){ work->layers[i].helper.task.pidfd, POLLIN, 0 };
		}
	ready = poll(polls, count, time_out(work));
	if (ready < 0)
		return errno == EINTR ? 0 : error_set(err, errno, "cannot wait for the layers");
	if (ready == 0)
		return give_up(work, err);
	if (polls[0].revents != 0 && hear(work, err) < 0)
		return -1;
	for (size_t i = 1; i < count; i++)
		if (polls[i].revents != 0 && helper_ended(work, waiting[i], err) < 0)
			return -1;
	return 0;
}

/* ---- all of them ---- */

static bool is_listed(const struct work *work, const char *hex)
{
	for (size_t i = 0; i < work->count; i++)
		if (strcmp(work->layers[i].blob->hex, hex) == 0)
			return true;
	return false;
}

/* An image may have a layer twice. */
static void list_missing(struct work *work)
{
	const struct fetch_layers *order = work->order;
	const struct document *manifest = order->manifest;

	for (size_t i = 0; i < manifest->count; i++) {
		const struct descriptor *blob = &manifest->items[i];
		struct layer layer = { .blob = blob, .diff = order->diffs->items[i], .file = -1 };

		if (stage_has_blob(order->stage, blob))
			tell(work, &layer, &(struct image_news){ .kind = LAYER_KNOWN });
		else if (!is_listed(work, blob->hex))
			work->layers[work->count++] = layer;
	}
}

static void stop(struct work *work)
{
	for (size_t i = 0; i < work->next; i++) {
		if (work->layers[i].helped)
			helper_kill(&work->layers[i].helper);
		cleanup_close(&work->layers[i].file);
	}
}

static int run(struct work *work, struct error *err)
{
	while (work->next < work->count || work->active > 0) {
		if (work->next < work->count && work->active < AT_ONCE) {
			if (begin(work, &work->layers[work->next++], err) < 0)
				return -1;
			continue;
		}
		if (turn(work, err) < 0)
			return -1;
	}
	return 0;
}

static int check_sizes(const struct document *manifest, struct error *err)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (manifest->items[i].size > LIMIT_BLOB)
			return error_set(err, 0,
			                 "the layer sha256:%.12s has %" PRIu64
			                 " bytes, more than cordon takes",
			                 manifest->items[i].hex, manifest->items[i].size);
	return 0;
}

int fetch_layers(const struct fetch_layers *order, struct error *err)
{
	struct work work = { .order = order };
	int result;

	if (check_sizes(order->manifest, err) < 0)
		return -1;
	work.layers =
	        arena_array(order->stage->arena, order->manifest->count + 1, sizeof *work.layers);
	work.folder = paths_open_dir(order->stage->paths->data, "partial", err);
	if (work.folder < 0)
		return -1;
	list_missing(&work);
	result = run(&work, err);
	stop(&work);
	close(work.folder);
	return result;
}
