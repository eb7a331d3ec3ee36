/* relay_parts: what the loop (relay.c) is made of: the way out and the way in. */
#ifndef CORDON_CONTAINER_RELAY_PARTS_H
#define CORDON_CONTAINER_RELAY_PARTS_H

#include "runtime/container/relay.h"

/* Passes the next signal on. */
void relay_take_signal(struct relay *relay);

/* Calls `speaks` or `settled`, once. */
void relay_tell(struct relay *relay, bool (**event)(void *context));

/* ---- the way out (relay_output.c) ---- */

/* One read of an output, to everyone; how much came. */
size_t relay_take_output(struct relay *relay, int stream);
/* Sends clients what they owe; with patience those who do not take it are dropped. True when
 * nobody owes any more. */
bool relay_pay(struct relay *relay, bool patient);
bool relay_is_owed(const struct relay *relay);
void relay_close_output(struct relay *relay, int stream);
void relay_drop_client(struct relay_client *client);

/* ---- the way in (relay_input.c) ---- */

/* Writes as much of the pending input as the container takes. */
void relay_deliver(struct relay *relay);
void relay_take_own_input(struct relay *relay);
void relay_take_client(struct relay *relay, struct relay_client *client);
void relay_close_input(struct relay *relay);

#endif
