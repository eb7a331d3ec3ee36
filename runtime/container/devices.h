/*
 * devices: --device as a row of a plan.
 *
 * Nobody without privileges makes device nodes, and a rootless container has no device cgroup: so
 * the host's own node is bound into the container, and what it lets through is what it lets the
 * user through outside (Podman does the same). A device that the user may not open is refused here:
 * inside it would be a file that cannot be used. A narrower permission than reading and writing
 * could not be kept, and is refused for that.
 */
#ifndef CORDON_CONTAINER_DEVICES_H
#define CORDON_CONTAINER_DEVICES_H

#include "runtime/container/launch.h"

/* "HOST[:CONTAINER[:PERMISSIONS]]", as "/dev/fuse", "/dev/ttyUSB0:/dev/modem:rw". */
int device_row(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
        __attribute__((warn_unused_result));

#endif
