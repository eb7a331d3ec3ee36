/*
 * bus: as much of D-Bus as one call takes: a connection to a peer (no bus, so no names and no
 * Hello), a method call, and the messages that come back.
 *
 * After the D-Bus specification, "Message Protocol" and "Authentication Protocol". Numbers are in
 * the machine's own order, which a message names in its first byte; everything is aligned to its
 * size, counted from the start of the message.
 */
#ifndef CORDON_CONTAINER_BUS_H
#define CORDON_CONTAINER_BUS_H

#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <sys/types.h>

/* The types of messages, as they are on the wire. */
enum bus_type { BUS_CALL = 1, BUS_RETURN = 2, BUS_ERROR = 3, BUS_SIGNAL = 4 };

struct bus_call {
	const char *destination, *path, *interface, *member;
	const char *signature; /* of the body */
	struct text body;      /* written by bus_put_* */
};

/* One message that came. The strings point into `bytes`; "" where there is none. */
struct bus_message {
	struct text bytes;
	enum bus_type type;
	uint32_t reply_to; /* a call's number; ours is always 1 */
	const char *member, *error_name;
	size_t body; /* where it begins */
};

void bus_message_done(struct bus_message *message);
#define _cleanup_message __attribute__((cleanup(bus_message_done)))

/* Connects to the socket at `path` as this user. Returns a descriptor whose reads end after some
 * seconds. On failure err->number is connect(2)'s. `listener` is who listens there. */
int bus_connect(pid_t *listener, const char *path, struct error *err)
        __attribute__((warn_unused_result));

/* Sends the call, with number 1. */
int bus_send(int fd, const struct bus_call *call, struct error *err)
        __attribute__((warn_unused_result));

/* Waits for the next message. */
int bus_receive(struct bus_message *ret, int fd, struct error *err)
        __attribute__((warn_unused_result));

/* ---- values ---- */

void bus_put_number(struct text *body, uint32_t number); /* "u", and "b" */
void bus_put_string(struct text *body, const char *string);
void bus_put_signature(struct text *body, const char *signature);
void bus_align(struct text *body, size_t to);

/* An array: what is put between the two. `alignment` is that of its elements (8 for structs). */
size_t bus_open_array(struct text *body, size_t alignment);
void bus_close_array(struct text *body, size_t opened, size_t alignment);

/* The value at *at, which moves behind it; false, or NULL, where there is none. */
bool bus_get_number(uint32_t *ret, const struct text *bytes, size_t *at);
const char *bus_get_string(const struct text *bytes, size_t *at);

#endif
