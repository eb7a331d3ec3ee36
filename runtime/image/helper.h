/*
 * helper: runs libexec/cordon/layer for one job (layer/protocol.h) and brings its answer home.
 *
 * The helper is born in a user namespace (sandbox_run_mapped) with four descriptors, an empty
 * environment and no argument; what it does to itself before it reads a byte is layer/confine.h.
 */
#ifndef CORDON_IMAGE_HELPER_H
#define CORDON_IMAGE_HELPER_H

#include "runtime/image/layer/protocol.h"
#include "runtime/store/paths.h"
#include "sandbox/host.h"

struct helper_call {
	const char *program; /* absolute */
	enum layer_mode mode;
	int input;
	int folder;
	int listing; /* LAYER_SPOOL; -1 */
	uint64_t limit;
	const struct plan_id_maps *maps;
	bool squash;
};

/* 0 with the answer where the helper succeeded; -1 with its error, or that it died. */
int helper_run(struct layer_answer *ret, const struct host *host, const struct helper_call *call,
               struct error *err) __attribute__((warn_unused_result));

#endif
