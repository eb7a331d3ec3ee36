/*
 * order: what is to be copied, as the engine says it (protocol.h, LAYER_FD_ORDER).
 */
#ifndef CORDON_IMAGE_LAYER_ORDER_H
#define CORDON_IMAGE_LAYER_ORDER_H

#include "runtime/image/layer/protocol.h"

int order_read(struct layer_order *ret, struct error *err) __attribute__((warn_unused_result));

#endif
