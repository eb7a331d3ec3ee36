#include "runtime/image/send.h"

#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { AT_ONCE = 4 };

/* What has been asked about a blob last. */
enum step { STEP_NONE, STEP_HEAD, STEP_MOUNT, STEP_PUT, STEP_DONE };

struct blob {
	const struct descriptor *descriptor;
	enum step step;
	uint32_t number;
};

struct work {
	struct registry *registry;
	const struct send_order *order;
	struct blob *blobs;
	size_t count, next, active;
};

static void tell(const struct work *work, const struct blob *blob, enum image_news_kind kind,
                 uint64_t bytes)
{
	const struct image_watch *watch = work->order->watch;
	const struct image_news news = { .kind = kind,
		                         .hex = blob->descriptor->hex,
		                         .bytes = bytes,
		                         .total = blob->descriptor->size };

	if (watch != NULL)
		watch->tell(watch->context, &news);
}

static int open_blob(const struct work *work, const char *hex, struct error *err)
{
	const char *path = arena_printf(work->order->arena, "%s/images/blobs/sha256/%s",
	                                work->order->paths->data, hex);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	error_set(err, errno, "the blob sha256:%s of the image is missing", hex);
	return error_hint(err, "cordon system check says what else is");
}

/* ---- a blob ---- */

static int ask(struct work *work, struct blob *blob, enum step step, struct error *err)
{
	static const enum registry_action actions[] = {
		[STEP_HEAD] = REGISTRY_BLOB_HEAD,
		[STEP_MOUNT] = REGISTRY_BLOB_MOUNT,
		[STEP_PUT] = REGISTRY_BLOB_PUT,
	};
	struct registry_question question = { .action = actions[step],
		                              .size = blob->descriptor->size };
	_cleanup_fd int body = -1;

	snprintf(question.name, sizeof question.name, "sha256:%s", blob->descriptor->hex);
	if (step == STEP_MOUNT)
		snprintf(question.from, sizeof question.from, "%s", work->order->from);
	if (step == STEP_PUT) {
		body = open_blob(work, blob->descriptor->hex, err);
		if (body < 0)
			return -1;
		tell(work, blob, LAYER_SENDING, 0);
	}
	blob->step = step;
	if (registry_ask(work->registry, &question, body, err) < 0)
		return -1;
	blob->number = question.number;
	return 0;
}

static void finish(struct work *work, struct blob *blob, enum image_news_kind kind)
{
	blob->step = STEP_DONE;
	work->active--;
	tell(work, blob, kind, blob->descriptor->size);
}

/* The registry has answered; what comes next? */
static int advance(struct work *work, struct blob *blob, bool there, struct error *err)
{
	switch (blob->step) {
	case STEP_HEAD:
		if (!there)
			return ask(work, blob, work->order->from != NULL ? STEP_MOUNT : STEP_PUT,
			           err);
		finish(work, blob, LAYER_KNOWN);
		return 0;
	case STEP_MOUNT:
		if (!there)
			return ask(work, blob, STEP_PUT, err);
		finish(work, blob, LAYER_MOUNTED);
		return 0;
	default:
		finish(work, blob, LAYER_SENT);
		return 0;
	}
}

static struct blob *find(struct work *work, uint32_t number)
{
	for (size_t i = 0; i < work->next; i++)
		if (work->blobs[i].step != STEP_DONE && work->blobs[i].number == number)
			return &work->blobs[i];
	return NULL;
}

static int hear(struct work *work, struct error *err)
{
	struct registry_answer answer;
	struct blob *blob;

	if (registry_hear(&answer, work->registry, err) < 0)
		return -1;
	blob = find(work, answer.number);
	if (blob == NULL)
		return 0;
	if (answer.word == REGISTRY_PROGRESS)
		tell(work, blob, LAYER_MOVED, answer.bytes);
	if (answer.word != REGISTRY_DONE)
		return 0;
	/* A mount that is not allowed is no reason not to send. */
	if (answer.result < 0 && blob->step == STEP_MOUNT)
		return ask(work, blob, STEP_PUT, err);
	if (answer.result < 0) {
		*err = answer.error;
		return error_prefix(err, "the blob sha256:%.12s", blob->descriptor->hex);
	}
	return advance(work, blob, answer.there, err);
}

/* ---- all of them ---- */

static void list(struct work *work, const struct descriptor *descriptor)
{
	for (size_t i = 0; i < work->count; i++)
		if (strcmp(work->blobs[i].descriptor->hex, descriptor->hex) == 0)
			return;
	work->blobs[work->count++] = (struct blob){ .descriptor = descriptor };
}

static int send_blobs(struct work *work, struct error *err)
{
	while (work->next < work->count || work->active > 0) {
		if (work->next < work->count && work->active < AT_ONCE) {
			work->active++;
			if (ask(work, &work->blobs[work->next++], STEP_HEAD, err) < 0)
				return -1;
			continue;
		}
		if (hear(work, err) < 0)
			return -1;
	}
	return 0;
}

static int send_manifest(struct work *work, struct error *err)
{
	const struct send_order *order = work->order;
	_cleanup_fd int body = open_blob(work, order->manifest->hex, err);
	struct registry_question question = { .action = REGISTRY_MANIFEST_PUT,
		                              .size = order->manifest->size };
	struct registry_answer answer;

	if (body < 0)
		return -1;
	snprintf(question.name, sizeof question.name, "%s", order->name);
	snprintf(question.media_type, sizeof question.media_type, "%s",
	         order->manifest->media_type);
	return registry_settle(&answer, work->registry, &question, body, err) < 0 ? -1 : 0;
}

int send_image(struct registry *registry, const struct send_order *order, struct error *err)
{
	struct work work = { .registry = registry, .order = order };
	_cleanup_text struct text text = {};
	_cleanup_fd int fd = open_blob(&work, order->manifest->hex, err);
	struct document document;

	if (fd < 0 || io_read_all(&text, fd, LIMIT_MANIFEST, err) < 0 ||
	    document_parse(&document, order->arena, "the manifest", &text,
	                   order->manifest->media_type, err) < 0)
		return -1;
	work.blobs = arena_array(order->arena, document.count + 1, sizeof *work.blobs);
	for (size_t i = 0; i < document.count; i++)
		list(&work, &document.items[i]);
	list(&work, &document.config);
	return send_blobs(&work, err) < 0 ? -1 : send_manifest(&work, err);
}
