/*
 * terminal: the caller's side of a container's terminal or streams: raw mode, window size, detach
 * keys, and the terminal as it was on every way out.
 */
#ifndef CORDON_CONTAINER_TERMINAL_H
#define CORDON_CONTAINER_TERMINAL_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Docker's notation: "ctrl-p,ctrl-q", single characters, "" for none. */
struct detach_keys {
	unsigned char keys[16];
	size_t count;
};
int terminal_parse_keys(struct detach_keys *ret, const char *text, struct error *err)
        __attribute__((warn_unused_result));

/* Looks for the keys in what is typed. Bytes to pass on go to `out` (room for `length` + 16); true:
 * the whole sequence was typed. *matched is kept from call to call. */
bool terminal_match(const struct detach_keys *keys, size_t *matched, const char *typed,
                    size_t length, char *out, size_t *out_length);

/* A client of a monitor's channel until the container ends (its exit status) or the person detaches
 * (0). */
int terminal_attach(int channel, bool terminal, bool interactive, const char *detach_keys,
                    struct error *err) __attribute__((warn_unused_result));

/* Raw mode on our standard input, if it is a terminal; terminal_restore undoes it (also at exit on
 * a signal). */
bool terminal_raw(void);
void terminal_restore(void);

#endif
