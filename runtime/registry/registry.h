/*
 * registry: a connection to a repository of a registry, through the helper libexec/cordon/registry
 * (registry/client), which is the only program of cordon that speaks to strangers. The engine never
 * parses what comes over the network before a helper has verified or judged it: documents come back
 * as bytes, layers go past it through pipes.
 *
 * The helper is a child; it ends when the engine closes its side, and is killed with it.
 */
#ifndef CORDON_REGISTRY_REGISTRY_H
#define CORDON_REGISTRY_REGISTRY_H

#include "runtime/registry/protocol.h"
#include "runtime/store/paths.h"
#include "sandbox/base/text.h"

#include <sys/types.h>

struct registry {
	pid_t pid;
	int talk; /* readable: registry_hear has something */
	uint32_t asked;
};

/* Where to, and as whom: `setup` may be wiped afterwards. The helper gets ready meanwhile; if it
 * cannot, the first question says so. */
int registry_open(struct registry *ret, const struct registry_setup *setup,
                  const struct paths *paths, int certificates, struct error *err)
        __attribute__((warn_unused_result));
void registry_close(struct registry *registry);
/* The two halves of it. The pid of who is going, which is worth some work meanwhile (a process
 * takes milliseconds to be taken apart); 0: nobody. */
pid_t registry_dismiss(struct registry *registry) __attribute__((warn_unused_result));
void registry_reap(pid_t pid);

/* Asks; fills question->number. `body` is lent for the call (the helper gets its own); -1: none. */
int registry_ask(struct registry *registry, struct registry_question *question, int body,
                 struct error *err) __attribute__((warn_unused_result));
/* The next word of the helper, waited for. Where it has died, -1. */
int registry_hear(struct registry_answer *ret, struct registry *registry, struct error *err)
        __attribute__((warn_unused_result));

/* ---- one question at a time ---- */

/* Asks and waits for the end; 1, 0 where the registry has no such thing, -1. */
int registry_settle(struct registry_answer *ret, struct registry *registry,
                    struct registry_question *question, int body, struct error *err)
        __attribute__((warn_unused_result));
/* Appends a document of at most question->size bytes. 1, 0, -1. */
int registry_read(struct text *ret, struct registry_answer *answer, struct registry *registry,
                  struct registry_question *question, struct error *err)
        __attribute__((warn_unused_result));

/* What is done with each page of a list. */
struct registry_pages {
	const char *what; /* "tags": the list is one of them */
	int most;         /* pages; more are an error */
	int (*take)(void *context, const struct text *page, struct error *err);
	void *context;
};
/* A list, in pages of at most question->size bytes, each of which says where the next is. 1; 0
 * where there is no such list; -1. */
int registry_read_pages(struct registry *registry, struct registry_question *question,
                        const struct registry_pages *pages, struct error *err)
        __attribute__((warn_unused_result));

#endif
