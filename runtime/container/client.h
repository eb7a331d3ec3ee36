/*
 * client: the caller's side of a container that has a monitor of its own: what is typed goes there,
 * what it says comes here, the window's size follows, and certain keys leave it running.
 */
#ifndef CORDON_CONTAINER_CLIENT_H
#define CORDON_CONTAINER_CLIENT_H

#include "sandbox/base/error.h"

#include <stdbool.h>

struct client_request {
	int channel;             /* to the monitor; the caller closes it */
	int process;             /* pidfd that signals are passed to, -1: none are */
	bool terminal;           /* the container has one */
	bool interactive;        /* our standard input is passed on */
	const char *detach_keys; /* only looked for with a terminal */
	bool hangs_up; /* a closed terminal ends the process by SIGHUP, as nobody can come back */
};

/* Stays until the process ends (its exit status), or the person detaches (0) or closes the terminal
 * (128 + SIGHUP). */
int client_run(const struct client_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
