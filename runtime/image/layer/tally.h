/*
 * tally: the page in which the engine sees how far a job is. The job writes it and never reads it;
 * what is in it is shown to people and nothing else.
 */
#ifndef CORDON_IMAGE_LAYER_TALLY_H
#define CORDON_IMAGE_LAYER_TALLY_H

#include "runtime/image/layer/protocol.h"

/* LAYER_FD_TALLY; NULL where nobody looks, which the others take, too. */
struct layer_tally *tally_open(bool wanted);
void tally_close(struct layer_tally *tally);

void tally_add(struct layer_tally *tally, uint64_t bytes);
/* How many bytes there will be. */
void tally_expect(struct layer_tally *tally, uint64_t bytes);

#endif
