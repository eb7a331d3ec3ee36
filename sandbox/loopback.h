/*
 * loopback: the container's own loopback interface, and the wall before the host's. See loopback.c.
 */
#ifndef CORDON_SANDBOX_LOOPBACK_H
#define CORDON_SANDBOX_LOOPBACK_H

#include "sandbox/base/error.h"

/* Brings up "lo" of this network namespace. */
int loopback_raise(struct error *err) __attribute__((warn_unused_result));

/* Nothing leaves for a loopback address through the interfaces that are there now, so: when the
 * network is connected, and while CAP_NET_ADMIN is effective. */
int loopback_close_hosts(struct error *err) __attribute__((warn_unused_result));

#endif
