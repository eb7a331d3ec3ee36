/*
 * watch: tells whoever watches how far a helper is, ten times a second, while it is waited for.
 */
#ifndef CORDON_IMAGE_WATCH_H
#define CORDON_IMAGE_WATCH_H

#include "runtime/image/helper.h"
#include "runtime/image/image.h"

/* What a helper does, as it is told. */
struct watched {
	const struct image_watch *watch; /* NULL: nobody watches, and there is nothing to be told */
	enum image_news_kind kind;       /* LAYER_READING and the like */
	const char *name;                /* a blob's hex, or a word */
	uint64_t total;                  /* bytes; 0: it may say so itself */
};

void watch_begin(const struct watched *watched);
void watch_end(const struct watched *watched);
/* How far it is by now. */
void watch_look(const struct watched *watched, const struct helper *helper);
/* Waits a tenth of a second for its end, or for an interruption. */
bool watch_wait(const struct helper *helper);

/* helper_run, watched. */
int watch_run(struct layer_answer *ret, const struct host *host, struct helper_call *call,
              const struct watched *watched, struct error *err) __attribute__((warn_unused_result));

/* Bytes of a file from where it is read next; 0 of what is none. */
uint64_t watch_left(int fd);

#endif
