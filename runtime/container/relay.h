/*
 * relay: carries the standard streams of a container's process between it, the log, our own
 * standard streams and the clients that are attached, until the process ends.
 *
 * One process, one poll loop, no descriptor that blocks for ever: output that a client does not
 * read stops the container as a full pipe would, but not the loop, which goes on to take signals
 * and sees the end. Input is taken from anyone only when the last was delivered.
 */
#ifndef CORDON_CONTAINER_RELAY_H
#define CORDON_CONTAINER_RELAY_H

#include "runtime/container/channel.h"
#include "runtime/container/log.h"
#include "sandbox/spawn.h"

enum {
	RELAY_CLIENTS = 8,
	RELAY_BUFFER = 65536,
	RELAY_PATIENCE_MS = 1000, /* for a client that does not read, once the process is gone */
};

struct relay_client {
	int fd;    /* -1: a free place */
	bool owes; /* the last output is still to be sent to it */
};

struct relay {
	/* filled by the caller; relay_init gives the defaults */
	int process;            /* pidfd of our child */
	int terminal;           /* its terminal, in place of the pipes; -1 */
	int outputs[2];         /* read ends of its standard output and error */
	int input;              /* write end of its standard input, -1 for none */
	int own_input;          /* what is passed on to it of our own: STDIN_FILENO or -1 */
	bool own_output;        /* output also goes to our standard output and error */
	int own_failure;        /* errno of the first of it that could not be written; 0: none */
	struct log_writer *log; /* NULL for none */
	int signals;            /* from signals_open: passed on to the process */
	int listener;           /* where clients come from, -1 */
	struct relay_client clients[RELAY_CLIENTS];
	/* Called once each, or NULL: before the first output is passed on, and when the process
	 * has lived for a moment. False: it shall not live any longer. */
	bool (*speaks)(void *context);
	bool (*settled)(void *context);
	void *context;
	/* Called first, and each time nothing has happened for a second, or NULL. */
	void (*quiet)(struct relay *relay);

	/* the loop's own */
	unsigned interrupts; /* how often ctrl-c was passed on */
	bool stirred;        /* something happened since it was quiet */
	bool input_ended;    /* close it when all was delivered */
	size_t pending, delivered;
	char typed[CHANNEL_BYTES]; /* input between `delivered` and `pending` */
	size_t said_length;
	enum channel_kind said_kind;
	char said[RELAY_BUFFER]; /* output that clients owe */
};

void relay_init(struct relay *ret);

/* The streams of a process that is to be started: fills `relay` with our ends and `theirs` with
 * the others, which relay_close_theirs closes when they were handed over. */
int relay_pipes(struct relay *relay, struct sandbox_streams *theirs, bool interactive,
                struct error *err) __attribute__((warn_unused_result));
void relay_close_theirs(struct sandbox_streams *theirs);

/* Takes the place of the pipes. */
void relay_set_terminal(struct relay *relay, int terminal, bool interactive);

/* Until the process ends; reaps it. Returns its status as a shell has it: 0..255, 128 + signal. */
int relay_run(struct relay *relay);

/* Says on standard error what of the output was lost, but for nobody's reading it (a pipe's or a
 * terminal's end). Returns the status, EXIT_ENGINE in place of a success that was not one. */
int relay_report(const struct relay *relay, int status);

/* Tells clients the end and closes everything but `process`, `log` and our own streams. */
void relay_finish(struct relay *relay, int status);

#endif
