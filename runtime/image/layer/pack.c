/*
 * pack: a tree becomes an archive: the root of a container (export), or what a container changed
 * (commit: `marks`).
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/packer.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

static int pack_all(struct packer *packer, const char *without, struct error *err)
{
	const struct walk walk = {
		.root = LAYER_FD_FOLDER, .without = without, .visit = packer_put, .context = packer
	};

	return walk_tree(&walk, err) < 0 ? -1 : packer_finish(packer, err);
}

int pack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct sink_target output = { .output = LAYER_FD_OUTPUT,
		                            .hash = request->marks,
		                            .gzip = request->marks,
		                            .tally = request->tally };
	const struct packer_target target = { .answer = ret,
		                              .sink = sink_open(&output),
		                              .marks = request->marks };
	struct packer *packer = packer_new(&target);
	_cleanup_text struct text without = {};
	int result = io_read_all(&without, LAYER_FD_INPUT, LIMIT_LISTING, err);

	text_append_char(&without, '\0'); /* the empty one at the end of the list */
	if (result == 0)
		result = pack_all(packer, without.data, err);
	packer_free(packer);
	sink_close(target.sink);
	return result;
}
