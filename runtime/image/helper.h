/*
 * helper: runs libexec/cordon/layer for one job (layer/protocol.h) and brings its answer home.
 *
 * The helper is born in a user namespace (sandbox_task_start) with its descriptors, an empty
 * environment and no argument; what it does to itself before it reads a byte is layer/confine.h.
 */
#ifndef CORDON_IMAGE_HELPER_H
#define CORDON_IMAGE_HELPER_H

#include "runtime/image/layer/protocol.h"
#include "runtime/store/paths.h"
#include "sandbox/host.h"
#include "sandbox/spawn.h"

#include <signal.h>

struct helper_call {
	const char *program; /* absolute */
	enum layer_mode mode;
	int input;
	int folder; /* -1 with open_folder */
	/* Where the helper may only read: opens the folder, and makes it so, in the helper's own
	 * mount namespace. */
	int (*open_folder)(void *context, struct error *err);
	/* LAYER_CHANGES: the folder below; NULL for the others. */
	int (*open_lower)(void *context, struct error *err);
	void *context;
	bool marks;  /* LAYER_PACK */
	int listing; /* LAYER_SPOOL, LAYER_HASH, LAYER_CHANGES; -1 */
	int keep;    /* LAYER_UNPACK; -1 */
	int output;  /* LAYER_SAVE, LAYER_PACK, LAYER_FETCH; 0: none */
	int order;   /* LAYER_FETCH, LAYER_PLACE; 0: none */
	uint64_t limit;
	const struct plan_id_maps *maps;
	bool squash;
	bool repack; /* LAYER_BLOB */
	bool tally;  /* somebody wants to know how far it is */
};

/* One that is at work. */
struct helper {
	struct sandbox_task task; /* its pidfd says when it has ended */
	int talk;
	const struct layer_tally *tally; /* NULL: not asked for */
};

/* What `call` refers to is the helper's own when this returns. */
int helper_start(struct helper *ret, const struct host *host, const struct helper_call *call,
                 struct error *err) __attribute__((warn_unused_result));
/* Signals that end the wait for a helper where the caller has them blocked; they stay pending. */
sigset_t helper_interruptions(void);
/* Whether it has ended, or there is such a signal; -1: waits until then. */
bool helper_wait(const struct helper *helper, int timeout_ms) __attribute__((warn_unused_result));
/* Waits. 0 with the answer where the helper succeeded; -1 with its error, or that it died, or was
 * ended because of such a signal. */
int helper_finish(struct layer_answer *ret, struct helper *helper, struct error *err)
        __attribute__((warn_unused_result));
/* The same for one that ends by itself, whatever signals there are. */
int helper_await(struct layer_answer *ret, struct helper *helper, struct error *err)
        __attribute__((warn_unused_result));
void helper_kill(struct helper *helper);

/* Both at once. */
int helper_run(struct layer_answer *ret, const struct host *host, const struct helper_call *call,
               struct error *err) __attribute__((warn_unused_result));

/* open_folder for a folder of the machine: a mount of it that is read-only. context: its absolute
 * path. */
int helper_open_to_read(void *path, struct error *err);

#endif
