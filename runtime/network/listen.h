/*
 * listen: whether the host's ports can be published, found out by binding them before pasta does:
 * the kernel's own reason is better than pasta's.
 */
#ifndef CORDON_NETWORK_LISTEN_H
#define CORDON_NETWORK_LISTEN_H

#include "runtime/network/network.h"

/* Ports with host 0 get a free one. An error names the port that cannot be had, also one that was
 * named twice. */
int listen_check(struct network_port *ports, size_t count, struct error *err)
        __attribute__((warn_unused_result));

#endif
