/*
 * channel: what a monitor and its clients (run -t, attach, exec -t's own loop) say to each other
 * over a SOCK_SEQPACKET socket: one byte of kind, then bytes.
 */
#ifndef CORDON_CONTAINER_CHANNEL_H
#define CORDON_CONTAINER_CHANNEL_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum channel_kind {
	CHANNEL_INPUT = 'i',     /* client: bytes for standard input */
	CHANNEL_INPUT_END = 'e', /* client: end of file */
	CHANNEL_SIZE = 's',      /* client: uint16_t rows, columns */
	CHANNEL_SIGNAL = 'k',    /* client: one byte, a signal to pass on */
	CHANNEL_STDOUT = 'o',    /* monitor */
	CHANNEL_STDERR = 'r',    /* monitor */
	CHANNEL_EXIT = 'x',      /* monitor: one byte, the exit status; the last packet */
};

enum { CHANNEL_BYTES = 16384 };

struct packet {
	char kind;
	char bytes[CHANNEL_BYTES];
};

/* False when the other side is gone. Blocks when it is slow, unless `patient` is false: then a
 * client that does not read is dropped. */
bool channel_send(int fd, enum channel_kind kind, const void *bytes, size_t length, bool patient);
/* Number of bytes behind the kind, -1 at the end. */
long channel_receive(int fd, struct packet *ret);

/* A listening socket run/ID/attach, mode 0600 in a 0700 folder; and a connection to it. */
int channel_listen(const char *run, const char *id, struct error *err)
        __attribute__((warn_unused_result));
int channel_connect(const char *run, const char *id, struct error *err)
        __attribute__((warn_unused_result));
/* Accepts only the same user (SO_PEERCRED). -1: nobody. */
int channel_accept(int listener);
void channel_remove(const char *run, const char *id);

#endif
