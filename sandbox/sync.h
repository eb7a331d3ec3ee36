/*
 * sync: what parent and child say to each other.
 *
 * A socket pair (the gate): the child sends GATE_APART when it has all its namespaces; the parent
 * sends GATE_MAPPED when the id maps are written and GATE_GO when the command may start; the child
 * sends one terminal descriptor (SCM_RIGHTS) where there is one. A close-on-exec pipe (the report):
 * the child writes struct report; end of file means that execve(2) happened. If the parent dies the
 * gate hangs up, and a waiting child exits.
 */
#ifndef CORDON_SANDBOX_SYNC_H
#define CORDON_SANDBOX_SYNC_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum gate_signal {
	GATE_APART = 'a',
	GATE_MAPPED = 'm',
	GATE_GO = 'g',
};

enum report_kind {
	REPORT_FAILURE, /* the child is about to exit: error */
	REPORT_NOTES,   /* notes, in error.text: what was skipped as if_available */
	REPORT_RESULT,  /* work in a mapped namespace: its positive result, in error.number */
	REPORT_PID,     /* join: pid of the process that will execute, in error.number */
};

/* Smaller than PIPE_BUF (4096), so one write is atomic. */
struct report {
	enum report_kind kind;
	struct error error;
};

/* parent[0], child[0]: the gate; parent[1], child[1]: the report pipe. */
struct sync {
	int gate_parent, gate_child;
	int report_parent, report_child;
};

int sync_open(struct sync *ret, struct error *err) __attribute__((warn_unused_result));
void sync_close_child(struct sync *sync);
void sync_close_parent(struct sync *sync);

/* Waits for one signal; -1 for anything else (the other one died), in the child's words. */
int sync_wait(int gate, enum gate_signal signal, struct error *err)
        __attribute__((warn_unused_result));
int sync_signal(int gate, enum gate_signal signal);
/* Child: false when the parent is gone. */
bool sync_parent_alive(int gate);

int sync_send_descriptor(int gate, int fd, struct error *err) __attribute__((warn_unused_result));
/* -1 with errno: no descriptor came (the child failed; its report says why). */
int sync_receive_descriptor(int gate);

void sync_report(int report, enum report_kind kind, const struct error *error);
/* 1: a report, 0: end of file. */
int sync_read_report(struct report *ret, int report);

#endif
