/*
 * libexec/cordon/layer: meets the bytes of images so that cordon does not have to. Started by the
 * engine (runtime/image/helper.c) in a user namespace of its own, with four descriptors and nothing
 * else; reads one request, does one job (job.h) behind its own walls (confine.h), answers once.
 */
#include "runtime/image/layer/confine.h"
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/job.h"
#include "sandbox/base/cleanup.h"

#include <assert.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static int (*const jobs[])(struct layer_answer *, const struct layer_request *, struct error *) = {
	[LAYER_BLOB] = blob_run,   [LAYER_SPOOL] = spool_run,     [LAYER_UNPACK] = unpack_run,
	[LAYER_HASH] = hash_run,   [LAYER_VERIFY] = verify_run,   [LAYER_SAVE] = save_run,
	[LAYER_PACK] = pack_run,   [LAYER_CHANGES] = changes_run, [LAYER_FETCH] = fetch_run,
	[LAYER_PLACE] = place_run,
};
static_assert(ARRAY_SIZE(jobs) == LAYER_MODES, "a job for every mode");

/* What opens files of the machine, while that is still possible: libcrypto looks for its modules,
 * and libarchive reads names in the locale's encoding. */
static void warm_up(void)
{
	signal(SIGPIPE, SIG_IGN); /* who reads what is written may go: that is an error, no death */
	signal(SIGXFSZ, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	digest_free(digest_new());
}

static int work(struct layer_answer *answer, const struct layer_request *request, struct error *err)
{
	if (request->mode >= ARRAY_SIZE(jobs))
		return error_set(err, 0, "the engine and its helper are of different builds");
	warm_up();
	if (confine(request, err) < 0)
		return -1;
	return jobs[request->mode](answer, request, err);
}

int main(void)
{
	struct layer_request request;
	struct layer_answer answer = {};

	if (recv(LAYER_FD_TALK, &request, sizeof request, 0) != (ssize_t)sizeof request) {
		fputs("layer: a helper of cordon, not a command\n", stderr);
		return EXIT_ENGINE;
	}
	answer.result = work(&answer, &request, &answer.error);
	if (send(LAYER_FD_TALK, &answer, sizeof answer, MSG_NOSIGNAL) != (ssize_t)sizeof answer)
		return EXIT_ENGINE;
	return 0;
}
