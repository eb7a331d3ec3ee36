/*
 * call_text: a call written for people: "clone(flags=0x10000000 CLONE_NEWUSER)".
 */
#ifndef CORDON_POLICY_CALL_TEXT_H
#define CORDON_POLICY_CALL_TEXT_H

#include "policy/decision.h"

/* The name of the call, or its number; with its architecture where that is not `usual`; and its
 * arguments that are not 0, by their names and constants where the tables know them. */
void call_text(struct text *ret, const struct call_sample *sample, uint32_t usual);
/* "allow", "errno EPERM", of a value that seccomp gets. */
void action_text(struct text *ret, uint32_t action);

#endif
