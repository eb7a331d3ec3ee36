/*
 * device: /dev of a container: a small tmpfs with the host's harmless devices bound in, its own
 * devpts, and the container's terminal.
 *
 * Devices are bound by descriptors opened on the host and checked by number (char 1:3 is
 * /dev/null), never by a name inside the image (CVE-2025-31133).
 */
#ifndef CORDON_SANDBOX_DEVICE_H
#define CORDON_SANDBOX_DEVICE_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

enum { DEVICES = 6 };

/* Detached copies of the host's devices: needs no id, and may be done before the maps. */
int device_copy(int ret[DEVICES], struct error *err) __attribute__((warn_unused_result));

/* The folder itself; takes the copies. */
int device_folder(int root, const struct plan_mount *row, int copies[DEVICES], struct error *err)
        __attribute__((warn_unused_result));

/* A row of mount.c. */
int device_pts(int root, const struct plan_mount *row, struct error *err)
        __attribute__((warn_unused_result));

/* The host's /dev/null as an O_PATH descriptor, checked to be the character device 1:3. */
int device_open_null(struct error *err) __attribute__((warn_unused_result));

/* Makes a pty in the container's devpts. ret_master is to be given to the monitor, ret_slave
 * becomes the standard streams. Both are checked to be devpts files (CVE-2025-52565). */
int device_terminal(int *ret_master, int *ret_slave, int root, const struct plan_process *process,
                    struct error *err) __attribute__((warn_unused_result));

/* Binds the terminal's slave over /dev/console, by descriptors. */
int device_console(int root, int slave, struct error *err) __attribute__((warn_unused_result));

#endif
