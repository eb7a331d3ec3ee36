/* confirm: the question before something is taken away for good. */
#ifndef CORDON_CLI_CONFIRM_H
#define CORDON_CLI_CONFIRM_H

#include "sandbox/base/error.h"

/* Prints the warning and asks, as Docker does: 0 where the answer is y; else an error, that `what`
 * has been cancelled. No terminal and no answer is no. */
int confirm(const char *warning, const char *what, struct error *err)
        __attribute__((warn_unused_result));

#endif
