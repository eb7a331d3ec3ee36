#include "runtime/image/layer/order.h"

#include <string.h>
#include <unistd.h>

int order_read(struct layer_order *ret, struct error *err)
{
	if (read(LAYER_FD_ORDER, ret, sizeof *ret) != (ssize_t)sizeof *ret ||
	    memchr(ret->path, '\0', sizeof ret->path) == NULL ||
	    memchr(ret->name, '\0', sizeof ret->name) == NULL)
		return error_set(err, 0, "the engine and its helper are of different builds");
	return 0;
}
