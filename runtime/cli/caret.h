/*
 * caret: a line of a source, and below it a caret where something is.
 */
#ifndef CORDON_CLI_CARET_H
#define CORDON_CLI_CARET_H

#include "sandbox/base/text.h"

/* column: from 1, in bytes. A long line is shown around it. Appends nothing where the line is
 * shorter than that. */
void caret_append(struct text *ret, const char *line, unsigned column);

#endif
