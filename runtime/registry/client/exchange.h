/*
 * exchange: one question of the engine, from first to last: addressed, authenticated, tried again,
 * carried on where it broke off, answered.
 *
 *	ask --> 401 --> token --> ask			once or twice
 *	ask --> broken, 429, 5xx --> wait --> ask	a bounded number of times; a blob goes on
 *							behind the bytes that arrived
 *	ask --> 202 --> send				of a blob that is pushed
 */
#ifndef CORDON_REGISTRY_CLIENT_EXCHANGE_H
#define CORDON_REGISTRY_CLIENT_EXCHANGE_H

#include "runtime/registry/client/http.h"
#include "runtime/registry/protocol.h"

enum { EXCHANGES = 16 };

enum exchange_stage { STAGE_ASK, STAGE_TOKEN, STAGE_SEND };

struct exchange {
	bool active;
	struct registry_question question;
	int body; /* the engine's descriptor; -1 */
	struct arena arena;
	struct http_call call;
	enum exchange_stage stage;
	const char *upload;  /* where STAGE_SEND puts the blob */
	unsigned generation; /* of the authorization it was asked with */
	unsigned challenges, failures, attempts;
	uint64_t delivered; /* by earlier attempts */
	bool whole;    /* it gives no part of a body (416): all of it, and pass over what was */
	uint64_t wake; /* io_now() time of the next attempt; 0: it is under way */
	uint64_t told; /* when progress was last told */
};

struct client {
	const struct registry_setup *setup;
	struct http *http;
	bool plain;     /* HTTP: the registry does not speak TLS, and is known as insecure */
	bool tls_tried; /* in vain, or it is being tried */
	bool settled;   /* it has answered: the scheme stays */
	struct text authorization; /* a header's value; empty until one was asked for */
	unsigned generation;       /* counts the changes of it */
	struct exchange exchanges[EXCHANGES];
};

/* body: NULL's place is -1; it is the exchange's from here on. */
void exchange_begin(struct client *client, const struct registry_question *question, int body);
/* Its call has ended, or its time has come. */
void exchange_advance(struct client *client, struct exchange *exchange);
void exchange_wake(struct client *client, struct exchange *exchange);
/* Tells the engine how far it is, ten times a second at most. */
void exchange_tell(struct exchange *exchange);

/* ---- scheme.c ---- */

/* A registry of this machine is asked in the clear first: nobody is in between, and what goes out
 * is nobody's secret before it has answered. */
bool exchange_plain_first(const struct registry_setup *setup);
/* Its call has ended. Whether an insecure registry is to be asked the same by the other scheme,
 * which is the client's from here on. */
bool exchange_turn_scheme(struct client *client, const struct exchange *exchange);

/* ---- reason.c ---- */

/* Why an answer is no success. */
void exchange_explain(struct error *ret, const struct client *client, struct exchange *exchange);

/* ---- token.c ---- */

/* After a 401: finds out what the registry wants. 1: `client` has it, ask again; 2: the exchange's
 * call for a token is under way; -1: no way in. */
int token_answer_challenge(struct client *client, struct exchange *exchange, struct error *err)
        __attribute__((warn_unused_result));
/* The call for a token has ended well. */
int token_take(struct client *client, struct exchange *exchange, struct error *err)
        __attribute__((warn_unused_result));

#endif
