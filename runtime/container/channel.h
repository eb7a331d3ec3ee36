/*
 * channel: what a monitor and its clients (run -t, attach, exec -t) say to each other over a
 * SOCK_SEQPACKET socket: one byte of kind, then bytes.
 *
 * The socket of an `attach` is run/ID/attach: a path (nothing abstract, which any container with
 * the host's network could reach), mode 0600 in a 0700 folder, and the peer's uid is checked.
 */
#ifndef CORDON_CONTAINER_CHANNEL_H
#define CORDON_CONTAINER_CHANNEL_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum channel_kind {
	CHANNEL_INPUT = 'i',     /* client: bytes for standard input */
	CHANNEL_INPUT_END = 'e', /* client: end of file */
	CHANNEL_SIZE = 's',      /* client: uint16_t rows, columns */
	CHANNEL_STDOUT = 'o',    /* monitor */
	CHANNEL_STDERR = 'r',    /* monitor */
	CHANNEL_EXIT = 'x',      /* monitor: one byte, the exit status; the last packet */
};

enum { CHANNEL_BYTES = 16384 };

struct packet {
	char kind;
	char bytes[CHANNEL_BYTES];
};

enum channel_result {
	CHANNEL_GONE, /* the other side is */
	CHANNEL_FULL, /* it does not read; nothing was sent */
	CHANNEL_SENT,
};

/* Blocks only with `patient`. length is at most CHANNEL_BYTES. */
enum channel_result channel_send(int fd, enum channel_kind kind, const void *bytes, size_t length,
                                 bool patient);
/* Number of bytes behind the kind, -1 at the end. Blocks. */
long channel_receive(int fd, struct packet *ret);

int channel_listen(const char *run, const char *id, struct error *err)
        __attribute__((warn_unused_result));
int channel_connect(const char *run, const char *id, struct error *err)
        __attribute__((warn_unused_result));
/* Accepts only the same user. -1: nobody. */
int channel_accept(int listener);
/* Whether a monitor listens. */
bool channel_is_there(const char *run, const char *id);
void channel_remove(const char *run, const char *id);

#endif
