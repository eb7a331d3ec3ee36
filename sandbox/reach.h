/*
 * reach: what a running container sees as its root, to copy from and to.
 *
 * A child enters the container's user and mount namespace, where it runs nothing of the container
 * and opens nothing but "/", and hands over a detached copy of all that is mounted there: of this
 * moment, and nobody's but the caller's. It is never dumpable in there.
 */
#ifndef CORDON_SANDBOX_REACH_H
#define CORDON_SANDBOX_REACH_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* pidfd: of a process of the container. Devices and set-user-ID bits mean nothing in the copy, and
 * nothing in it is executed. Returns a descriptor of its root, an O_PATH one; to keep it open is to
 * keep it mounted. */
int sandbox_reach(int pidfd, bool read_only, struct error *err) __attribute__((warn_unused_result));

#endif
