#include "runtime/image/copy.h"

#include "runtime/image/watch.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>

/* One end at work. */
struct side {
	struct helper helper;
	struct layer_answer answer;
	struct error error;
	bool started;
};

static int start(struct side *ret, const struct image_request *request, const struct image_end *end,
                 enum layer_mode mode, int stream)
{
	_cleanup_fd int order =
	        io_memory("an order to copy", &end->order, sizeof end->order, &ret->error);
	struct helper_call call = {
		.program = arena_printf(request->arena, "%s/layer", request->paths->libexec),
		.mode = mode,
		.input = mode == LAYER_PLACE ? stream : order,
		.output = mode == LAYER_FETCH ? stream : 0,
		.folder = end->folder,
		.open_folder = end->open,
		.context = end->context,
		.listing = -1,
		.keep = -1,
		.order = order,
		.maps = end->maps,
		.tally = request->watch != NULL,
	};

	if (order < 0 || helper_start(&ret->helper, request->host, &call, &ret->error) < 0)
		return -1;
	ret->started = true;
	return 0;
}

/* One that was not started has its error already, or had nothing to do. */
static int finish(struct side *side)
{
	if (!side->started)
		return side->error.text[0] == '\0' ? 0 : -1;
	return helper_finish(&side->answer, &side->helper, &side->error);
}

/* Who reads goes first where somebody interrupts: the one that writes finds that the archive is
 * cut, and takes back what it has begun. */
static int finish_writer(struct side *writer, const struct side *reader)
{
	if (!writer->started || !reader->started)
		return finish(writer);
	return helper_await(&writer->answer, &writer->helper, &writer->error);
}

/* Who writes to a reader that is gone hears of a broken pipe; the reader knows better. */
static int first_error(struct side *from, struct side *to, struct error *err)
{
	int read = finish(from), written = finish_writer(to, from);

	if (read < 0 && (from->error.number != EPIPE || written == 0)) {
		*err = from->error;
		return -1;
	}
	if (written < 0)
		*err = to->error;
	return written;
}

/* The end that reads knows best how much there is; the one that writes is the last to be done. */
static void watch(const struct image_request *request, const struct side *reader,
                  const struct side *writer)
{
	const struct watched watched = { request->watch, LAYER_COPYING, "files", 0 };
	const struct helper *seen = reader->started ? &reader->helper : &writer->helper;
	const struct helper *awaited = writer->started ? &writer->helper : &reader->helper;

	if (request->watch == NULL)
		return;
	watch_begin(&watched);
	while (!watch_wait(awaited))
		watch_look(&watched, seen);
}

int image_copy(struct image_copied *ret, const struct image_request *request,
               const struct image_end *from, const struct image_end *to, struct error *err)
{
	struct side reader = {}, writer = {};
	int ends[2] = { -1, -1 }, result;

	if (from->stream < 0 && to->stream < 0 && pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	result = from->stream >= 0 ? 0
	                           : start(&reader, request, from, LAYER_FETCH,
	                                   to->stream >= 0 ? to->stream : ends[1]);
	/* only the helpers hold the ends, so that each hears when the other is gone */
	cleanup_close(&ends[1]);
	if (result == 0 && to->stream < 0 &&
	    start(&writer, request, to, LAYER_PLACE, from->stream >= 0 ? from->stream : ends[0]) <
	            0)
		result = -1;
	cleanup_close(&ends[0]);
	if (result == 0)
		watch(request, &reader, &writer);
	if (first_error(&reader, &writer, err) < 0 || result < 0)
		return -1;
	*ret = (struct image_copied){
		.bytes = writer.started ? writer.answer.tree_size : reader.answer.tree_size,
		.skipped = reader.answer.skipped + writer.answer.skipped,
	};
	return 0;
}
