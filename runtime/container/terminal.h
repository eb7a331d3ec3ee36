/* terminal: the caller's own terminal: raw while a container has it, as it was on every way out. */
#ifndef CORDON_CONTAINER_TERMINAL_H
#define CORDON_CONTAINER_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	struct termios before;
	bool changed;
};

/* Makes standard input raw, if it is a terminal. The caller undoes it by terminal_restore; signals
 * that would end the process must be blocked and waited for. */
void terminal_raw(struct terminal *ret);
void terminal_restore(struct terminal *terminal);

#define _cleanup_terminal __attribute__((cleanup(terminal_restore)))

#endif
